import type { Failpoint } from '../lib/failpoint.ts'
import type { Secret } from './secret.ts'

/** Host and port to listen on; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** A part of the program that a process may run. */
export type RoleName = 'api' | 'gateway' | 'worker' | 'node'

/** The node on the IPFS network: which, how others reach it, and whom it may dial. */
export interface IpfsSettings {
  readonly kind: 'off' | 'embedded'
  /** `local`: nothing is announced, only addresses that callers or the operator name are dialled. Undefined: what was chosen at set-up. */
  readonly network: 'local' | 'public' | undefined
  /** Multiaddrs; TCP port 0 takes a free one. None: what is usual for the network. */
  readonly listen: readonly string[]
  /** Multiaddrs under which others reach it; none: those it listens on. */
  readonly announce: readonly string[]
  /** CIDR ranges of private addresses that callers may name. */
  readonly dialPrivate: readonly string[]
  /** Peer ids and CIDR ranges that are kept away. */
  readonly deny: readonly string[]
  /** Origins of trustless gateways (https://specs.ipfs.tech/http-gateways/trustless-gateway/) asked for blocks. */
  readonly gateways: readonly string[]
  /** Servers of the DNS that are asked; none: those of the system. */
  readonly dnsServers: readonly string[]
}

/** How much is fetched at once, and how long it is tried. */
export interface PinningSettings {
  /** Fetches that run at once: new ones by turns of their accounts, the newest one, and those tried again. */
  readonly slots: { readonly new: number; readonly newest: number; readonly retry: number }
  /** An attempt ends when no block came for so long. */
  readonly idleMs: number
  /** A fetch is given up after so long. */
  readonly deadlineMs: number
}

/** What the gateway may fetch that is not held here, for anybody who asks. */
export interface OpenSettings {
  /** The most that is kept of it, on disk. */
  readonly cacheBytes: number
  /** Roots of which blocks are fetched at the same time. */
  readonly fetches: number
  /** What one request may have fetched, how deep its DAG may be, and how long it may go on. */
  readonly maxBytes: number
  readonly maxBlocks: number
  readonly maxDepth: number
  readonly maxMs: number
}

/** How much there may be of what the hosted service bounds too (reference: sizes and counts). */
export interface Limits {
  /** Key-values of one file. */
  readonly keyvalues: number
  /** Groups of one account. */
  readonly groups: number
  /** Bytes of one upload. */
  readonly uploadBytes: number
  /** Bytes of JSON that is sent to be stored. */
  readonly jsonBytes: number
}

/** How what is stored is read back. */
export interface ScrubSettings {
  /** Every pack is read within this time; undefined: not by itself. */
  readonly periodMs: number | undefined
  /** The part of the time that it may read, above 0, at most 1. */
  readonly share: number
}

/** Everything the environment decides, read once. */
export interface Config {
  readonly dataDir: string
  /** Refuse a data directory that was never set up. */
  readonly existing: boolean
  readonly api: { readonly listen: ListenAddress; readonly url: string | undefined }
  /** Images in other sizes and formats: how many are made at once (0: none, they stay as they are), and how much is kept. */
  readonly images: { readonly workers: number; readonly cacheBytes: number }
  readonly gateway: {
    readonly listen: ListenAddress
    readonly url: string | undefined
    /** Hosts below which each content has an origin of its own. */
    readonly subdomains: readonly string[]
    /** What its own hosts do with pages: show them in a sandbox, only where each content has an origin of its own, or never. */
    readonly html: 'sandbox' | 'origins' | 'refuse'
    /** Whether it takes requests for other hosts than it is reached at, as a proxy. */
    readonly proxy: boolean
    /** Domains with a DNSLink: not at all, as names below `/ipns/`, or by their own host as well. */
    readonly dnslink: 'off' | 'names' | 'hosts'
    /** How many processes serve it, the one that starts them among them. */
    readonly processes: number
    /** What shows whose a custom domain is: a record in the DNS, or nothing. */
    readonly domainProof: 'dns' | 'off'
    /** A request whose answer has not begun after this is ended. */
    readonly firstByteMs: number
    /** A client that takes nothing of an answer for so long is cut. */
    readonly stallMs: number
    /** Undefined: only what is held here is served. */
    readonly open: OpenSettings | undefined
  }
  /** Who ends TLS: nobody here, this program with an authority of its own, or with a certificate that is kept for it. */
  readonly tls:
    | { readonly kind: 'off' }
    | { readonly kind: 'local' }
    | { readonly kind: 'files'; readonly cert: string; readonly key: string }
  readonly metricsListen: ListenAddress | undefined
  readonly trustedProxies: readonly string[]
  /** Files and folders of denylists. */
  readonly denylists: readonly string[]
  readonly database:
    | { readonly kind: 'sqlite'; readonly file: string }
    | { readonly kind: 'postgres'; readonly url: Secret }
  readonly roles: readonly RoleName[]
  readonly ipfs: IpfsSettings
  /** How pins by CID are fetched. */
  readonly pinning: PinningSettings
  readonly limits: Limits
  readonly scrub: ScrubSettings
  /** Uploads that come in several requests: how many an account may have unfinished, and how long one waits. */
  readonly uploads: { readonly unfinished: number; readonly keepMs: number }
  readonly rateLimits: Readonly<Record<string, { readonly points: number; readonly seconds: number }>>
  readonly setupToken: Secret | undefined
  /** Whether people join by links of the operator, by asking as well, or neither. */
  readonly signUp: 'off' | 'invite' | 'request'
  /** Bytes that new accounts may hold unless it is said; null: as many as they like. */
  readonly defaultQuotaBytes: number | null
  /** The longest that a link may live; what asks for more gets this. */
  readonly linkMaxDays: number
  readonly testAuthentication: 'admin' | 'any'
  /** Which pins `/psa` lists when no status is asked for: see `api/read-pin-filter.ts`. */
  readonly psaStatusDefault: 'compatible' | 'strict'
  /** Where people who use this installation can say what is wrong with it: an address of a page or of mail. */
  readonly contact: string | undefined
  /** Where a rig breaks this process. */
  readonly failpoint: Failpoint | undefined
  /** How long events can be followed up on, and deliveries of webhooks be looked at. */
  readonly eventsKeptMs: number
  /** How long it is known what the gateway served. */
  readonly analyticsKeptMs: number
  readonly log: { readonly level: string; readonly readable: boolean }
}
