import { setTimeout } from 'node:timers/promises'
import type { Db } from '../db/database.ts'
import { LoopShare } from '../lib/loop-share.ts'
import type { Services } from '../services.ts'
import {
  type CountedPin,
  findChanges,
  installation,
  listBlocksOfPins,
  listCountedBlocks,
  listCountedFiles,
  listCountedPins,
  upsertCount,
  type UsageCount,
} from './count-queries.ts'
import { SeenBlocks } from './seen-blocks.ts'

interface Options {
  readonly signal: AbortSignal
  /** The part of the time that is worked, above 0, at most 1. */
  readonly share: number
}

const sliceRows = 1000
const workMs = 40
/** Pins with no more blocks are asked for together. */
const fewBlocks = 16
const pinsTogether = 64

/**
 * Counts what the files of an account need, every block once, and keeps the result. It tells how often totals had changed
 * when it began: as long as they do not change, it holds. Memory is two bits for each block id.
 */
export async function countUsage(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  accountId: string,
  options: Options,
): Promise<UsageCount> {
  const beganAt = clock.now()
  const { changes } = await findChanges(db.read, accountId)
  const walk = new Walk(db.read, options)
  if (accountId === installation) await walk.all()
  else for (const network of [0, 1]) await walk.files(accountId, network)
  const count: UsageCount = {
    account_id: accountId,
    changes,
    began_at: beganAt,
    counted_at: clock.now(),
    files: walk.numberOfFiles,
    blocks: walk.seen.blocks,
    logical_bytes: walk.logicalBytes,
    unique_bytes: walk.seen.uniqueBytes,
    shared_bytes: walk.seen.sharedBytes,
  }
  await db.write((tx) => upsertCount(tx, count))
  return count
}

class Walk {
  readonly seen = new SeenBlocks()
  numberOfFiles = 0
  logicalBytes = 0
  readonly #db: Db
  readonly #options: Options
  readonly #loop = new LoopShare()
  #started = performance.now()
  readonly #small: string[] = []
  /** Pins with several holders that were met, and whether twice: then all their blocks are known to be shared. */
  readonly #met = new Map<string, boolean>()

  constructor(db: Db, options: Options) {
    this.#db = db
    this.#options = options
  }

  /** Files of one account: two that hold the same pin share all of its blocks. */
  async files(account: string, network: number): Promise<void> {
    for (let after = ''; ;) {
      const page = await listCountedFiles(this.#db, { account, network, after, limit: sliceRows })
      const last = page.at(-1)
      if (last === undefined) return
      after = last.id
      for (const file of page) {
        this.numberOfFiles++
        this.logicalBytes += file.size_bytes
        await this.#meetFile(file)
      }
      await this.#meetSmall()
    }
  }

  /** The pins of all accounts: each has as many files as holders. */
  async all(): Promise<void> {
    for (let after = ''; ;) {
      const page = await listCountedPins(this.#db, { after, limit: sliceRows })
      const last = page.at(-1)
      if (last === undefined) return
      after = last.id
      for (const pin of page) {
        this.numberOfFiles += pin.holders
        this.logicalBytes += pin.holders * pin.size_bytes
        await this.#meetBlocks(pin)
        if (pin.holders > 1) await this.#meetBlocks(pin)
      }
      await this.#meetSmall()
    }
  }

  async #meetFile(file: CountedPin): Promise<void> {
    if (file.holders > 1) {
      const wasMet = this.#met.get(file.pin_id)
      if (wasMet === true) return this.#pace()
      this.#met.set(file.pin_id, wasMet === false)
    }
    await this.#meetBlocks(file)
  }

  async #meetBlocks({ pin_id: pinId, holders, number_of_blocks: blocks }: CountedPin): Promise<void> {
    // One of several holders is met again, which a list of pins would not show.
    if (holders === 1 && blocks <= fewBlocks) {
      this.#small.push(pinId)
      if (this.#small.length >= pinsTogether) await this.#meetSmall()
      return
    }
    for (let after = -1; ;) {
      const rows = await listCountedBlocks(this.#db, { pinId, after, limit: sliceRows })
      for (const { id, length } of rows) this.seen.meet(id, length)
      await this.#pace()
      const last = rows.at(-1)
      if (last === undefined || rows.length < sliceRows) return
      after = last.id
    }
  }

  async #meetSmall(): Promise<void> {
    if (this.#small.length === 0) return
    for (const { id, length } of await listBlocksOfPins(this.#db, this.#small)) this.seen.meet(id, length)
    this.#small.length = 0
    await this.#pace()
  }

  /** Leaves the loop to others, and after some work the machine. */
  async #pace(): Promise<void> {
    const { signal, share } = this.#options
    if (this.#loop.isOver()) await this.#loop.pass()
    const workedMs = performance.now() - this.#started
    if (workedMs < workMs) return
    signal.throwIfAborted()
    const restMs = workedMs * (1 / share - 1)
    if (restMs >= 1) await setTimeout(restMs, undefined, { signal })
    this.#started = performance.now()
  }
}
