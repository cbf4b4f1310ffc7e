import { LRUCache } from 'lru-cache'
import type { Clock } from '../../lib/clock.ts'
import { AppError } from '../../lib/errors.ts'
import { type Cid, parseCid } from '../cid.ts'
import { codecs } from '../codecs.ts'
import { findDnsLink, isDomainName } from './dnslink.ts'
import { findIpnsName, formatIpnsName, type IpnsName } from './ipns-name.ts'
import { type IpnsRecord, newestOf, verifyIpnsRecord } from './ipns-record.ts'

/** Where records come from. Nothing they give is believed. */
export interface NameSource {
  /** A record of an IPNS name, the newest there is; undefined when there is none. */
  findRecord(name: IpnsName, signal: AbortSignal): Promise<Uint8Array | undefined>
  /** TXT records of a domain; none when it has none. Rejects when that cannot be told. */
  findTxt(domain: string, signal: AbortSignal): Promise<readonly (readonly string[])[]>
}

/** Records that this installation itself publishes: they hold at once, whatever others say. */
export interface OwnRecords {
  /** The record of a name (in base36) as it is now; undefined for one that is not published here. */
  find(name: string): Promise<Uint8Array | undefined>
}

/** TXT records of a host as they were found. */
export interface FoundTxt {
  readonly host: string
  readonly texts: readonly string[]
}

/** What a name leads to now. */
export interface ResolvedName {
  readonly root: Cid
  /** Segments that stand between the root and the path that is asked for. */
  readonly segments: readonly string[]
  /** How long this may be held for true; undefined when nothing says so. */
  readonly ttlMs: number | undefined
}

/** https://specs.ipfs.tech/http-gateways/dnslink-gateway/ and Kubo: a chain of names is no longer. */
const maxDepth = 32
/** What was found is asked for again after so long, whatever its author says. */
const maxCachedMs = 3_600_000
const minCachedMs = 1_000
/** TXT records come without their time to live. */
const txtCachedMs = 60_000
/** So long it is remembered that a name leads nowhere. */
const missCachedMs = 10_000
const timeoutMs = { txt: 10_000, record: 20_000 } as const
/** Look-ups of each kind at one time, over all requests: those that take long must not keep the others waiting. */
const maxUnderWay = 64

type LookUp = keyof typeof timeoutMs

interface Kept<T> {
  readonly value: T
  readonly until: number
}

/**
 * Looks up what IPNS names and domains with a DNSLink lead to. Records are verified here, whoever brought them, and
 * looked at again when they come from the cache. Bounded in depth, time and number; the same name is looked up once at a
 * time.
 */
export class Names {
  readonly #source: NameSource
  readonly #clock: Clock
  readonly #own: OwnRecords | undefined
  readonly #ownRecords = new LRUCache<string, IpnsRecord>({ max: 10_000 })
  readonly #records = new LRUCache<string, Kept<IpnsRecord | AppError>>({ max: 10_000 })
  readonly #links = new LRUCache<string, Kept<string | undefined>>({ max: 10_000 })
  readonly #underWay = new Map<string, Promise<unknown>>()
  readonly #running: Record<LookUp, number> = { txt: 0, record: 0 }

  constructor({ source, clock, own }: { source: NameSource; clock: Clock; own?: OwnRecords }) {
    this.#source = source
    this.#clock = clock
    this.#own = own
  }

  /**
   * Follows a name (of IPNS or a domain) to a CID. Throws `name_unresolved` or `name_invalid` when it leads nowhere,
   * `not_found` for a domain without a DNSLink, and `invalid_request` when it goes round in circles.
   */
  async resolve(name: string): Promise<ResolvedName> {
    const segments: string[] = []
    let ttlMs: number | undefined
    let at = name
    for (let depth = 0; depth < maxDepth; depth++) {
      const step = await this.#step(at)
      if (step.ttlMs !== undefined) ttlMs = Math.min(ttlMs ?? Infinity, step.ttlMs)
      const [, space, next = '', rest = ''] = /^\/(ipfs|ipns)\/([^/]+)(\/.*)?$/.exec(step.value) ?? []
      if (space === undefined) throw leadsNowhere(name, 'what it names is no content path')
      segments.unshift(...rest.split('/').filter((segment) => segment !== ''))
      if (space === 'ipfs') {
        const root = readRoot(name, next)
        if (root.codec !== codecs.libp2pKey) return { root, segments, ttlMs }
      }
      at = next
    }
    throw new AppError('invalid_request', `${name} leads through more than ${maxDepth} names.`)
  }

