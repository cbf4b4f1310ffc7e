import { chmod, mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { AppError } from '../lib/errors.ts'
import { type BlobReader, type BlobStore, type PackInfo, PackMissing } from './blob-store.ts'
import { errnoOf, type FileOps, systemFileOps } from './file-ops.ts'
import { freeInSteps, stepBytes } from './free-in-steps.ts'
import { FreeSpace, type Room } from './free-space.ts'
import { packName, packOfFile, packPath } from './pack-names.ts'
import { PackReader } from './pack-reader.ts'
import { DiskPackScan } from './pack-scan.ts'
import { PackWriters } from './pack-writers.ts'
import { storageFault } from './storage-fault.ts'

const MiB = 1024 * 1024

interface ReadingOptions {
  /** The directory of the packs. */
  readonly dir: string
  readonly ops?: FileOps
  /** How many packs stay open for reading. */
  readonly maxOpenFiles?: number
}

interface WritingOptions extends ReadingOptions {
  /** Of this process alone and never used before: letters, digits and dashes, at most 64. */
  readonly writerId: string
  /** A pack that has grown to this takes no more appends; one append may go beyond it. Default 1 GiB, on a small file system a 64th of it. */
  readonly segmentBytes?: number
  /** Bytes written after which a sync starts in the background, so that the one at the end is short. Default 32 MiB. */
  readonly flushBytes?: number
  /** Bytes waiting from which on they are written past the page cache, where the file system has that. Default 256 KiB. */
  readonly directFromBytes?: number
  /** Appends that would leave less than this are refused. Default: see `defaultMinFreeBytes`. */
  readonly minFreeBytes?: number
  /** The same of another directory: where the database has little room, uploads would take it. */
  readonly beside?: Room
  /** Told of faults that perhaps nobody waits for: a failed sync in the background, a tail that could not be cut. */
  readonly report?: (fault: AppError) => void
  readonly monotonicMs?: () => number
}

/** What a disk can do beyond `BlobReader`. */
export type DiskReader = Required<BlobReader>
/** What a disk can do beyond `BlobStore`. */
export type DiskStore = BlobStore & DiskReader

/**
 * Opens the packs of a directory: plain CARv1 files `<writerId>-<sequence>.car`, mode 0600 in a directory of mode 0700.
 * With `readOnly` nothing is created or changed, and the directory must exist. Throws `storage_failed`.
 */
export function openDiskPacks(options: WritingOptions & { readonly readOnly?: false }): Promise<DiskStore>
export function openDiskPacks(options: ReadingOptions & { readonly readOnly: true }): Promise<DiskReader>
export async function openDiskPacks(
  options: (WritingOptions & { readonly readOnly?: false }) | (ReadingOptions & { readonly readOnly: true }),
): Promise<DiskStore | DiskReader> {
  const ops = options.ops ?? systemFileOps
  const dir = resolve(options.dir)
  // Refuses a writer id that makes no file name.
  if (!options.readOnly) packPath(dir, packName(options.writerId, 0))
  try {
    if (options.readOnly) {
      await readdir(dir)
      return openReader(ops, dir, options.maxOpenFiles)
    }
    await makeDirectory(ops, dir)
    return await openWriter(ops, dir, options)
  } catch (error) {
    throw storageFault(error)
  }
}

/**
 * Room kept for the database, whose log grows to 64 MiB and more, for compaction and for deleting: 2 % of the file
 * system, at least 96 MiB (a quarter of a small one), at most 256 MiB.
 */
export function defaultMinFreeBytes(totalBytes: number): number {
  const least = Math.min(96 * MiB, totalBytes / 4)
  return Math.floor(Math.min(256 * MiB, Math.max(totalBytes / 50, least)))
}

async function openWriter(ops: FileOps, dir: string, options: WritingOptions): Promise<DiskStore> {
  const { writerId, flushBytes = 32 * MiB, directFromBytes = MiB / 4, report = () => undefined } = options
  const { totalBytes } = await ops.space(dir)
  const segmentBytes = options.segmentBytes ?? Math.max(MiB, Math.min(1024 * MiB, Math.floor(totalBytes / 64)))
  const minFreeBytes = options.minFreeBytes ?? defaultMinFreeBytes(totalBytes)
  const room = { dir, minFreeBytes, beside: options.beside }
  const space = new FreeSpace(ops, room, options.monotonicMs ?? (() => performance.now()))
  const writer = new PackWriters({ ops, dir, writerId, segmentBytes, flushBytes, directFromBytes, report })
  const reader = new PackReader(ops, dir, options.maxOpenFiles ?? 256)
  const scan = (pack: string, from: number | undefined, withBytes: boolean) =>
    new DiskPackScan({ ops, dir, pack, from, withBytes, limitBytes: () => writer.find(pack)?.writtenBytes })

  return {
    writerId,
    async append(blocks, { mayUseReserve = false, isApart = false } = {}) {
      if (blocks.length === 0) return []
      if (space.stale) await space.refresh()
      return writer.append(blocks, { isApart, take: (sizeBytes) => space.take(sizeBytes, mayUseReserve) })
    },
    sync: (packs) => writer.sync(packs),
    seal: (pack) => writer.seal(pack),
    read: (location) => reader.read(location),
    readOnce: (location, memory) => reader.readOnce(location, memory),
    readSync: (location) => reader.readSync(location),
    reopen: (pack) => reader.reopen(pack),
    list: () => listPacks(dir, (pack) => writer.find(pack)?.sealed === false),
    scan: (pack, { from } = {}) => scan(pack, from, false),
    scanBytes: (pack, { from } = {}) => scan(pack, from, true),
    async truncate(pack, sizeBytes) {
      if (writer.find(pack) !== undefined) throw new Error(`pack of this writer: ${pack}`)
      const path = packPath(dir, pack)
      await changeFile(pack, () => truncateFile(ops, path, sizeBytes))
    },
    async remove(pack, { between } = {}) {
      const path = packPath(dir, pack)
      const own = writer.find(pack)
      if (own !== undefined && !own.sealed) throw new Error(`pack still written to: ${pack}`)
      if (own !== undefined && own.fault === undefined) await writer.seal(pack)
      await changeFile(pack, () =>
        reader.withoutReaders(pack, async () => {
          const isLarge = (own?.writtenBytes ?? (await stat(path)).size) > stepBytes
          const fd = isLarge ? await ops.open(path, 'r+') : undefined
          try {
            // The name goes first of all: nobody finds the pack half there, and when the process dies the system frees it.
            await ops.unlink(path)
            writer.forget(pack)
            await ops.syncDirectory(dir)
            if (fd !== undefined) await freeInSteps(ops, fd, between)
          } finally {
            if (fd !== undefined) await ops.close(fd)
          }
        }),
      )
    },
    async tryToWrite() {
      await space.refresh()
      space.take(0, false)
      await tryToWrite(ops, join(dir, `${writerId}.trial`))
    },
    async close() {
      // Appends that wait for this answer came before.
      await space.pending?.catch(() => undefined)
      try {
        await writer.close()
      } finally {
        await reader.close()
      }
    },
  }
}

function openReader(ops: FileOps, dir: string, maxOpenFiles = 256): DiskReader {
  const reader = new PackReader(ops, dir, maxOpenFiles)
  const limitBytes = () => undefined
  return {
    read: (location) => reader.read(location),
    readOnce: (location, memory) => reader.readOnce(location, memory),
    readSync: (location) => reader.readSync(location),
    reopen: (pack) => reader.reopen(pack),
    list: () => listPacks(dir, () => false),
    scan: (pack, { from } = {}) => new DiskPackScan({ ops, dir, pack, from, withBytes: false, limitBytes }),
    scanBytes: (pack, { from } = {}) => new DiskPackScan({ ops, dir, pack, from, withBytes: true, limitBytes }),
    close: () => reader.close(),
  }
}

async function listPacks(dir: string, isCurrent: (pack: string) => boolean): Promise<PackInfo[]> {
  try {
    const packs: PackInfo[] = []
    for (const file of (await readdir(dir)).sort()) {
      const known = packOfFile(file)
      if (known === undefined) continue
      // A pack that compaction removes meanwhile is not there any more.
      const size = await stat(packPath(dir, known.pack)).catch(unlessMissing)
      if (size !== undefined) packs.push({ ...known, sizeBytes: size.size, current: isCurrent(known.pack) })
    }
    return packs
  } catch (error) {
    throw storageFault(error)
  }
}

function unlessMissing(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error
}

async function changeFile(pack: string, change: () => Promise<void>): Promise<void> {
  try {
    await change()
  } catch (error) {
    throw errnoOf(error) === 'ENOENT' ? new PackMissing(pack, { cause: error }) : storageFault(error)
  }
}

async function truncateFile(ops: FileOps, path: string, sizeBytes: number): Promise<void> {
  const fd = await ops.open(path, 'r+')
  try {
    const before = await ops.sizeOf(fd)
    if (sizeBytes > before) throw new Error(`${path} has ${before} bytes and cannot be cut to ${sizeBytes}`)
    await ops.ftruncate(fd, sizeBytes)
    await ops.fdatasync(fd)
  } finally {
    await ops.close(fd)
  }
}

/** Throws `storage_full` and `storage_failed`. */
async function tryToWrite(ops: FileOps, path: string): Promise<void> {
  try {
    const fd = await ops.open(path, 'w')
    try {
      await ops.writev(fd, [new Uint8Array(4096)], 0)
      await ops.fdatasync(fd)
    } finally {
      await ops.close(fd)
      await ops.unlink(path)
    }
  } catch (error) {
    throw storageFault(error)
  }
}

/** Makes the directory, and its name durable, whatever the umask is. */
async function makeDirectory(ops: FileOps, dir: string): Promise<void> {
  const firstMade = await mkdir(dir, { recursive: true, mode: 0o700 })
  await chmod(dir, 0o700)
  if (firstMade === undefined) return
  for (let made = dir; made.length >= firstMade.length; made = dirname(made)) await ops.syncDirectory(dirname(made))
}
