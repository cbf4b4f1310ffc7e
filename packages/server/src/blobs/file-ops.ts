import * as fs from 'node:fs'
import { promisify } from 'node:util'

/**
 * The few system calls that the disk packs rest on, so that tests can make them slow, short or fail. All of them throw
 * the system's error; none of them retries.
 */
export interface FileOps {
  /** Opens with mode 0600 when it creates. */
  open(path: string, flags: string): Promise<number>
  close(fd: number): Promise<void>
  /** Bytes written, maybe fewer than given. */
  writev(fd: number, pieces: readonly Uint8Array[], position: number): Promise<number>
  /**
   * Opens a file that is there for going past the page cache (direct I/O); undefined where the system has no such
   * thing. Where only the file system has none, this or the first use throws EINVAL. Memory, length and position of
   * each use are multiples of 4096.
   */
  openDirect(path: string, access: 'read' | 'write'): Promise<number | undefined>
  /** As `writev` on such a descriptor. */
  writeDirect(fd: number, bytes: Uint8Array, position: number): Promise<number>
  /** Bytes read, fewer than asked only at the end of the file. */
  read(fd: number, into: Uint8Array, length: number, position: number): Promise<number>
  fdatasync(fd: number): Promise<void>
  ftruncate(fd: number, sizeBytes: number): Promise<void>
  sizeOf(fd: number): Promise<number>
  unlink(path: string): Promise<void>
  /** Whether an open file has no name any more. */
  isUnlinked(fd: number): Promise<boolean>
  /** Makes names created or removed in this directory durable. */
  syncDirectory(path: string): Promise<void>
  /** What an unprivileged process may still write, and the size of the whole file system. */
  space(path: string): Promise<{ freeBytes: number; totalBytes: number }>
}

const fsync = promisify(fs.fsync)
const open = promisify(fs.open)
const close = promisify(fs.close)
const statfs = promisify(fs.statfs)
/** Linux has it; macOS and Windows do not, whatever the types say. */
const directFlag: number | undefined = fs.constants.O_DIRECT

/** The machine's own. */
export const systemFileOps: FileOps = {
  open: (path, flags) => open(path, flags, 0o600),
  close,
  writev: (fd, pieces, position) =>
    new Promise((resolve, reject) => {
      fs.writev(fd, pieces, position, (error, written) => (error ? reject(error) : resolve(written)))
    }),
  openDirect: async (path, access) => {
    if (directFlag === undefined) return undefined
    return open(path, (access === 'read' ? fs.constants.O_RDONLY : fs.constants.O_WRONLY) | directFlag)
  },
  writeDirect: (fd, bytes, position) =>
    new Promise((resolve, reject) => {
      fs.write(fd, bytes, 0, bytes.length, position, (error, written) => (error ? reject(error) : resolve(written)))
    }),
  read: (fd, into, length, position) =>
    new Promise((resolve, reject) => {
      fs.read(fd, into, 0, length, position, (error, bytesRead) => (error ? reject(error) : resolve(bytesRead)))
    }),
  fdatasync: promisify(fs.fdatasync),
  ftruncate: promisify(fs.ftruncate),
  sizeOf: async (fd) => (await promisify(fs.fstat)(fd)).size,
  unlink: promisify(fs.unlink),
  isUnlinked: async (fd) => (await promisify(fs.fstat)(fd)).nlink === 0,
  async syncDirectory(path) {
    const fd = await open(path, 'r')
    try {
      await fsync(fd)
    } finally {
      await close(fd)
    }
  },
  async space(path) {
    const { bavail, blocks, bsize } = await statfs(path)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  },
}

/** The system's code of an error (`ENOSPC`), when it has one. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
