import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { FolderPage } from '@pinyon/contract/schemas/files.ts'
import type { Context } from '../context.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { safeText } from '../output.ts'
import type { Progress } from '../progress.ts'
import { newFile, readContent, readSmallContent } from './read-content.ts'

/** What was written. */
export interface Got {
  bytes: number
  files: number
}

/** How many files are asked for at the same time: small ones take longer to ask for than to send. */
const atOnce = 8

/** Files up to this size are held in memory. */
const smallBytes = 1_048_576

/** Writes what lies under `path` of a file of the account into the new folder `target`. */
export async function getFolder(
  context: Context,
  id: string,
  path: string,
  target: string,
  progress: Progress,
): Promise<Got> {
  const got = { bytes: 0, files: 0 }
  const files = walk(context, id, path, target)
  let hasFailed = false
  const work = async () => {
    for (;;) {
      const next = await files.next()
      if (next.done === true || hasFailed) return
      const { path, to, isSmall } = next.value
      try {
        // Others add to it meanwhile.
        const bytes = isSmall
          ? await readSmallContent(context, id, path, to, progress)
          : await readContent(context, id, { path }, newFile(to), progress)
        got.bytes += bytes
        got.files++
      } catch (error) {
        hasFailed = true
        throw error instanceof ApiError ? withPath(error, path) : error
      }
    }
  }
  const results = await Promise.allSettled(Array.from({ length: atOnce }, work))
  for (const result of results) if (result.status === 'rejected') throw result.reason
  return got
}

/** Makes the folders, and gives the files in them. */
async function* walk(
  context: Context,
  id: string,
  path: string,
  target: string,
): AsyncGenerator<{ path: string; to: string; isSmall: boolean }, undefined> {
  await mkdir(target)
  for (let after: string | undefined; ;) {
    const { entries, next } = await readPage(context, id, path, after)
    for (const { name, kind, size } of entries) {
      requireLocalName(name)
      const below = { path: path === '' ? name : `${path}/${name}`, to: join(target, name) }
      if (kind === 'folder') yield* walk(context, id, below.path, below.to)
      else yield { ...below, isSmall: size !== null && size <= smallBytes }
    }
    if (next === null) return
    after = next
  }
}

function withPath({ status, reason, message, requestId, retryAfterSeconds }: ApiError, path: string): ApiError {
  return new ApiError({ status, reason, message: `${safeText(path)}: ${message}`, requestId, retryAfterSeconds })
}

/** A page of the folder under `path`. */
export async function readPage(
  context: Context,
  id: string,
  path: string,
  after: string | undefined,
): Promise<ReturnType<typeof FolderPage.parse>> {
  const client = await context.client()
  const answer = await client.open(routes.filesContent, {
    params: { id },
    query: { format: 'list', path: path === '' ? undefined : path, after },
    signal: context.signal,
  })
  return FolderPage.parse(await answer.json())
}

/** Names come from whoever made the folder: none may lead out of it. */
function requireLocalName(name: string): void {
  if (name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)) return
  throw new CommandError(
    `The folder holds an entry that cannot be a file name here: ${JSON.stringify(safeText(name))}. Get it as a CAR: --car.`,
    { reason: 'UNSAFE_NAME', exitCode: exitCodes.failed },
  )
}