  /** The valid record of a name. Throws `name_unresolved` when there is none, `name_invalid`. */
  async getRecord(name: IpnsName): Promise<IpnsRecord> {
    const key = formatIpnsName(name)
    const own = await this.#findOwn(key, name)
    if (own !== undefined) return own
    const now = this.#clock.now()
    const known = this.#records.get(key)
    if (known !== undefined && known.until > now) {
      if (known.value instanceof AppError) throw known.value
      if (known.value.validUntil > now) return known.value
    }
    const before = known?.value instanceof AppError ? undefined : known?.value
    return this.#once(key, async () => {
      try {
        const found = await this.#findOthers(key, name)
        // Whoever gives an older record, which still holds, may not take the name back to it.
        const record = newestOf([found, ...(before === undefined ? [] : [before])])
        const cachedMs = Math.min(maxCachedMs, Math.max(minCachedMs, record.ttlMs))
        this.#records.set(key, { value: record, until: this.#clock.now() + cachedMs })
        return record
      } catch (error) {
        const until = this.#clock.now() + missCachedMs
        if (before !== undefined && before.validUntil > this.#clock.now()) {
          // It is still the word of its owner, and nobody has said anything newer.
          this.#records.set(key, { value: before, until })
          return before
        }
        if (error instanceof AppError && error.code !== 'unavailable') this.#records.set(key, { value: error, until })
        throw error
      }
    })
  }

  async #findOthers(key: string, name: IpnsName): Promise<IpnsRecord> {
    const bytes = await this.#limited('record', (signal) => this.#source.findRecord(name, signal))
    if (bytes === undefined) throw leadsNowhere(key, 'no record of it was found')
    return verifyIpnsRecord(bytes, name, this.#clock.now())
  }

  /** What is published here is never taken from a cache of records; only its signature is not looked at twice. */
  async #findOwn(key: string, name: IpnsName): Promise<IpnsRecord | undefined> {
    const bytes = await this.#own?.find(key)
    if (bytes === undefined) return undefined
    const known = this.#ownRecords.get(key)
    if (known !== undefined && known.validUntil > this.#clock.now() && Buffer.compare(known.bytes, bytes) === 0)
      return known
    const record = await verifyIpnsRecord(bytes, name, this.#clock.now())
    this.#ownRecords.set(key, record)
    return record
  }

  /**
   * The TXT records of a domain where its DNSLink may stand, asked for now. Throws `name_unresolved` when the DNS does
   * not answer, `unavailable` when too many names are being looked up.
   */
  async readTxt(domain: string): Promise<FoundTxt[]> {
    const found: FoundTxt[] = []
    for (const host of [`_dnslink.${domain}`, domain]) {
      const records = await this.#once(`?${host}`, () => this.#findTxt(host))
      found.push({ host, texts: records.map((parts) => parts.join('')) })
    }
    return found
  }

  async #findTxt(domain: string): Promise<readonly (readonly string[])[]> {
    try {
      return await this.#limited('txt', (signal) => this.#source.findTxt(domain, signal))
    } catch (cause) {
      if (cause instanceof AppError) throw cause
      throw new AppError('name_unresolved', `The DNS did not answer for ${domain}.`, { cause })
    }
  }

  /** The content path of a domain's DNSLink; undefined when it has none. Throws `name_unresolved` when that cannot be told. */
  async findLink(domain: string): Promise<string | undefined> {
    const name = domain.toLowerCase().replace(/\.$/, '')
    if (!isDomainName(name)) return undefined
    const known = this.#links.get(name)
    if (known !== undefined && known.until > this.#clock.now()) return known.value
    return this.#once(`.${name}`, async () => {
      const link = await this.#findLinkNow(name)
      const cachedMs = link === undefined ? missCachedMs : txtCachedMs
      this.#links.set(name, { value: link, until: this.#clock.now() + cachedMs })
      return link
    })
  }

  async #findLinkNow(name: string): Promise<string | undefined> {
    for (const domain of [`_dnslink.${name}`, name]) {
      const link = findDnsLink(await this.#findTxt(domain))
      if (link !== undefined) return link
    }
    return undefined
  }

  /** One name further. */
  async #step(text: string): Promise<{ value: string; ttlMs: number | undefined }> {
    const name = findIpnsName(text)
    if (name !== undefined) {
      const record = await this.getRecord(name)
      return { value: record.value, ttlMs: Math.min(record.ttlMs, record.validUntil - this.#clock.now()) }
    }
    const value = await this.findLink(text)
    if (value === undefined)
      throw new AppError('not_found', `${text.slice(0, 300)} is no IPNS name, and no domain with a DNSLink.`)
    return { value, ttlMs: undefined }
  }

  #once<T>(key: string, look: () => Promise<T>): Promise<T> {
    const running = this.#underWay.get(key)
    if (running !== undefined) return running as Promise<T> // the same key is looked up by the same function
    const looking = look().finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, looking)
    return looking
  }

  async #limited<T>(kind: LookUp, look: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#running[kind] >= maxUnderWay)
      throw new AppError('unavailable', 'Too many names are being looked up. Try again in a moment.', {
        retryAfterSeconds: 1,
      })
    const signal = AbortSignal.timeout(timeoutMs[kind])
    const looking = look(signal)
    this.#running[kind]++
    const ended = () => void this.#running[kind]--
    looking.then(ended, ended)
    return Promise.race([
      looking,
      new Promise<never>((_resolve, reject) =>
        signal.addEventListener('abort', () =>
          reject(new AppError('name_unresolved', 'Looking the name up took too long.')),
        ),
      ),
    ])
  }
}

function readRoot(name: string, text: string): Cid {
  try {
    return parseCid(text)
  } catch (cause) {
    throw leadsNowhere(name, 'what it names is no CID', cause)
  }
}

function leadsNowhere(name: string, why: string, cause?: unknown): AppError {
  return new AppError('name_unresolved', `${name.slice(0, 300)} leads nowhere: ${why}.`, { cause })
}
