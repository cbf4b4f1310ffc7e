import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findInstallation } from './accounts/queries.ts'
import { openDiskPacks } from './blobs/disk.ts'
import type { BlobReader } from './blobs/blob-store.ts'
import type { Config } from './config/config.ts'
import { ConfigError } from './config/config-error.ts'
import { readConfig } from './config/read-config.ts'
import { holdDataDir } from './data-dir.ts'
import { openDatabase, type Database, type DatabaseConfig } from './db/database.ts'
import { KeyCache } from './keys/key-cache.ts'
import { systemClock } from './lib/clock.ts'
import { createIdSource } from './lib/ids.ts'
import { openLog } from './lib/log.ts'
import { urlOf } from './open-listener.ts'
import type { Services } from './services.ts'

/** What cannot be done on this machine now; the message says what to do instead. */
export class AdminRefused extends Error {
  override readonly name = 'AdminRefused'
  readonly reason:
    | 'NO_INSTALLATION'
    | 'NOT_SET_UP'
    | 'SERVER_RUNNING'
    | 'SETTINGS'
    | 'NOT_EMPTY'
    | 'NO_BACKUP'
    | 'PASSPHRASE'
    | 'BUSY'

  constructor(reason: AdminRefused['reason'], message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.reason = reason
  }
}

/** Where to look, beside what the environment says. */
export interface AdminPlace {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly dataDir: string
  /** Address of the server for links; without it that of the settings. */
  readonly apiUrl?: string | undefined
}

/** What the database's own operations work with. */
export type AdminServices = Pick<Services, 'config' | 'clock' | 'newId' | 'log' | 'db' | 'keyCache' | 'installation'>

/**
 * Opens the database of an installation for `use` beside a server that may be running, and closes it afterwards. With
 * `read` nothing is written. Throws AdminRefused, and what opening the database throws.
 */
export async function withDatabase<T>(
  place: AdminPlace,
  access: 'read' | 'write',
  use: (services: AdminServices) => Promise<T>,
): Promise<T> {
  const config = readSettings(place)
  requireInstallation(config)
  const db = await openLedger(config, access)
  try {
    return await use(await servicesOf(config, db, place.apiUrl))
  } finally {
    await db.close()
  }
}

/** With the packs of the data directory, for reading. */
export type PackServices = AdminServices & { readonly packs: BlobReader; readonly packsDir: string }

/**
 * As `withDatabase`, with the packs: `beside a server` for reading only, `alone` also for writing to the database, while
 * no server can start. Throws AdminRefused when one runs.
 */
export async function withPacks<T>(
  place: AdminPlace,
  how: 'beside a server' | 'alone',
  use: (services: PackServices) => Promise<T>,
): Promise<T> {
  const config = readSettings(place)
  requireInstallation(config)
  const dataDir = how === 'alone' ? lockDataDir(config) : undefined
  const packsDir = join(config.dataDir, 'packs')
  try {
    return await withDatabase(place, how === 'alone' ? 'write' : 'read', async (services) => {
      const packs = await openDiskPacks({ dir: packsDir, readOnly: true })
      try {
        return await use({ ...services, packs, packsDir })
      } finally {
        await packs.close()
      }
    })
  } finally {
    dataDir?.release()
  }
}

/** The settings of a place. Throws AdminRefused. */
export function readSettings({ env, dataDir }: AdminPlace): Config {
  try {
    return readConfig({ ...env, PINYON_DATA_DIR: dataDir }, { cwd: dataDir, terminal: false })
  } catch (error) {
    if (error instanceof ConfigError) throw new AdminRefused('SETTINGS', error.message, { cause: error })
    throw error
  }
}

/** Nothing is made here: a directory without an installation is a mistake in its name. */
function requireInstallation({ database, dataDir }: Config): void {
  if (database.kind === 'sqlite' && !existsSync(database.file)) throw noInstallation(dataDir)
}

function noInstallation(dataDir: string): AdminRefused {
  return new AdminRefused(
    'NO_INSTALLATION',
    `${dataDir} holds no installation. Name its data directory with --data-dir DIR or PINYON_DATA_DIR.`,
  )
}

/** Takes a data directory, made when it is not there, for as long as no server may run. Throws AdminRefused. */
export function lockDataDir(config: Config): { release(): void } {
  try {
    return holdDataDir(config)
  } catch (error) {
    if (!(error instanceof ConfigError) || error.cause !== undefined) throw error
    throw new AdminRefused(
      'SERVER_RUNNING',
      `A server is running on ${config.dataDir}. Stop it first (Ctrl-C where npm start runs), then try again.`,
      { cause: error },
    )
  }
}

/** The database with exactly the schema of this program: bringing it up to date is the server's. */
async function openLedger(config: Config, access: 'read' | 'write'): Promise<Database> {
  const { database } = config
  const place: DatabaseConfig = database.kind === 'sqlite' ? database : { kind: 'postgres', url: database.url.reveal() }
  const reading = await openDatabase(place, { clock: systemClock, readOnly: true })
  if (access === 'read') return reading
  await reading.close()
  return openDatabase(place, { clock: systemClock })
}

async function servicesOf(config: Config, db: Database, apiUrl: string | undefined): Promise<AdminServices> {
  const row = await findInstallation(db.read)
  if (row === undefined) throw noInstallation(config.dataDir)
  return {
    config,
    clock: systemClock,
    newId: createIdSource(systemClock),
    log: openLog({ level: 'silent', readable: false }),
    db,
    keyCache: new KeyCache({ db }),
    installation: {
      id: row.id,
      apiUrl: apiUrl ?? config.api.url ?? urlOf(config, config.api.listen),
      gatewayUrl: config.gateway.url ?? '',
    },
  }
}
