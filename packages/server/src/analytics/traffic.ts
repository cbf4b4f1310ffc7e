import { LRUCache } from 'lru-cache'
import type { Database } from '../db/database.ts'
import type { Cid } from '../ipfs/cid.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { addTraffic, listHolders } from './queries.ts'

/** One request that the gateway answered. */
export interface Served {
  readonly root: Cid
  /** The last segment of the path below the root. */
  readonly segment: string | undefined
  readonly host: string | undefined
  readonly status: number
  readonly userAgent: string | undefined
  readonly referer: string | undefined
  readonly bytes: number
}

interface Counted {
  readonly root: Cid
  readonly at: number
  readonly segment: string | undefined
  readonly host: string
  readonly status: number
  readonly userAgent: string
  readonly referer: string
  requests: number
  bytes: number
}

const flushMs = 5_000
const hourMs = 3_600_000
/** What is told apart between two writes; of what comes then less is. */
const maxCounted = 5_000
/** Rows that an account gets in an hour by this process before details are left out, and before CIDs are. */
const rowsAnHour = { detail: 500, cid: 1_000 } as const
/** Accounts that one request counts for. */
const maxHolders = 20
const batchSize = 200
const maxText = 120

/**
 * Counts what the gateway serves, in memory, and adds it to the table now and then for each account whose public file
 * it was. Never slows or fails a request: what cannot be written is lost, and the log says so. No address is kept, of a
 * referring page only its origin.
 */
export class Traffic {
  readonly #db: Database
  readonly #clock: Clock
  readonly #log: Pick<Logger, 'warn'>
  #counted = new Map<string, Counted>()
  #lost = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  /** Who holds what, for a minute: what is asked for is asked for again. */
  readonly #holders = new LRUCache<string, Awaited<ReturnType<typeof listHolders>>>({ max: 5_000, ttl: 60_000 })
  #rows = { at: 0, of: new Map<string, Set<string>>() }

  constructor({ db, clock, log }: { db: Database; clock: Clock; log: Pick<Logger, 'warn'> }) {
    this.#db = db
    this.#clock = clock
    this.#log = log
  }

  /** Counts one request. Does nothing but count. */
  note({ root, segment, host, status, userAgent, referer, bytes }: Served): void {
    const at = Math.floor(this.#clock.now() / hourMs) * hourMs
    const full = {
      root,
      at,
      segment: segment?.slice(0, maxText),
      host: cleanText(host).toLowerCase(),
      status,
      userAgent: cleanText(userAgent),
      referer: originOf(referer),
    }
    this.#timer ??= setTimeout(() => void this.flush(), flushMs).unref()
    if (this.#add(full, bytes)) return
    if (!this.#add({ ...full, segment: undefined, host: '', userAgent: '', referer: '' }, bytes)) this.#lost++
  }

  /** Writes what was counted so far. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const counted = [...this.#counted.values()]
    const lost = this.#lost
    this.#counted = new Map()
    this.#lost = 0
    if (lost > 0) this.#log.warn({ requests: lost }, 'more was asked for at the gateway than could be counted')
    this.#writing = this.#writing.then(() => this.#write(counted))
    return this.#writing
  }

  /** Writes the rest. */
  close(): Promise<void> {
    return this.flush()
  }

  /** False when there is no place for one more. */
  #add(served: Omit<Counted, 'requests' | 'bytes'>, bytes: number): boolean {
    const { root, at, segment, host, status, userAgent, referer } = served
    const key = [keyOf(root), at, segment ?? '', host, status, userAgent, referer].join('\n')
    const known = this.#counted.get(key)
    if (known !== undefined) {
      known.requests++
      known.bytes += bytes
      return true
    }
    if (this.#counted.size >= (userAgent === '' && host === '' ? 2 : 1) * maxCounted) return false
    this.#counted.set(key, { ...served, requests: 1, bytes })
    return true
  }

  async #write(counted: readonly Counted[]): Promise<void> {
    for (let from = 0; from < counted.length; from += batchSize) {
      const batch = counted.slice(from, from + batchSize)
      try {
        const rows: Parameters<typeof addTraffic>[1][] = []
        for (const each of batch) rows.push(...(await this.#rowsOf(each)))
        if (rows.length > 0) {
          await this.#db.write(async (tx) => {
            for (const row of rows) await addTraffic(tx, row)
          })
        }
      } catch (error) {
        this.#log.warn({ err: error, entries: batch.length }, 'what the gateway served could not be counted')
      }
    }
  }

  async #rowsOf(counted: Counted) {
    const { at, segment, host, status, userAgent, referer, requests, bytes } = counted
    const seen = new Set<string>()
    const rows: Parameters<typeof addTraffic>[1][] = []
    for (const { account_id, cid, name } of await this.#findHolders(counted.root)) {
      if (seen.has(account_id)) continue
      seen.add(account_id)
      const text = segment === undefined ? (name ?? '') : segment
      const row = { account_id, at, cid, file_name: cleanText(text), host, status, user_agent: userAgent, referer }
      rows.push({ ...this.#fold(row), grain: 'h', country: '', region: '', requests, bytes })
    }
    return rows
  }

  async #findHolders(root: Cid) {
    const key = keyOf(root)
    const known = this.#holders.get(key)
    if (known !== undefined) return known
    const { multihash, codec } = root
    // Several files of one account may hold it, so some more are looked at.
    const found = await listHolders(this.#db.read, { multihash, codec, limit: 5 * maxHolders })
    const accounts = new Set<string>()
    const holders = found.filter(({ account_id: id }) => !accounts.has(id) && accounts.add(id).size <= maxHolders)
    this.#holders.set(key, holders)
    return holders
  }

  /** An account that is asked in very many ways gets rows that tell less apart. */
  #fold<
    Row extends { account_id: string; at: number; cid: string; file_name: string; user_agent: string; referer: string },
  >(row: Row): Row {
    if (this.#rows.at !== row.at) this.#rows = { at: row.at, of: new Map() }
    const mine = this.#rows.of.get(row.account_id) ?? new Set()
    this.#rows.of.set(row.account_id, mine)
    const key = Object.values(row).join('\n')
    if (mine.has(key)) return row
    if (mine.size < rowsAnHour.detail) {
      mine.add(key)
      return row
    }
    const less = { ...row, file_name: '', user_agent: '', referer: '' }
    const lessKey = Object.values(less).join('\n')
    if (mine.has(lessKey)) return less
    if (mine.size < rowsAnHour.cid) {
      mine.add(lessKey)
      return less
    }
    return { ...less, cid: '' }
  }
}

function keyOf({ multihash, codec }: Cid): string {
  return `${codec} ${Buffer.from(multihash.buffer, multihash.byteOffset, multihash.length).toString('base64url')}`
}

/** Text that both databases can store, and no more of it than anybody reads. */
function cleanText(text = ''): string {
  return text
    .slice(0, maxText)
    .replaceAll(/\p{Cc}/gu, '')
    .toWellFormed()
}

/** Of an address only where it leads to: what is behind may be nobody's business. */
function originOf(referer: string | undefined): string {
  if (referer === undefined || referer.length > 2_048 || !URL.canParse(referer)) return ''
  const { origin } = new URL(referer)
  return origin === 'null' ? '' : origin.slice(0, maxText)
}
