import { AppError } from '../lib/errors.ts'
import type { NewBlock, PackLocation } from './blob-store.ts'
import { frontLength, packHeader } from './car-section.ts'
import type { FileOps } from './file-ops.ts'
import { Gather, measure } from './gather.ts'
import { behind, LongWrites } from './long-writes.ts'
import { OwnPack } from './own-pack.ts'
import { packPath } from './pack-names.ts'
import { storageFault } from './storage-fault.ts'

/** One write hands about this much to the kernel; more would only hold the thread longer. */
const writeBytes = 4 * 1024 * 1024
const copyBytes = 1024 * 1024

/** One append that waits for the kernel. */
interface Entry {
  readonly pack: OwnPack
  readonly blocks: readonly NewBlock[]
  readonly payloads: readonly number[]
  readonly copiedBytes: number
  readonly startBytes: number
  readonly endBytes: number
  readonly done: PromiseWithResolvers<void>
}

interface PackWriterOptions {
  readonly ops: FileOps
  readonly dir: string
  /** What the next pack is called. */
  readonly newName: () => string
  readonly segmentBytes: number
  readonly flushBytes: number
  readonly directFromBytes: number
  readonly report: (fault: AppError) => void
}

/** The writing half of the disk packs: gives out places in order, writes them in that order, one write at a time. */
export class PackWriter {
  readonly #options: PackWriterOptions
  readonly #packs = new Map<string, OwnPack>()
  readonly #queue: Entry[] = []
  /** Packs whose sync failed: what is not on stable storage is to be cut off. */
  readonly #broken: OwnPack[] = []
  readonly #copy = new Uint8Array(copyBytes)
  readonly #writes: LongWrites
  #current: OwnPack | undefined
  #pump: Promise<void> | undefined
  #closed = false

  constructor(options: PackWriterOptions) {
    this.#options = options
    this.#writes = new LongWrites(options.ops, options.directFromBytes)
  }

  /** The pack of that name when it is one of this writer. */
  find(pack: string): OwnPack | undefined {
    return this.#packs.get(pack)
  }

