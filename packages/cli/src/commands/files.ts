import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { FolderPage } from '@pinyon/contract/schemas/files.ts'
import type { z } from 'zod'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { bytesText, safeText, table, timeText } from '../output.ts'
import { openProgress } from '../progress.ts'

type File = z.infer<typeof routes.filesGet.response>['data']

/** Options of `ls`. */
export interface ListOptions {
  readonly public?: boolean
  readonly private?: boolean
  readonly name?: string
  readonly cid?: string
  readonly keyvalue: readonly string[]
  readonly limit: string
  readonly all?: boolean
}

/** Lists files, newest first; both networks unless one is named. */
export async function list(context: Context, options: ListOptions): Promise<void> {
  const limit = options.all === true ? Infinity : Number(options.limit)
  if (Number.isNaN(limit) || limit < 1) throw new UsageError('--limit wants a whole number from 1 on.')
  const networks = (['public', 'private'] as const).filter(
    (network) => options.public === options.private || options[network] === true,
  )
  const files: File[] = []
  for (const network of networks) files.push(...(await listNetwork(context, network, options, limit)))
  const shown = files.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit)
  context.out.result(shown, () =>
    shown.length === 0
      ? 'No files like that. Upload one: ./pinyon upload FILE'
      : table(
          ['ID', 'NAME', 'SIZE', 'NETWORK', 'CREATED', 'CID'],
          shown.map((file) => [
            file.id,
            safeText(file.name ?? '-'),
            bytesText(file.size),
            file.network,
            timeText(file.created_at),
            file.cid,
          ]),
        ),
  )
  if (shown.length === limit) context.out.note(`The newest ${limit}; more with --limit N or --all.`)
}

async function listNetwork(
  context: Context,
  network: 'public' | 'private',
  options: ListOptions,
  limit: number,
): Promise<File[]> {
  const client = await context.client()
  const filters = Object.fromEntries(
    options.keyvalue.map((text) => [`keyvalues[${text.split('=', 1)[0] ?? ''}]`, text.slice(text.indexOf('=') + 1)]),
  )
  const files: File[] = []
  for (let pageToken: string | undefined; ;) {
    const { data } = await client.call(routes.filesList, {
      params: { network },
      query: {
        ...filters,
        name: options.name,
        cid: options.cid,
        limit: Math.min(limit - files.length, 1_000),
        order: 'DESC',
        pageToken,
      },
      signal: context.signal,
    })
    files.push(...data.files)
    if (data.next_page_token === null || files.length >= limit) return files
    pageToken = data.next_page_token
  }
}

/** Options of `get`. */
export interface GetOptions {
  readonly output?: string
  readonly car?: boolean
  readonly path?: string
}

/** Writes a file, a whole folder, or a CAR of either to disk (or stdout with `-o -`). Private ones too. */
export async function get(context: Context, which: string, options: GetOptions): Promise<void> {
  const file = await findFile(context, which)
  const name = (options.path?.split('/').at(-1) ?? file.name ?? file.cid).replace(/[/\\\0]/g, '_') || file.cid
  const target = options.output ?? (options.car === true ? `${name}.car` : name)
  if (options.car !== true && file.mime_type === 'directory' && (await isFolder(context, file.id, options.path))) {
    if (target === '-') throw new UsageError('A folder cannot go to stdout. Give --output DIR, or --car.')
    await requireFree(target)
    const count = await getFolder(context, file.id, options.path ?? '', resolve(target), resolve(target))
    context.out.result({ id: file.id, cid: file.cid, output: target, files: count }, `${target}: ${count} files`)
    return
  }
  if (target !== '-') await requireFree(target)
  const query = {
    ...(options.path === undefined ? {} : { path: options.path }),
    ...(options.car === true ? { format: 'car' } : {}),
  }
  const bytes = await getBytes(context, file.id, query, target, options.car === true ? undefined : file.size)
  if (target !== '-')
    context.out.result({ id: file.id, cid: file.cid, output: target, bytes }, `${target}: ${bytesText(bytes)}`)
}

async function isFolder(context: Context, id: string, path: string | undefined): Promise<boolean> {
  if (path === undefined) return true
  try {
    await page(context, id, path, undefined)
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) return false
    throw error
  }
}

