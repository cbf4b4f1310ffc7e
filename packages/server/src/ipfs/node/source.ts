import type { Cid } from '../cid.ts'

/** Somebody who may have blocks: a peer, or a gateway. What it answers goes to the `Exchange`. */
export interface Source {
  /** A peer id or a URL. */
  readonly name: string
  /** Whether it tells what it has without sending it. */
  readonly tellsHaves: boolean
  /** When something came from it last, by the monotonic clock. */
  readonly lastActiveAt: number
  /** How many more blocks it may be asked for now. */
  room(): number
  /** Asks for a block, or only whether it is there. Never throws: what goes wrong is told as "has it not". */
  ask(cid: Cid, key: string, kind: 'have' | 'block'): void
  /** The answer is not waited for any more. */
  cancel(cid: Cid, key: string): void
}
