import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { errnoOf, systemFileOps } from './blobs/file-ops.ts'

/** How much of it there is: of damaged packs less than the database names. */
const Pack = z.object({ name: z.string().regex(/^[0-9A-Za-z-]{1,64}-\d{6,12}$/), sizeBytes: z.int().min(0) })

/** What a backup is of: written last, so that without it nothing beside it counts. */
export const BackupManifest = z.object({
  format: z.literal(1),
  program: z.string(),
  startedAt: z.iso.datetime(),
  installationId: z.string(),
  sequence: z.int(),
  schemaVersion: z.int(),
  database: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('sqlite'), file: z.string().regex(/^database-\d+\.db$/) }),
    z.object({
      kind: z.literal('postgres'),
      dir: z.string().regex(/^database-\d+$/),
      tables: z.array(
        z.object({
          name: z.string().regex(/^[a-z_]{1,63}$/),
          rows: z.int(),
          sequences: z.record(z.string(), z.int()),
        }),
      ),
    }),
  ]),
  packs: z.array(Pack),
  /** Packs that are missing or too short where they were copied from. */
  damagedPacks: z.array(z.string()),
  /** Whether the keys of the installation are in it, sealed. */
  keys: z.enum(['sealed', 'left out']),
})

/** What a backup is of. */
export type BackupManifest = z.infer<typeof BackupManifest>

/** The manifest of a backup; undefined when there is none. Throws when it cannot be read. */
export async function findManifest(dir: string): Promise<BackupManifest | undefined> {
  try {
    return BackupManifest.parse(JSON.parse(await readFile(manifestPath(dir), 'utf8')))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw new Error(`${manifestPath(dir)} cannot be read`, { cause: error })
  }
}

/** Makes everything that was written before a backup, at once and durably. */
export async function writeManifest(dir: string, manifest: BackupManifest): Promise<void> {
  await writeDurably(dir, 'backup.json', `${JSON.stringify(manifest, undefined, 1)}\n`)
}

/** Writes a file of mode 0600 whole or not at all. */
export async function writeDurably(dir: string, name: string, content: string | Uint8Array): Promise<void> {
  const draft = join(dir, `${name}.new`)
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, join(dir, name))
  await systemFileOps.syncDirectory(dir)
}

function manifestPath(dir: string): string {
  return join(dir, 'backup.json')
}