async function getFolder(context: Context, id: string, path: string, target: string, root: string): Promise<number> {
  await mkdir(target, { recursive: true })
  let count = 0
  for (let after: string | undefined; ;) {
    const { entries, next } = await page(context, id, path, after)
    for (const entry of entries) {
      const to = join(target, entry.name)
      // Names come from whoever made the folder: none may lead out of it.
      if (
        entry.name === '' ||
        !resolve(to).startsWith(root + sep) ||
        entry.name.includes('/') ||
        entry.name.includes('\0')
      ) {
        throw new UsageError(
          `The folder has an entry that cannot be a file name here (${safeText(entry.name)}). Get it as a CAR: --car.`,
        )
      }
      const below = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.kind === 'folder') count += await getFolder(context, id, below, to, root)
      else {
        await getBytes(context, id, { path: below }, to, entry.size ?? undefined)
        count++
      }
    }
    if (next === null) return count
    after = next
  }
}

async function page(
  context: Context,
  id: string,
  path: string,
  after: string | undefined,
): Promise<z.infer<typeof FolderPage>> {
  const client = await context.client()
  const answer = await client.open(routes.filesContent, {
    params: { id },
    query: { format: 'list', path: path === '' ? undefined : path, after },
    signal: context.signal,
  })
  return FolderPage.parse(await answer.json())
}

async function getBytes(
  context: Context,
  id: string,
  query: Record<string, string>,
  target: string,
  sizeBytes: number | undefined,
): Promise<number> {
  const client = await context.client()
  const answer = await client.open(routes.filesContent, { params: { id }, query, signal: context.signal })
  const progress = openProgress(
    target === '-' ? 'stdout' : target,
    sizeBytes,
    context.out.watched && (sizeBytes ?? Infinity) > 1_048_576,
  )
  let bytes = 0
  const counted = async function* count(source: AsyncIterable<Uint8Array>) {
    for await (const piece of source) {
      bytes += piece.length
      progress.add(piece.length)
      yield piece
    }
  }
  const body = Readable.from(answer.body === null ? [] : (answer.body as AsyncIterable<Uint8Array>)) // a web stream is iterable in Node
  try {
    if (target === '-') await pipeline(body, counted, process.stdout, { end: false })
    else {
      await mkdir(dirname(target), { recursive: true })
      await pipeline(body, counted, createWriteStream(`${target}.part`))
      await rename(`${target}.part`, target)
    }
  } catch (error) {
    if (target !== '-') await rm(`${target}.part`, { force: true })
    throw error
  } finally {
    progress.stop()
  }
  return bytes
}

async function requireFree(target: string): Promise<void> {
  const there = await stat(target).catch(() => undefined) // absent is what is wanted
  if (there !== undefined) throw new UsageError(`${target} exists. Name another with --output.`)
}

/** Removes files by id or CID. What no other file shares is reclaimed within a minute. */
export async function remove(context: Context, which: readonly string[]): Promise<void> {
  const client = await context.client()
  const removed: { id: string; cid: string; name: string | null }[] = []
  for (const one of which) {
    const file = await findFile(context, one)
    await client.call(routes.filesDelete, { params: { network: file.network, id: file.id }, signal: context.signal })
    removed.push({ id: file.id, cid: file.cid, name: file.name })
    if (!context.out.json) context.out.result(file, `Removed ${safeText(file.name ?? file.cid)} (${file.id}).`)
  }
  if (context.out.json) context.out.result(removed, '')
}

/** A file by its id, or by its CID when the account holds it once. */
async function findFile(context: Context, which: string): Promise<File> {
  const client = await context.client()
  const isId = /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(which)
  const found: File[] = []
  for (const network of ['public', 'private'] as const) {
    if (isId) {
      const file = await client
        .call(routes.filesGet, { params: { network, id: which }, signal: context.signal })
        .catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 404) return undefined
          throw error
        })
      if (file !== undefined) return file.data
    } else
      found.push(
        ...(
          await client.call(routes.filesList, {
            params: { network },
            query: { cid: which, limit: 2 },
            signal: context.signal,
          })
        ).data.files,
      )
  }
  if (found.length > 1)
    throw new UsageError(`You hold ${which} more than once. Name one by its id: ./pinyon ls --cid ${which}`)
  if (found[0] === undefined)
    throw new ApiError({
      status: 404,
      reason: 'OBJECT_NOT_FOUND',
      message: `No file ${which} in this account.`,
      requestId: undefined,
      retryAfterSeconds: undefined,
    })
  return found[0]
}
