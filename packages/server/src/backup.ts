import { chmod, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Watched } from './admin.ts'
import { type BackupManifest, findManifest, format, writeDurably, writeManifest } from './backup-manifest.ts'
import { copyPack } from './blobs/copy-pack.ts'
import { errnoOf, systemFileOps } from './blobs/file-ops.ts'
import { packPath } from './blobs/pack-names.ts'
import type { Config } from './config/config.ts'
import { dumpPostgres } from './db/dump-postgres.ts'
import { snapshotSqlite, type Snapshot } from './db/snapshot-sqlite.ts'
import { sealFiles } from './keys/seal-keys.ts'
import { takeKernelLock, type KernelLock } from './lib/kernel-lock.ts'
import { makeFolders } from './lib/make-folders.ts'
import { version } from './lib/version.ts'
import { AdminRefused, type AdminPlace, withDatabase } from './open-admin.ts'
import { armFailpoint, failpoint } from './lib/failpoint.ts'

/** Folders of the data directory with secrets in clear. */
const secretFolders = ['keys', 'tls']
/** How long a pass of the reclaimer is waited for. */
const reclaimMs = 600_000
const lookMs = 100

/** What a backup came to. */
export interface BackupReport {
  readonly startedAt: string
  readonly packs: number
  readonly bytes: number
  /** Bytes that an earlier backup in the same folder had not. */
  readonly copiedBytes: number
  readonly keys: BackupManifest['keys']
  readonly damagedPacks: readonly string[]
}

/**
 * Copies the installation into `dir` while it serves: the database as it is at one moment, then the packs as far as it
 * names them, which nobody removes meanwhile. A second backup into the same folder copies what is new; until it is whole
 * the first one counts. Keys are sealed with the passphrase, or left out. Throws AdminRefused.
 */
export async function backup(
  place: AdminPlace,
  dir: string,
  { passphrase, onProgress, signal }: Watched & { readonly passphrase?: string | undefined },
): Promise<BackupReport> {
  return withDatabase(place, 'read', async ({ config, clock }) => {
    armFailpoint(config.failpoint)
    const startedAt = new Date(clock.now()).toISOString()
    const before = await prepareFolder(dir)
    const lock = await takeReclaim(config, signal)
    try {
      const taken = await takeDatabase(config, { dir, number: clock.now(), signal })
      failpoint('backup-database-copied')
      const copied = await copyPacks({ config, dir, before, needed: taken.snapshot.packs, onProgress, signal })
      if (passphrase !== undefined)
        await writeDurably(dir, 'keys.sealed', await sealFiles(await readSecrets(config.dataDir), passphrase))
      const manifest: BackupManifest = {
        format,
        program: version,
        startedAt,
        installationId: taken.snapshot.installationId,
        sequence: taken.snapshot.sequence,
        schemaVersion: taken.snapshot.schemaVersion,
        database: taken.database,
        packs: copied.packs,
        damagedPacks: copied.damagedPacks,
        keys: passphrase === undefined ? 'left out' : 'sealed',
      }
      failpoint('backup-packs-copied')
      await writeManifest(dir, manifest)
      await removeOthers(dir, manifest)
      const bytes = manifest.packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      const { damagedPacks, copiedBytes } = copied
      return { startedAt, packs: manifest.packs.length, bytes, copiedBytes, keys: manifest.keys, damagedPacks }
    } finally {
      lock.release()
    }
  })
}

/** A folder with anything else in it is left as it is. */
async function prepareFolder(dir: string): Promise<BackupManifest | undefined> {
  const before = await findManifest(dir)
  const names = await readdir(dir).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  })
  if (
    before === undefined &&
    names.some((name) => !/^(packs|database-\d+(\.db(\.new)?)?|keys\.sealed|lost\+found|.*\.new)$/.test(name))
  )
    throw new AdminRefused('NOT_EMPTY', `${dir} holds something else. Name an empty folder, or one with a backup.`)
  await makeFolders(join(dir, 'packs'), 0o700)
  for (const each of [dir, join(dir, 'packs')]) await chmod(each, 0o700)
  return before
}

