import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Watched } from './admin.ts'
import { type BackupManifest, findManifest, writeDurably } from './backup-manifest.ts'
import { copyPack } from './blobs/copy-pack.ts'
import { systemFileOps } from './blobs/file-ops.ts'
import { packPath } from './blobs/pack-names.ts'
import type { Config } from './config/config.ts'
import { restoreMark } from './data-dir.ts'
import { loadPostgres, NotEmpty } from './db/load-postgres.ts'
import { SchemaTooNew } from './db/migrate.ts'
import { placeSqlite } from './db/snapshot-sqlite.ts'
import { openSealed, type SecretFiles, WrongPassphrase } from './keys/seal-keys.ts'
import { systemClock } from './lib/clock.ts'
import { AdminRefused, type AdminPlace, lockDataDir, readSettings } from './open-admin.ts'
import { placeMark } from './pins/ledger-mark.ts'
import { markTarget, requireRestorable } from './restore-target.ts'

/** What was restored. */
export interface RestoreReport {
  /** Everything acknowledged by then is there; what was revoked or deleted later is back as well. */
  readonly startedAt: string
  readonly installationId: string
  readonly packs: number
  readonly bytes: number
  readonly keys: 'restored' | 'left out'
  readonly damagedPacks: readonly string[]
}

type RestoreOptions = Watched & { readonly passphrase?: string | undefined; readonly withoutKeys?: boolean | undefined }

/**
 * Makes the installation of a backup in an empty data directory (and an empty PostgreSQL database, where it had one). The
 * database comes last, so what was stopped can be begun again, by the same backup. Throws AdminRefused.
 */
export async function restore(place: AdminPlace, dir: string, options: RestoreOptions): Promise<RestoreReport> {
  const config = readSettings(place)
  const manifest = await findManifest(dir)
  if (manifest === undefined)
    throw new AdminRefused('NO_BACKUP', `${dir} holds no backup, or one that was not finished.`)
  requireSameKind(config, manifest)
  const secrets = await readKeys(dir, manifest, options)
  await requireRestorable(config, manifest)
  const lock = lockDataDir(config)
  try {
    await markTarget(config.dataDir, manifest)
    const packsDir = join(config.dataDir, 'packs')
    await copyBack({ dir, packsDir, manifest, options })
    await placeSecrets(config.dataDir, secrets)
    await placeMark(packsDir, { installationId: manifest.installationId, sequence: manifest.sequence })
    await placeDatabase(config, { dir, manifest, signal: options.signal })
    await rm(join(config.dataDir, restoreMark))
  } finally {
    lock.release()
  }
  const { startedAt, installationId, packs, damagedPacks } = manifest
  const bytes = packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const keys = secrets === undefined ? 'left out' : 'restored'
  return { startedAt, installationId, packs: packs.length, bytes, keys, damagedPacks }
}

function requireSameKind({ database }: Config, manifest: BackupManifest): void {
  if (database.kind === manifest.database.kind) return
  const way =
    manifest.database.kind === 'postgres'
      ? 'It was made of a PostgreSQL database: name an empty one with PINYON_DATABASE_URL.'
      : 'It was made of a SQLite database: unset PINYON_DATABASE_URL.'
  throw new AdminRefused('SETTINGS', `This backup cannot be restored with these settings. ${way}`)
}

async function readKeys(
  dir: string,
  { keys }: BackupManifest,
  { passphrase, withoutKeys = false }: RestoreOptions,
): Promise<SecretFiles | undefined> {
  if (keys === 'left out' || withoutKeys) return undefined
  if (passphrase === undefined) {
    throw new AdminRefused(
      'PASSPHRASE',
      'The keys in this backup are sealed. Name their passphrase with --passphrase-file FILE, or leave them out with --without-keys: then no JWT made before is good.',
    )
  }
  try {
    return await openSealed(await readFile(join(dir, 'keys.sealed'), 'utf8'), passphrase)
  } catch (error) {
    if (error instanceof WrongPassphrase) throw new AdminRefused('PASSPHRASE', `${error.message}.`, { cause: error })
    throw error
  }
}

async function copyBack({
  dir,
  packsDir,
  manifest: { packs, damagedPacks },
  options: { onProgress, signal },
}: {
  dir: string
  packsDir: string
  manifest: BackupManifest
  options: Watched
}): Promise<void> {
  const totalBytes = packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let doneBytes = 0
  for (const { name, sizeBytes } of packs) {
    const isWhole = await copyPack({
      from: packPath(join(dir, 'packs'), name),
      to: packPath(packsDir, name),
      sizeBytes,
      hasBytes: 0,
      signal,
      onBytes: (bytes) => onProgress?.((doneBytes += bytes), totalBytes),
    })
    if (!isWhole && !damagedPacks.includes(name))
      throw new AdminRefused('NO_BACKUP', `This backup is incomplete: pack ${name} is missing or too short.`)
  }
  await systemFileOps.syncDirectory(packsDir)
}

async function placeSecrets(dataDir: string, secrets: SecretFiles | undefined): Promise<void> {
  for (const [path, bytes] of secrets ?? []) {
    if (!/^(keys|tls)\/[\w.-]+$/.test(path))
      throw new AdminRefused('NO_BACKUP', `This backup holds a key named ${path}.`)
    const folder = join(dataDir, dirname(path))
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
    await writeDurably(folder, basename(path), bytes)
  }
}

async function placeDatabase(
  { database }: Config,
  { dir, manifest, signal }: { dir: string; manifest: BackupManifest; signal: AbortSignal | undefined },
): Promise<void> {
  const from = manifest.database
  if (from.kind === 'sqlite' && database.kind === 'sqlite') {
    await placeSqlite(join(dir, from.file), database.file)
    await systemFileOps.syncDirectory(dirname(database.file))
  } else if (from.kind === 'postgres' && database.kind === 'postgres') {
    const { schemaVersion } = manifest
    try {
      const dump = { dir: join(dir, from.dir), schemaVersion, tables: from.tables }
      await loadPostgres(database.url.reveal(), dump, { clock: systemClock, signal })
    } catch (error) {
      if (error instanceof NotEmpty)
        throw new AdminRefused('NOT_EMPTY', 'The database of PINYON_DATABASE_URL is not empty. Name a new one.', {
          cause: error,
        })
      if (error instanceof SchemaTooNew) throw new AdminRefused('SETTINGS', error.message, { cause: error })
      throw error
    }
  }
}
