import { ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { notFound, PartlyDone, UsageError } from '../exit.ts'
import { safeText } from '../output.ts'
import { findFiles, isFileId, networks, type File } from './find-file.ts'

/** Removes files by id or CID. What no other file shares is reclaimed within a minute. */
export async function remove(context: Context, which: readonly string[]): Promise<void> {
  const removed: { id: string; cid?: string; name?: string | null }[] = []
  for (const one of which) {
    try {
      const file = isFileId(one) ? await removeById(context, one) : await removeByCid(context, one)
      removed.push(file)
      const name = file.name ?? file.cid
      if (!context.out.json)
        context.out.result(file, name === undefined ? `Removed ${file.id}.` : `Removed ${safeText(name)} (${file.id}).`)
    } catch (error) {
      throw new PartlyDone(error, removed)
    }
  }
  if (context.out.json) context.out.result(removed, '')
}

/** Asks for nothing but the deletion, so that a key that may only delete can. */
async function removeById(context: Context, id: string): Promise<{ id: string; cid?: string; name?: string | null }> {
  const client = await context.client()
  for (const network of networks) {
    try {
      await client.call(routes.filesDelete, { params: { network, id }, signal: context.signal })
      return { id }
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error
    }
  }
  throw notFound(`No file ${id} in this account. ./pinyon ls shows ids and CIDs.`)
}

async function removeByCid(context: Context, cid: string): Promise<Pick<File, 'id' | 'cid' | 'name'>> {
  const client = await context.client()
  const [file, ...others] = await findFiles(context, cid)
  if (others.length > 0)
    throw new UsageError(
      `This account has ${safeText(cid)} ${others.length + 1} times. Name one by its id: ./pinyon ls --cid ${safeText(cid)}`,
    )
  await client.call(routes.filesDelete, { params: { network: file.network, id: file.id }, signal: context.signal })
  return { id: file.id, cid: file.cid, name: file.name }
}
