import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, run } from './command.ts'

/** A file system in memory with bounds, which somebody else fills. */
export interface SmallDisk {
  readonly path: string
  /** Takes all the room there is, or all the inodes. */
  fill(what: 'bytes' | 'inodes'): void
  /** Gives back what `fill` took. */
  free(): void
  remount(options: 'ro' | 'rw'): Promise<void>
  close(): Promise<void>
}

/** Mounts one at `path`, which is made. */
export async function mountSmallDisk(
  path: string,
  { sizeMiB, inodes }: { sizeMiB: number; inodes?: number },
): Promise<SmallDisk> {
  mkdirSync(path, { recursive: true })
  const bounds = [`size=${sizeMiB}m`, 'mode=0700', ...(inodes === undefined ? [] : [`nr_inodes=${inodes}`])]
  await run('mount', '-t', 'tmpfs', '-o', bounds.join(','), 'pinyon-torture', path)
  const others = join(path, 'of-somebody-else')
  return {
    path,
    fill(what) {
      mkdirSync(others, { recursive: true })
      if (what === 'bytes') fillBytes(join(others, `${Date.now()}`))
      else fillInodes(others)
    },
    free: () => rmSync(others, { recursive: true, force: true }),
    remount: async (options) => void (await run('mount', '-o', `remount,${options}`, path)),
    close: async () => void (await attempt('umount', '-l', path)),
  }
}

function fillBytes(file: string): void {
  const fd = openSync(file, 'a')
  try {
    for (const piece of [Buffer.alloc(1024 * 1024), Buffer.alloc(4096)]) untilFull(() => void writeSync(fd, piece))
  } finally {
    closeSync(fd)
  }
}

function fillInodes(dir: string): void {
  let count = 0
  untilFull(() => closeSync(openSync(join(dir, `inode-${Date.now()}-${count++}`), 'wx')))
}

function untilFull(take: () => void): void {
  try {
    for (;;) take()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error // a system call throws the system's error
  }
}
