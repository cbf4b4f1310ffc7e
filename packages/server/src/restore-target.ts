import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type BackupManifest, writeDurably } from './backup-manifest.ts'
import { errnoOf } from './blobs/file-ops.ts'
import type { Config } from './config/config.ts'
import { restoreMark } from './data-dir.ts'
import { AdminRefused } from './open-admin.ts'

/** What an empty directory may hold: a file system's own folder, and what taking the directory makes. */
const ofNobody = /^(lost\+found|lock\.db|packs|keys|writers)$/

/** Names that are told of what is in the way. */
const shownNames = 3

/**
 * Sees to it that nothing is written over or mixed with anything but what a restore of the same backup that was stopped
 * has left. Throws AdminRefused.
 */
export async function requireRestorable({ dataDir, database }: Config, manifest: BackupManifest): Promise<void> {
  const names = await namesIn(dataDir)
  const other = `Name an empty directory with --data-dir DIR.`
  if (database.kind === 'sqlite' && names.includes(basename(database.file))) throw filled('an installation')
  if (names.includes(restoreMark)) {
    if ((await readFile(join(dataDir, restoreMark), 'utf8')) === markOf(manifest)) return
    throw new AdminRefused(
      'NOT_EMPTY',
      `A restore of another backup, or of an earlier state of this one, into ${dataDir} was not finished. Empty it, or name an empty directory with --data-dir DIR.`,
    )
  }
  if ((await namesIn(join(dataDir, 'packs'))).length > 0) throw filled('an installation')
  const odd = names.filter((name) => !ofNobody.test(name))
  for (const folder of ['keys', 'writers'])
    odd.push(...(await namesIn(join(dataDir, folder))).map((name) => join(folder, name)))
  if (odd.length === 0) return
  const more = odd.length > shownNames ? ` and ${odd.length - shownNames} more` : ''
  throw filled(`something else (${odd.slice(0, shownNames).join(', ')}${more})`)

  function filled(what: string): AdminRefused {
    return new AdminRefused('NOT_EMPTY', `${dataDir} holds ${what}. ${other}`)
  }
}

/** Marks the directory as one into which this backup is being restored, until the mark is removed. */
export async function markTarget(dataDir: string, manifest: BackupManifest): Promise<void> {
  await writeDurably(dataDir, restoreMark, markOf(manifest))
}

/** One backup of one installation. */
function markOf({ installationId, startedAt, sequence }: BackupManifest): string {
  return `${JSON.stringify({ installationId, startedAt, sequence })}\n`
}

async function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  })
}