/** As long as this is held nobody collects blocks or removes packs: see `pins/reclaimer.ts`. */
async function takeReclaim({ dataDir }: Config, signal: AbortSignal | undefined): Promise<KernelLock> {
  const until = performance.now() + reclaimMs
  for (;;) {
    signal?.throwIfAborted()
    const lock = takeKernelLock(join(dataDir, 'reclaim.lock'))
    if (lock !== undefined) return lock
    if (performance.now() > until)
      throw new AdminRefused(
        'BUSY',
        'Space is being reclaimed, or another backup runs, and does not end. Try again later.',
      )
    await setTimeout(lookMs, undefined, signal === undefined ? {} : { signal })
  }
}

async function takeDatabase(
  { database }: Config,
  { dir, number, signal }: { dir: string; number: number; signal: AbortSignal | undefined },
): Promise<{ snapshot: Snapshot; database: BackupManifest['database'] }> {
  if (database.kind === 'sqlite') {
    const file = `database-${number}.db`
    const snapshot = await snapshotSqlite(database.file, join(dir, file))
    await systemFileOps.syncDirectory(dir)
    return { snapshot, database: { kind: 'sqlite', file } }
  }
  const folder = `database-${number}`
  const { tables, ...snapshot } = await dumpPostgres(database.url.reveal(), join(dir, folder), signal)
  await systemFileOps.syncDirectory(join(dir, folder))
  await systemFileOps.syncDirectory(dir)
  return {
    snapshot,
    database: {
      kind: 'postgres',
      dir: folder,
      tables: tables.map((each) => ({ ...each, sequences: { ...each.sequences } })),
    },
  }
}

interface CopyPacks {
  readonly config: Config
  readonly dir: string
  readonly before: BackupManifest | undefined
  readonly needed: Snapshot['packs']
  readonly onProgress: Watched['onProgress']
  readonly signal: AbortSignal | undefined
}

/** What was copied, each pack as far as the folder has it now: of damaged ones what an earlier backup had is kept. */
async function copyPacks({ config, dir, before, needed, onProgress, signal }: CopyPacks) {
  const totalBytes = needed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  // Only what a finished backup named is surely on the disk.
  const there = new Map(before?.packs.map(({ name, sizeBytes }) => [name, sizeBytes]))
  const packs: BackupManifest['packs'] = []
  const damagedPacks: string[] = []
  let doneBytes = 0
  let copiedBytes = 0
  for (const { name, sizeBytes } of needed) {
    const to = packPath(join(dir, 'packs'), name)
    // What the folder lost since is copied anew: a hole would pass for a copy.
    const hasBytes = Math.min(there.get(name) ?? 0, sizeBytes, await sizeOf(to))
    const isWhole = await copyPack({
      from: packPath(join(config.dataDir, 'packs'), name),
      to,
      sizeBytes,
      hasBytes,
      signal,
      onBytes: (bytes) => onProgress?.((doneBytes += bytes), totalBytes),
    })
    const pack = { name, sizeBytes: isWhole ? sizeBytes : Math.min(sizeBytes, await sizeOf(to)) }
    packs.push(pack)
    copiedBytes += pack.sizeBytes - hasBytes
    if (!isWhole) damagedPacks.push(name)
  }
  await systemFileOps.syncDirectory(join(dir, 'packs'))
  return { packs, damagedPacks, copiedBytes }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0
    throw error
  }
}

async function readSecrets(dataDir: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const folder of secretFolders) {
    const names = await readdir(join(dataDir, folder)).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return []
      throw error
    })
    for (const name of names.filter((each) => !each.endsWith('.new')))
      files.set(`${folder}/${name}`, await readFile(join(dataDir, folder, name)))
  }
  return files
}

/** What earlier backups needed and this one does not. */
async function removeOthers(dir: string, { database, packs, keys }: BackupManifest): Promise<void> {
  const kept = new Set([
    database.kind === 'sqlite' ? database.file : database.dir,
    ...(keys === 'sealed' ? ['keys.sealed'] : []),
  ])
  for (const name of await readdir(dir)) {
    if (/^(database-|keys\.sealed)/.test(name) && !kept.has(name)) await rm(join(dir, name), { recursive: true })
  }
  const names = new Set(packs.map(({ name }) => `${name}.car`))
  for (const name of await readdir(join(dir, 'packs'))) if (!names.has(name)) await rm(join(dir, 'packs', name))
}
