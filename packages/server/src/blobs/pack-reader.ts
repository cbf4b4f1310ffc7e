import * as fs from 'node:fs'
import { LRUCache } from 'lru-cache'
import { PackMissing, StorageDamaged, type PackLocation } from './blob-store.ts'
import { errnoOf, type FileOps } from './file-ops.ts'
import { packPath } from './pack-names.ts'
import { pageBytes, type ReadMemory } from './read-memory.ts'
import { storageFault } from './storage-fault.ts'

/** How often packs that others removed are looked for, in milliseconds. */
const sweepMs = 15_000
/** Runs that are shorter are read the usual way, also by `readOnce`: of these the system reads nothing ahead. */
const longBytes = 32 * 1024

/** A pack that is open for reading. Its descriptor is given back when nobody reads and the cache has let go of it. */
class OpenFile {
  readonly pack: string
  readonly fd: number
  /** A second descriptor, which reads past the page cache; undefined until it is needed, or where there is none. */
  directFd: Promise<number | undefined> | undefined
  /** There is no such second one, or it gives nothing. */
  refusesDirect = false
  #readers = 0
  #released: PromiseWithResolvers<void> | undefined

  constructor(pack: string, fd: number) {
    this.pack = pack
    this.fd = fd
  }

  hold(): void {
    this.#readers++
  }

