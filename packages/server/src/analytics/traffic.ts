import { LRUCache } from 'lru-cache'
import type { Database } from '../db/database.ts'
import type { Cid } from '../ipfs/cid.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { addTraffic, listHolders } from './queries.ts'
import type { EgressLimits } from '../egress/egress-limits.ts'
import { listSharers } from '../egress/queries.ts'
import { type Egress, recordEgress } from '../egress/record-egress.ts'
import { monthOf } from '../egress/month.ts'
import { cleanText, type Counted, type Served, TrafficCounts } from './traffic-counts.ts'

/** How often what was counted is written, and how often while somebody has a quota of egress. */
const flushMs = { usual: 2_000, limited: 250 } as const
/** Rows that an account gets in an hour by this process before details are left out, and before CIDs are. */
const rowsAnHour = { detail: 500, cid: 1_000 } as const
/** Accounts that one request counts for. */
const maxHolders = 20
const batchSize = 200

interface Options {
  readonly db: Database
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  readonly egressLimits: Pick<EgressLimits, 'changed' | 'isLimited'>
}

/**
 * Counts what the gateway serves, in memory, and adds it to the table now and then for each account whose public file
 * it was. Never slows or fails a request: what cannot be written is lost, and the log says so. No address is kept, of a
 * referring page only its origin.
 */
export class Traffic {
  readonly #db: Database
  readonly #log: Pick<Logger, 'warn'>
  readonly #clock: Clock
  readonly #limits: Pick<EgressLimits, 'changed' | 'isLimited'>
  readonly #counts: TrafficCounts
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  /** Who holds what, for a minute: what is asked for is asked for again. */
  readonly #holders = new LRUCache<string, Awaited<ReturnType<typeof listHolders>>>({ max: 5_000, ttl: 60_000 })
  readonly #sharers = new LRUCache<string, readonly string[]>({ max: 5_000, ttl: 60_000 })
  #rows = { at: 0, of: new Map<string, Set<string>>() }

  constructor({ db, clock, log, egressLimits }: Options) {
    this.#db = db
    this.#clock = clock
    this.#log = log
    this.#limits = egressLimits
    this.#counts = new TrafficCounts(clock)
  }

  /** Counts one request. Does nothing but count. */
  note(served: Served): void {
    this.#counts.note(served)
    this.#writeSoon()
  }

  /** Counts bytes of an account that analytics do not show: those of private files. */
  noteEgress(egress: Omit<Egress, 'month'>): void {
    this.#counts.noteEgress(egress)
    this.#writeSoon()
  }

  /** Adds bytes that another process counted. */
  addEgress(all: readonly Egress[]): void {
    if (all.length === 0) return
    this.#counts.addEgress(all)
    this.#writeSoon()
  }

  /** Adds what another process counted. */
  add(counted: Counted): void {
    this.#counts.add(counted)
    this.#writeSoon()
  }

  /** Writes what was counted so far. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { counted, egress, lost } = this.#counts.take()
    if (lost > 0) this.#log.warn({ requests: lost }, 'more was asked for at the gateway than could be counted')
    this.#writing = this.#writing.then(() => this.#write(counted)).then(() => this.#writeEgress(counted, egress))
    return this.#writing
  }

  /** Writes the rest. */
  close(): Promise<void> {
    return this.flush()
  }

  #writeSoon(): void {
    const ms = this.#limits.isLimited ? flushMs.limited : flushMs.usual
    this.#timer ??= setTimeout(() => void this.flush(), ms).unref()
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

  /** What cannot be written now is written with what comes. */
  async #writeEgress(counted: readonly Counted[], known: readonly Egress[]): Promise<void> {
    const egress = new TrafficCounts(this.#clock)
    egress.addEgress(known)
    try {
      for (const { root, at, bytes, isShared, status } of counted) {
        if (!isShared || status >= 400 || bytes === 0) continue
        const month = monthOf(at)
        egress.addEgress(
          (await this.#findSharers(root)).map((accountId) => ({ accountId, gatewayId: '', month, bytes })),
        )
      }
      // What a gateway serves is its account's as well.
      egress.addEgress(known.flatMap((each) => (each.gatewayId === '' ? [] : [{ ...each, gatewayId: '' }])))
      const all = egress.take().egress
      if (all.length === 0) return
      const at = this.#clock.now()
      if (await this.#db.write((tx) => recordEgress(tx, all, at))) await this.#limits.changed()
    } catch (error) {
      this.#log.warn({ err: error }, 'bytes that the gateway served could not be counted')
      this.#counts.addEgress(known)
    }
  }

  async #findSharers(root: Cid): Promise<readonly string[]> {
    const key = keyOf(root)
    const known = this.#sharers.get(key)
    if (known !== undefined) return known
    const found = await listSharers(this.#db.read, root)
    this.#sharers.set(key, found)
    return found
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
