import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { joinWriters, livingWriters, soleWriter, type Writers } from './blobs/writers.ts'
import type { Config } from './config/config.ts'
import { ConfigError } from './config/config-error.ts'
import { howToRestore } from './db/database-damaged.ts'
import { type KernelLock, takeKernelLock } from './lib/kernel-lock.ts'
import { makeFoldersSync } from './lib/make-folders.ts'

/** The data directory: with SQLite ours alone, with PostgreSQL shared by the processes of the installation. */
export interface DataDir {
  readonly path: string
  readonly packs: string
  readonly keys: string
  readonly writers: Writers
  /** Takes a lock of the installation by its name; undefined while somebody else holds it. */
  takeLock(name: 'reclaim' | 'node'): KernelLock | undefined
  /** What is made once is made: processes that wait to start go on. */
  letOthersStart(): void
  release(): void
}

/** Stands in a data directory while a backup is restored into it; the database comes last. */
export const restoreMark = 'restoring'

/** How long the start of another process is waited for. */
const startMs = 120_000
const lookMs = 50

/**
 * Makes the data directory (mode 0700) and takes its lock: for good with SQLite, where one process writes; for the time
 * of the start with PostgreSQL, so that of several that start at once the first makes what there is to make and the
 * others wait (`onWait` is told). Throws ConfigError when another process has it, when its database is gone, when a
 * restore into it was not finished, or when PINYON_EXISTING=1 and it was never set up: a volume that is not mounted looks like an empty directory.
 */
export async function openDataDir(config: Config, onWait: () => void = () => undefined): Promise<DataDir> {
  const path = config.dataDir
  if (config.existing && config.database.kind === 'sqlite' && !existsSync(config.database.file)) {
    throw new ConfigError(
      `PINYON_EXISTING=1, but ${path} holds no installation (no pinyon.db). Is the volume mounted? To start a new installation there, unset PINYON_EXISTING.`,
    )
  }
  requireDatabase(config)
  const isShared = config.database.kind === 'postgres'
  makeDirectories(path)
  const lock = isShared ? await waitForLock(path, onWait) : takeAlone(path)
  if (lock === undefined) throw inUse(path)
  let isLocked = true
  const unlock = () => {
    if (isLocked) lock.release()
    isLocked = false
  }
  try {
    const writers = isShared ? joinWriters(writersDir(path)) : soleWriter()
    return {
      path,
      packs: join(path, 'packs'),
      keys: join(path, 'keys'),
      writers,
      takeLock: (name) => takeKernelLock(join(path, `${name}.lock`)),
      letOthersStart: () => isShared && unlock(),
      release() {
        writers.release()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw unusable(path, error)
  }
}

/** Takes the data directory while no process of the installation runs or starts. Throws ConfigError when one does. */
export function holdDataDir({ dataDir }: Config): { release(): void } {
  makeDirectories(dataDir)
  const lock = takeAlone(dataDir)
  if (lock === undefined) throw inUse(dataDir)
  return lock
}

/**
 * A database that was there and is gone is not made anew: SQLite would begin an empty one, and remove the log beside it
 * with everything in it that was not copied yet.
 */
function requireDatabase({ database, dataDir }: Config): void {
  if (database.kind !== 'sqlite' || sizeOf(database.file) > 0) return
  if (existsSync(join(dataDir, restoreMark)))
    throw new ConfigError(
      `A restore into ${dataDir} was not finished. Run it again: ./pinyon admin restore BACKUP --data-dir ${dataDir}. To begin anew instead, empty ${dataDir}.`,
    )
  const packs = join(dataDir, 'packs')
  const left =
    sizeOf(`${database.file}-wal`) > 0
      ? `the log beside it (${database.file}-wal) is there`
      : holdsContent(packs) && `${packs} holds content`
  if (left === false) return
  const how = existsSync(database.file) ? 'empty' : 'missing'
  throw new ConfigError(
    `The database ${database.file} is ${how}, but ${left}. Is the volume mounted, and is PINYON_DATABASE_URL what it was? Nothing was changed. ${howToRestore} To begin anew without what was there, move ${dataDir} away.`,
  )
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** Every installation marks the packs it began with: see `pins/ledger-mark.ts`. */
function holdsContent(packs: string): boolean {
  return existsSync(packs) && readdirSync(packs).some((name) => /^ledger-mark\.json$|\.car$/.test(name))
}

function makeDirectories(path: string): void {
  try {
    for (const dir of [path, join(path, 'packs'), join(path, 'keys')]) {
      makeFoldersSync(dir, 0o700)
      chmodSync(dir, 0o700)
    }
  } catch (error) {
    throw unusable(path, error)
  }
}

function takeAlone(path: string): KernelLock | undefined {
  try {
    const lock = takeKernelLock(join(path, 'lock.db'))
    if (lock === undefined || livingWriters(writersDir(path)).size === 0) return lock
    lock.release()
    return undefined
  } catch (error) {
    throw unusable(path, error)
  }
}

async function waitForLock(path: string, onWait: () => void): Promise<KernelLock | undefined> {
  const until = performance.now() + startMs
  for (let waits = 0; performance.now() < until; waits++) {
    try {
      const lock = takeKernelLock(join(path, 'lock.db'))
      if (lock !== undefined) return lock
    } catch (error) {
      throw unusable(path, error)
    }
    if (waits === 0) onWait()
    await setTimeout(lookMs)
  }
  return undefined
}

function writersDir(path: string): string {
  return join(path, 'writers')
}

function inUse(path: string): ConfigError {
  return new ConfigError(
    `Another Pinyon process uses ${path}. Stop it first, or give this one its own PINYON_DATA_DIR. (Several processes share one only with PINYON_DATABASE_URL.)`,
  )
}

function unusable(path: string, error: unknown): ConfigError {
  return new ConfigError(
    `PINYON_DATA_DIR: ${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  )
}