  drop(): void {
    if (--this.#readers === 0) this.#released?.resolve()
  }

  /** Resolves when nobody reads. */
  async idle(): Promise<void> {
    if (this.#readers === 0) return
    this.#released ??= Promise.withResolvers()
    await this.#released.promise
  }
}

/** Reads payloads out of the packs of one directory, keeping at most `maxOpenFiles` of them open. */
export class PackReader {
  readonly #ops: FileOps
  readonly #dir: string
  readonly #files: LRUCache<string, OpenFile>
  /** Files that left the cache and are waiting for their last reader. */
  readonly #closing = new Map<OpenFile, Promise<void>>()
  readonly #removing = new Set<string>()
  readonly #sweep: NodeJS.Timeout

  constructor(ops: FileOps, dir: string, maxOpenFiles: number) {
    this.#ops = ops
    this.#dir = dir
    this.#files = new LRUCache({ max: maxOpenFiles, dispose: (file) => this.#closeWhenIdle(file) })
    this.#sweep = setInterval(() => void this.releaseRemoved(), sweepMs).unref()
  }

  /** See `BlobReader.read`. */
  async read(location: PackLocation): Promise<Uint8Array> {
    return this.#readInto(location, Buffer.allocUnsafeSlow(location.length))
  }

  /** See `BlobReader.readOnce`. */
  async readOnce(location: PackLocation, memory: ReadMemory): Promise<Uint8Array> {
    const { offset, length } = location
    const before = offset % pageBytes
    const pages = memory.take(Math.ceil((before + length) / pageBytes) * pageBytes)
    if (pages === undefined) return this.read(location)
    if (length >= longBytes && (await this.#readDirect(location.pack, pages, offset - before)) >= before + length)
      return pages.subarray(before, before + length)
    return this.#readInto(location, pages.subarray(0, length))
  }

  /** Bytes read; 0 where that way gives none: the usual one says what is wrong, if anything is. */
  async #readDirect(pack: string, pages: Uint8Array, position: number): Promise<number> {
    const file = this.#file(pack)
    if (file.refusesDirect) return 0
    file.hold()
    try {
      file.directFd ??= this.#ops.openDirect(packPath(this.#dir, pack), 'read')
      const fd = await file.directFd
      return fd === undefined ? 0 : await this.#ops.read(fd, pages, pages.length, position)
    } catch {
      file.refusesDirect = true
      return 0
    } finally {
      file.drop()
    }
  }

  async #readInto(location: PackLocation, bytes: Uint8Array): Promise<Uint8Array> {
    const file = this.#file(location.pack)
    file.hold()
    try {
      let filled = 0
      while (filled < bytes.length) {
        const rest = filled === 0 ? bytes : bytes.subarray(filled)
        const count = await this.#ops.read(file.fd, rest, rest.length, location.offset + filled)
        if (count === 0) throw this.#tooShort(file, location, await this.#ops.isUnlinked(file.fd))
        filled += count
      }
      return bytes
    } catch (error) {
      throw readFault(location, error)
    } finally {
      file.drop()
    }
  }

  /** See `BlobReader.readSync`. */
  readSync(location: PackLocation): Uint8Array {
    const file = this.#file(location.pack)
    const bytes = Buffer.allocUnsafeSlow(location.length)
    try {
      let filled = 0
      while (filled < bytes.length) {
        const count = fs.readSync(file.fd, bytes, filled, bytes.length - filled, location.offset + filled)
        if (count === 0) throw this.#tooShort(file, location, fs.fstatSync(file.fd).nlink === 0)
        filled += count
      }
      return bytes
    } catch (error) {
      throw readFault(location, error)
    }
  }

  /** See `BlobReader.reopen`. Who reads at the moment reads on. */
  reopen(pack: string): void {
    this.#files.delete(pack)
  }

  /** Waits for reads of a pack, refuses new ones and gives its descriptor back, for `remove` to run in between. */
  async withoutReaders(pack: string, remove: () => Promise<void>): Promise<void> {
    this.#removing.add(pack)
    try {
      this.#files.delete(pack)
      const held = [...this.#closing].filter(([file]) => file.pack === pack)
      await Promise.all(held.map(([, closed]) => closed))
      await remove()
    } finally {
      this.#removing.delete(pack)
    }
  }

  /** Lets go of packs that another process removed: as long as one has them open, their space is not given back. */
  async releaseRemoved(): Promise<void> {
    for (const [pack, file] of Array.from(this.#files.entries())) {
      // One that left the cache meanwhile may be closed already.
      if (this.#files.peek(pack) !== file) continue
      file.hold()
      const isUnlinked = await this.#ops.isUnlinked(file.fd).finally(() => file.drop())
      if (isUnlinked && this.#files.peek(pack) === file) this.#files.delete(pack)
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep)
    this.#files.clear()
    await Promise.all(this.#closing.values())
  }

  /** Opens at once: it costs microseconds and happens once per pack, and nothing can come in between. */
  #file(pack: string): OpenFile {
    if (this.#removing.has(pack)) throw new PackMissing(pack)
    const known = this.#files.get(pack)
    if (known !== undefined) return known
    const path = packPath(this.#dir, pack)
    try {
      const file = new OpenFile(pack, fs.openSync(path, 'r'))
      this.#files.set(pack, file)
      return file
    } catch (error) {
      throw errnoOf(error) === 'ENOENT' ? new PackMissing(pack, { cause: error }) : storageFault(error)
    }
  }

  /** Another process removes packs by making them shorter once they have no name: that is no damage. */
  #tooShort(file: OpenFile, location: PackLocation, isUnlinked: boolean): Error {
    if (!isUnlinked) return new StorageDamaged(location)
    if (this.#files.peek(file.pack) === file) this.#files.delete(file.pack)
    return new PackMissing(file.pack)
  }

  #closeWhenIdle(file: OpenFile): void {
    const closed = file
      .idle()
      .then(() => this.#closeBoth(file))
      // A descriptor that was only read from has nothing to lose when closing it fails.
      .catch(() => undefined)
      .finally(() => this.#closing.delete(file))
    this.#closing.set(file, closed)
  }

  async #closeBoth({ fd, directFd }: OpenFile): Promise<void> {
    const direct = await directFd?.catch(() => undefined)
    await Promise.all([fd, direct].filter((each) => each !== undefined).map((each) => this.#ops.close(each)))
  }
}

/** EIO is the device saying that these bytes are lost; anything else is a fault of the moment. */
function readFault(location: PackLocation, error: unknown): Error {
  return errnoOf(error) === 'EIO' ? new StorageDamaged(location, { cause: error }) : storageFault(error)
}
