import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { errnoOf, systemFileOps } from './blobs/file-ops.ts'
import { version } from './lib/version.ts'
import { AdminRefused } from './open-admin.ts'

/** The one format that this version writes and reads. */
export const format = 1

/** How much of it there is: of damaged packs less than the database names. */
const Pack = z.object({ name: z.string().regex(/^[0-9A-Za-z-]{1,64}-\d{6,12}$/), sizeBytes: z.int().min(0) })

/** What a backup is of: written last, so that without it nothing beside it counts. */
export const BackupManifest = z.object({
  format: z.literal(format),
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

/** The manifest of a backup; undefined when there is none. Throws AdminRefused for one of another format, or damaged. */
export async function findManifest(dir: string): Promise<BackupManifest | undefined> {
  const path = manifestPath(dir)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
  const value = parse(text)
  requireFormat(dir, value)
  const { data, error } = BackupManifest.safeParse(value)
  if (data !== undefined) return data
  const where = error.issues[0]?.path.join('.') ?? ''
  throw new AdminRefused(
    'NO_BACKUP',
    `${path} is damaged${where === '' ? '' : ` (${where})`}: nothing else tells what the backup beside it holds. Take another copy of it; a new backup goes into another folder.`,
    { cause: error },
  )
}

/** The format of a backup, and who made it, stand in its manifest whatever else does. */
function requireFormat(dir: string, value: unknown): void {
  const { data } = z
    .object({ format: z.int(), program: z.string().max(40).optional().catch(undefined) })
    .safeParse(value)
  if (data === undefined || data.format === format) return
  const by = data.program === undefined ? '' : `, made by Pinyon ${data.program}`
  throw new AdminRefused(
    'NO_BACKUP',
    `${dir} holds a backup of format ${data.format}${by}. This is Pinyon ${version}, which reads format ${format}. Restore it with the version that made it; for a new backup name another folder.`,
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // told by whoever looks at it
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
