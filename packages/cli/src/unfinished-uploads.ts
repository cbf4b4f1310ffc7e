import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolders } from '@pinyon/server/lib/make-folders.ts'
import { configDir } from './profile.ts'

/** What an upload is known by when the same command runs again: the server, the file as it is, and how it is sent. */
export interface Remembered {
  readonly apiUrl: string
  readonly path: string
  readonly sizeBytes: number | undefined
  readonly changedAtMs: number
  readonly options: unknown
}

/** The id of an upload of this that did not end; undefined when none is known. */
export async function findUnfinished(env: NodeJS.ProcessEnv, what: Remembered): Promise<string | undefined> {
  try {
    return (await readFile(fileOf(env, what), 'utf8')).trim()
  } catch {
    return undefined // nothing was kept, or nothing that can be read: it begins anew
  }
}

/** Keeps the id of an upload that has begun. One that cannot be kept is no reason not to upload. */
export async function keepUnfinished(env: NodeJS.ProcessEnv, what: Remembered, id: string): Promise<void> {
  const file = fileOf(env, what)
  await makeFolders(join(file, '..'), 0o700).catch(() => undefined)
  await writeFile(file, `${id}\n`, { mode: 0o600 }).catch(() => undefined)
}

/** The upload has ended, or is not there any more. */
export async function forgetUnfinished(env: NodeJS.ProcessEnv, what: Remembered): Promise<void> {
  await rm(fileOf(env, what), { force: true })
}

function fileOf(env: NodeJS.ProcessEnv, what: Remembered): string {
  return join(configDir(env), 'uploads', createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32))
}
