import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, type Config } from './config.ts'
import { takeDataLock, type DataLock } from './db/data-lock.ts'

/** The data directory, ours alone. */
export interface DataDir {
  readonly path: string
  readonly packs: string
  readonly keys: string
  /** Never used before: names the packs that this process appends to. */
  readonly writerId: string
  release(): void
}

/**
 * Makes the data directory (mode 0700) and takes its lock. Throws ConfigError when another process has it, or when
 * PINYON_EXISTING=1 and it was never set up: a volume that is not mounted looks like an empty directory.
 */
export function openDataDir(config: Config): DataDir {
  const path = config.dataDir
  if (config.existing && config.database.kind === 'sqlite' && !existsSync(config.database.file)) {
    throw new ConfigError(
      `PINYON_EXISTING=1, but ${path} holds no installation (no pinyon.db). Is the volume mounted? To start a new installation there, unset PINYON_EXISTING.`,
    )
  }
  let lock: DataLock | undefined
  try {
    for (const dir of [path, join(path, 'packs'), join(path, 'keys')]) {
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      chmodSync(dir, 0o700)
    }
    lock = takeDataLock(path)
  } catch (error) {
    throw new ConfigError(
      `PINYON_DATA_DIR: ${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
  if (lock === undefined) {
    throw new ConfigError(
      `Another Pinyon process uses ${path}. Stop it first, or give this one its own PINYON_DATA_DIR.`,
    )
  }
  return {
    path,
    packs: join(path, 'packs'),
    keys: join(path, 'keys'),
    writerId: randomBytes(8).toString('hex'),
    release: () => lock.release(),
  }
}