  /** See `BlobStore.append`. The places are given out before the first await, unless `take` refuses so many bytes. */
  async append(blocks: readonly NewBlock[], take: (sizeBytes: number) => void): Promise<PackLocation[]> {
    if (this.#closed) throw new AppError('unavailable', 'This server is stopping', { retryAfterSeconds: 5 })
    const { payloads, totalBytes, copiedBytes } = measure(blocks)
    take(totalBytes)
    const pack = this.#packWithRoom(totalBytes)
    const startBytes = pack.allocatedBytes
    const locations: PackLocation[] = []
    for (const [i, block] of blocks.entries()) {
      const length = payloads[i]! // one for each block
      const offset = pack.allocatedBytes + frontLength(block.cid, length)
      locations.push({ pack: pack.name, offset, length })
      pack.allocatedBytes = offset + length
    }
    const done = Promise.withResolvers<void>()
    this.#queue.push({ pack, blocks, payloads, copiedBytes, startBytes, endBytes: pack.allocatedBytes, done })
    pack.lastAppend = done.promise
    this.#wake()
    await done.promise
    return locations
  }

  /** See `BlobStore.sync`. */
  async sync(names: Iterable<string>): Promise<void> {
    await Promise.all(Array.from(names, (name) => this.#get(name).sync()))
  }

  /** See `BlobStore.seal`. */
  async seal(name: string): Promise<void> {
    const pack = this.#get(name)
    this.#sealNow(pack)
    await Promise.allSettled([pack.lastAppend])
    await this.#settle(pack)
  }

  /** The pack was removed: whoever still names it in a sync has lost what it appended there, and is told so. */
  forget(name: string): void {
    this.#packs.delete(name)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#pump
    const sound = [...this.#packs.values()].filter(({ fault }) => fault === undefined)
    for (const pack of sound) this.#sealNow(pack)
    const ends = await Promise.allSettled(sound.map((pack) => this.#settle(pack)))
    await this.#pump
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  #get(name: string): OwnPack {
    const pack = this.#packs.get(name)
    if (pack === undefined) throw new Error(`no pack of this writer: ${name}`)
    return pack
  }

  #packWithRoom(sizeBytes: number): OwnPack {
    const { ops, dir, newName, segmentBytes } = this.#options
    const current = this.#current
    if (current !== undefined) {
      const isEmpty = current.allocatedBytes === packHeader.length
      if (isEmpty || current.allocatedBytes + sizeBytes <= segmentBytes) return current
      this.#sealNow(current)
      void this.#settleQuietly(current)
    }
    const name = newName()
    const next = new OwnPack(ops, dir, name, packPath(dir, name), (pack) => this.#onSyncFault(pack))
    this.#packs.set(name, next)
    this.#current = next
    return next
  }

  #sealNow(pack: OwnPack): void {
    pack.sealed = true
    if (this.#current === pack) this.#current = undefined
  }

  #wake(): void {
    this.#pump ??= this.#run()
  }

  async #run(): Promise<void> {
    // Lets all that append in this turn of the event loop share the first write.
    await Promise.resolve()
    while (this.#queue.length > 0 || this.#broken.length > 0) {
      const broken = this.#broken.shift()
      if (broken !== undefined) await this.#cut(broken)
      else await this.#writeBatch(this.#takeBatch())
    }
    this.#pump = undefined
  }

  /** Waiting appends from the front that go to one pack, about `writeBytes` of them, at least one. */
  #takeBatch(): Entry[] {
    const [first] = this.#queue
    let bytes = 0
    let copied = 0
    let count = 0
    for (const entry of this.#queue) {
      bytes += entry.endBytes - entry.startBytes
      copied += entry.copiedBytes
      if (count > 0 && (entry.pack !== first?.pack || bytes > writeBytes || copied > copyBytes)) break
      count++
    }
    return this.#queue.splice(0, count)
  }

  async #writeBatch(batch: Entry[]): Promise<void> {
    const [first] = batch
    if (first === undefined) return
    const { pack } = first
    if (pack.fault !== undefined) return refuse(batch, pack.fault)
    let writtenBytes = pack.writtenBytes
    try {
      pack.fd ??= await this.#options.ops.open(pack.path, 'wx')
      let pieces = this.#pieces(batch, writtenBytes === 0)
      while (pieces.length > 0) {
        const count = await this.#writes.write(pack, pack.fd, pieces, writtenBytes)
        writtenBytes += count
        pieces = behind(pieces, count)
      }
    } catch (error) {
      const failed = batch.filter(({ endBytes }) => endBytes > writtenBytes)
      const whole = batch.slice(0, batch.length - failed.length)
      pack.writtenBytes = whole.at(-1)?.endBytes ?? pack.writtenBytes
      for (const { done } of whole) done.resolve()
      return this.#failWrite(pack, failed, storageFault(error))
    }
    pack.writtenBytes = writtenBytes
    // Its sync failed meanwhile: what was just written goes with the rest.
    if (pack.fault !== undefined) return refuse(batch, pack.fault)
    for (const { done } of batch) done.resolve()
    if (pack.sealed) void this.#settleQuietly(pack)
    else if (pack.unflushedBytes >= this.#options.flushBytes && !pack.syncing) void quietly(pack.sync())
  }

  #pieces(batch: readonly Entry[], withHeader: boolean): Uint8Array[] {
    const copied = batch.reduce((sum, entry) => sum + entry.copiedBytes, 0)
    const gather = new Gather(copied <= copyBytes ? this.#copy : new Uint8Array(copied))
    if (withHeader) gather.pieces.push(packHeader)
    for (const { blocks, payloads } of batch) {
      for (const [i, block] of blocks.entries()) gather.add(block, payloads[i]!) // one for each block
    }
    gather.finish()
    return gather.pieces
  }

  /** Cuts the tail off, then refuses the failed appends and all that wait: their places lie behind the failed one. */
  async #failWrite(pack: OwnPack, failed: readonly Entry[], fault: AppError): Promise<void> {
    const waiting = this.#queue.splice(0)
    for (const refused of new Set([pack, ...waiting.map((entry) => entry.pack)])) {
      this.#sealNow(refused)
      refused.allocatedBytes = refused.writtenBytes
      if (refused !== pack) this.#packs.delete(refused.name)
    }
    await this.#cut(pack)
    refuse([...failed, ...waiting], fault)
  }

  /** Cuts off what is not sound; leaves no file at all when no section would be left. */
  async #cut(pack: OwnPack): Promise<void> {
    const { ops, report } = this.#options
    const sizeBytes = pack.soundBytes
    const isEmpty = sizeBytes <= packHeader.length
    // When a step fails, a torn tail or an empty pack stays; recovery at the next start removes it.
    const attempt = (step: Promise<void>) => step.catch((error) => report(storageFault(error)))
    if (pack.fd !== undefined) await attempt(ops.ftruncate(pack.fd, sizeBytes))
    if (isEmpty && pack.fd !== undefined) await attempt(ops.unlink(pack.path))
    if (isEmpty && pack.fault === undefined) this.#packs.delete(pack.name)
    if (isEmpty || pack.fault !== undefined) await attempt(this.#closeFile(pack))
    else void this.#settleQuietly(pack)
  }

  #onSyncFault(pack: OwnPack): void {
    this.#sealNow(pack)
    this.#broken.push(pack)
    // Perhaps nobody was waiting for this sync, so it is told here too.
    if (pack.fault !== undefined) this.#options.report(pack.fault)
    this.#wake()
  }

  /** Gives a sealed pack's descriptor back once everything is written and durable. */
  async #settle(pack: OwnPack): Promise<void> {
    if (pack.fault !== undefined) throw pack.fault
    if (!pack.sealed || pack.fd === undefined || pack.writtenBytes < pack.allocatedBytes) return
    await pack.sync()
    await this.#closeFile(pack)
  }

  async #closeFile(pack: OwnPack): Promise<void> {
    const fds = [pack.fd, pack.directFd].filter((fd) => fd !== undefined)
    pack.fd = undefined
    pack.directFd = undefined
    await Promise.all(fds.map((fd) => this.#options.ops.close(fd)))
  }

  async #settleQuietly(pack: OwnPack): Promise<void> {
    await quietly(this.#settle(pack))
  }
}

function refuse(entries: readonly Entry[], fault: AppError): void {
  for (const { done } of entries) done.reject(fault)
}

/** For syncs that nobody waits for: their fault is kept in the pack, and reported when it happens. */
async function quietly(syncing: Promise<void>): Promise<void> {
  await syncing.catch(() => undefined)
}
