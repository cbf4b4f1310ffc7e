import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { DiskReserve } from '../../src/db/disk-reserve.ts'
import { SqliteConnection } from '../../src/db/sqlite-connection.ts'

/** A disk that somebody else fills. */
export interface FullDisk {
  /** Where the program keeps its data; undefined: anywhere. */
  readonly dataDir: string | undefined
  /** Takes all the room there is. */
  fill(): void
  /** Gives it back. */
  free(): void
  close(): void
}

/** Ways to have a full disk here: a small one of its own where one may be mounted, and always one that only says so. */
export function fullDisks(): [name: string, open: () => FullDisk][] {
  const ways: [string, () => FullDisk][] = [['a database that says so', openSayingSo]]
  try {
    openSmallDisk().close()
    ways.push(['a small disk', openSmallDisk])
  } catch {
    // Only root may mount; the other way shows the same promise.
  }
  return ways
}

function openSmallDisk(): FullDisk {
  const dataDir = mkdtempSync(join(tmpdir(), 'pinyon-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'pinyon-test', dataDir], { stdio: 'pipe' })
  } catch (error) {
    rmSync(dataDir, { recursive: true })
    throw error
  }
  const filler = join(dataDir, 'of-somebody-else')
  return {
    dataDir,
    fill() {
      const fd = openSync(filler, 'a')
      try {
        for (const piece of [Buffer.alloc(1024 * 1024), Buffer.alloc(4096)]) writeAll(fd, piece)
      } finally {
        closeSync(fd)
      }
    },
    free: () => unlinkSync(filler),
    close() {
      execFileSync('umount', [dataDir])
      rmSync(dataDir, { recursive: true })
    },
  }
}

/** Until there is no room. */
function writeAll(fd: number, piece: Buffer): void {
  try {
    for (;;) writeSync(fd, piece)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error // a system call throws the system's error
  }
}

/** SQLite fails as it does on a full disk, until the reserve is given up. */
function openSayingSo(): FullDisk {
  let isFull = false
  const { run } = SqliteConnection.prototype // oxlint-disable-line unbound-method -- called with its `this` below
  const { giveUp } = DiskReserve.prototype // oxlint-disable-line unbound-method -- as above
  const spies = [
    vi.spyOn(SqliteConnection.prototype, 'run').mockImplementation(function (this: SqliteConnection, sql, parameters) {
      if (isFull && /^\s*(insert|update|delete)/i.test(sql))
        throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
      return run.call(this, sql, parameters)
    }),
    vi.spyOn(DiskReserve.prototype, 'giveUp').mockImplementation(function (this: DiskReserve) {
      if (this.isHeld) isFull = false
      giveUp.call(this)
    }),
  ]
  return {
    dataDir: undefined,
    fill: () => void (isFull = true),
    free: () => void (isFull = false),
    close: () => spies.forEach((spy) => spy.mockRestore()),
  }
}
