import { ApiError, type AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { notFound } from '../exit.ts'
import { safeText } from '../output.ts'

/** A file of the account, as v3 answers it. */
export type File = AnswerOf<typeof routes.filesList>['data']['files'][number]

/** Both networks, in the order in which they are asked. */
export const networks = ['public', 'private'] as const

/** Whether a text is a file's id, and not a CID. */
export function isFileId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
}

/** The files that an id or a CID names, newest first; at least one. A CID may be held several times. */
export async function findFiles(context: Context, which: string): Promise<[File, ...File[]]> {
  const found = isFileId(which)
    ? await listById(context, which)
    : (await Promise.all(networks.map((network) => listByCid(context, network, which)))).flat()
  const [newest, ...others] = found.toSorted((a, b) => (a.id < b.id ? 1 : -1))
  if (newest === undefined)
    throw notFound(`No file ${safeText(which)} in this account. ./pinyon ls shows ids and CIDs.`)
  return [newest, ...others]
}

async function listById(context: Context, id: string): Promise<File[]> {
  const client = await context.client()
  try {
    return [await client.call(routes.filesGetAny, { params: { id }, signal: context.signal })]
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return []
    throw error
  }
}

async function listByCid(context: Context, network: File['network'], cid: string): Promise<File[]> {
  const client = await context.client()
  const query = { cid, limit: 100 }
  return (await client.call(routes.filesList, { params: { network }, query, signal: context.signal })).data.files
}
