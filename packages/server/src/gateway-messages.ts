import type { OutcomeCode } from '@pinyon/contract/errors.ts'
import type { Counted } from './analytics/traffic-counts.ts'
import type { Egress } from './egress/record-egress.ts'
import type { Config } from './config/config.ts'
import type { Notice } from './db/notices.ts'
import type { Increment } from './lib/metrics-increments.ts'
import type { OpenBlock, OpenWish } from './open-mode/open-blocks.ts'
import type { Pair } from './tls/certificates.ts'

/** A link as far as its uses are counted. */
interface CountedLink {
  readonly id: string
  readonly max_uses: number | null
}

/** What a process of the gateway has to know to begin. */
export interface GatewayStart {
  readonly kind: 'start'
  /** Which of them it is, for the log. */
  readonly number: number
  /** Settings, without those that are secret. */
  readonly config: Omit<Config, 'database' | 'setupToken'>
  readonly database:
    | { readonly kind: 'sqlite'; readonly file: string }
    | { readonly kind: 'postgres'; readonly url: string }
  /** What the listener shows over TLS; undefined without. */
  readonly pair: Pair | undefined
}

/** What the main process tells a process of the gateway. `listen` comes with the listening socket. */
export type ToGateway =
  | GatewayStart
  | { readonly kind: 'listen' }
  | { readonly kind: 'pair'; readonly pair: Pair }
  | { readonly kind: 'notice'; readonly notice: Notice | 'missed' }
  /** Answers `count-link`; `refused` when it may not be used. */
  | { readonly kind: 'counted'; readonly ask: number; readonly refused?: { code: OutcomeCode; message: string } }
  /** Answers `open-block`: with the block, with nothing, or with why not. */
  | {
      readonly kind: 'opened-block'
      readonly ask: number
      readonly block?: OpenBlock | undefined
      readonly refused?: {
        readonly code: OutcomeCode
        readonly message: string
        readonly retryAfterSeconds: number | undefined
      }
    }
  /** Answers `find-record`; without a record there is none. */
  | { readonly kind: 'found-record'; readonly ask: number; readonly record?: Uint8Array | undefined }
  | { readonly kind: 'drain'; readonly patienceMs: number }

/** What a process of the gateway tells the main process. */
export type FromGateway =
  /** It is open and waits for the socket. */
  | { readonly kind: 'opened' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'report'; readonly report: GatewayReport }
  /** A block is wanted that is not held here; nobody waits for it any more. */
  | { readonly kind: 'open-block'; readonly ask: number; readonly wish: OpenWish }
  | { readonly kind: 'leave-block'; readonly ask: number }
  /** A link with limited uses, or without, is about to be used. */
  | { readonly kind: 'count-link'; readonly ask: number; readonly link: CountedLink; readonly at: number }
  /** The node is in the main process: it is asked for the record of an IPNS name (the multihash of its key). */
  | { readonly kind: 'find-record'; readonly ask: number; readonly multihash: Uint8Array }

/** What happened since the last report. */
export interface GatewayReport {
  readonly increments: readonly Increment[]
  readonly traffic: readonly Counted[]
  /** Bytes whose owner is known. */
  readonly egress: readonly Egress[]
  /** Multihashes of stored blocks that did not match theirs. */
  readonly damaged: readonly Uint8Array[]
}
