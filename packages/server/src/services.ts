import type { AuditWitness } from './accounts/audit-witness.ts'
import type { Refusals } from './accounts/refusals.ts'
import type { SignInFailures } from './accounts/sign-in-failures.ts'
import type { BlobReader, BlobStore } from './blobs/blob-store.ts'
import type { Traffic } from './analytics/traffic.ts'
import type { Config } from './config/config.ts'
import type { Database } from './db/database.ts'
import type { Denials } from './denials/denials.ts'
import type { EgressLimits } from './egress/egress-limits.ts'
import type { EventFeed } from './events/event-feed.ts'
import type { Images } from './images/images.ts'
import type { Names } from './ipfs/names/names.ts'
import type { DialPolicy } from './ipfs/node/dial-policy.ts'
import type { ServedGateways } from './gateways/served-gateways.ts'
import type { IpfsNode } from './ipfs/node/node.ts'
import type { KeyCache } from './keys/key-cache.ts'
import type { KeyRefusals } from './keys/key-refusals.ts'
import type { KeyUses } from './keys/key-uses.ts'
import type { SigningKeys } from './keys/signing-keys.ts'
import type { ValueKey } from './keys/value-key.ts'
import type { AtWork } from './lib/at-work.ts'
import type { Clock } from './lib/clock.ts'
import type { Health } from './lib/health.ts'
import type { Logger } from './lib/log.ts'
import type { Metrics } from './lib/metrics.ts'
import type { LinkBatch } from './links/link-batch.ts'
import type { LinkUses } from './links/link-uses.ts'
import type { OpenBlocks } from './open-mode/open-blocks.ts'
import type { BlocksInFlight } from './pins/blocks-in-flight.ts'
import type { PublicPlaces } from './pins/public-places.ts'
import type { VerifiedBlocks } from './pins/verified-blocks.ts'
import type { WriteFaults } from './pins/write-faults.ts'
import type { QuotaRefusals } from './usage/quota-refusals.ts'
import type { ServerIdentity } from './tls/server-identity.ts'
import type { ActiveUploads } from './uploads/active-uploads.ts'
import type { Reservations } from './usage/reservations.ts'

/**
 * What was opened at start, in order, by `app.ts`. Functions ask for the part they use: `Pick<Services, 'db'>`.
 * Files that define a type named here do not import this one.
 */
export interface Services {
  readonly config: Config
  readonly clock: Clock
  readonly newId: () => string
  readonly log: Logger
  readonly health: Health
  readonly metrics: Metrics
  readonly db: Database
  readonly packs: BlobStore
  /** Content that the operator has taken down; every block that is read or taken in is asked about. */
  readonly denials: Denials
  /** Who has served all the bytes of this month that they may. */
  readonly egressLimits: EgressLimits
  /** Blocks that uploads under way rely on; reclaim leaves them alone. */
  readonly blocksInFlight: BlocksInFlight
  /** Requests that are served at this moment; work in the background steps aside for them. */
  readonly atWork: AtWork
  /** Cache of verified bytes of hot blocks. */
  readonly verifiedBlocks: VerifiedBlocks
  /** What cannot be written at this moment. */
  readonly writeFaults: WriteFaults
  /** Blocks that were found public a moment ago. */
  readonly publicPlaces: PublicPlaces
  /** What the gateway gives that is not held here; undefined unless the operator wants that. */
  readonly openBlocks: OpenBlocks | undefined
  /** Gateways of accounts by their hosts. */
  readonly servedGateways: ServedGateways
  /** Makes other sizes and formats of images. */
  readonly images: Images
  /** The IPFS network, or what stands for it where there is none. */
  readonly node: IpfsNode
  readonly signingKeys: SigningKeys
  /** What the listeners show over TLS; undefined where they speak plain HTTP. */
  readonly identity: ServerIdentity | undefined
  /** Rows of keys looked up lately; told of every change. */
  readonly keyCache: KeyCache
  /** Uses and last uses, counted in memory, written within a second. */
  readonly keyUses: KeyUses
  /** Writes new links, many at once. */
  readonly linkBatch: LinkBatch
  /** Uses of links, counted as those of keys. */
  readonly linkUses: LinkUses
  /** What keys were refused, for whoever looks after them. */
  readonly keyRefusals: KeyRefusals
  /** What this process wrote into the audit log and has not sealed yet. */
  readonly auditWitness: AuditWitness
  /** Refusals of good keys and of sign-ins after too many failures, for the audit log. */
  readonly refusals: Refusals
  /** Failed proofs of a password lately, by account and address. */
  readonly signInFailures: SignInFailures
  /** Room promised to uploads under way. */
  readonly reservations: Reservations
  /** Tells accounts that something was refused for their quota. */
  readonly quotaRefusals: QuotaRefusals
  /** Resumable uploads that this process takes bytes for at this moment. */
  readonly activeUploads: ActiveUploads
  /** Makes the secrets that must be known again later. */
  readonly valueKey: ValueKey
  /** Which addresses may be dialled that users name, but for the IPFS network. */
  readonly dialPolicy: DialPolicy
  /** Looks up what IPNS names and domains lead to. */
  readonly names: Names
  /** Wakes those who follow events. */
  readonly eventFeed: EventFeed
  /** What the gateway served lately, counted in memory. */
  readonly traffic: Traffic
  /** This installation: its id (issuer and audience of JWTs) and where it is reached. */
  readonly installation: { readonly id: string; readonly apiUrl: string; readonly gatewayUrl: string }
}

/**
 * What the gateway uses. Processes that serve it beside the main one have this and nothing else (`open-gateway.ts`): they
 * only read, and tell the main process what is to be written.
 */
export interface GatewayServices extends Pick<
  Services,
  | 'config'
  | 'clock'
  | 'newId'
  | 'log'
  | 'health'
  | 'metrics'
  | 'denials'
  | 'egressLimits'
  | 'atWork'
  | 'verifiedBlocks'
  | 'publicPlaces'
  | 'openBlocks'
  | 'servedGateways'
  | 'signingKeys'
  | 'identity'
  | 'images'
  | 'names'
> {
  readonly db: Pick<Database, 'read'>
  readonly packs: Pick<BlobReader, 'read'>
  readonly linkUses: Pick<LinkUses, 'count'>
  readonly traffic: Pick<Traffic, 'note' | 'noteEgress'>
}
