import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { notFound, UsageError } from '../exit.ts'
import { safeText } from '../output.ts'
import { type BulkSelection, followBulk, readFilter, type SelectOptions } from './bulk.ts'
import { findFiles, isFileId } from './find-file.ts'
import { findGroup, type Group } from './find-group.ts'

/** Puts files, by id, CID or filter, into a group of their network. */
export async function addToGroup(
  context: Context,
  which: string,
  files: readonly string[],
  options: SelectOptions,
): Promise<void> {
  const group = await findGroup(context, which)
  const selection = await selectFiles(context, group, files, options)
  const client = await context.client()
  const body = { network: group.network, ...selection, group_id: group.id }
  const started = await client.call(routes.bulkMove, { body, signal: context.signal })
  await followBulk(context, started, (count) => `${count} into the group ${safeText(group.name)}.`)
}

/** Takes files, by id, CID or filter, out of a group. */
export async function removeFromGroup(
  context: Context,
  which: string,
  files: readonly string[],
  options: SelectOptions,
): Promise<void> {
  const group = await findGroup(context, which)
  const selected = await selectFiles(context, group, files, options)
  // Only what is in it: with a filter the server looks, ids are looked up here.
  const selection =
    selected.ids === undefined
      ? { filter: { ...selected.filter, all: undefined, group: group.id } }
      : { ids: await onlyMembers(context, group, selected.ids) }
  const client = await context.client()
  const body = { network: group.network, ...selection, group_id: null }
  const started = await client.call(routes.bulkMove, { body, signal: context.signal })
  await followBulk(context, started, (count) => `${count} out of the group ${safeText(group.name)}.`)
}

async function selectFiles(
  context: Context,
  { network }: Group,
  files: readonly string[],
  options: SelectOptions,
): Promise<BulkSelection> {
  const filter = readFilter(options)
  if ((filter === undefined) === (files.length === 0))
    throw new UsageError('Name files by id or CID, or say which with --name, --keyvalue, --mime-type or --all.')
  if (filter !== undefined) return { filter }
  const ids: string[] = []
  for (const one of files) {
    if (isFileId(one)) ids.push(one)
    else {
      const found = (await findFiles(context, one)).filter((file) => file.network === network)
      if (found.length === 0) throw notFound(`No ${network} file ${safeText(one)} in this account.`)
      ids.push(...found.map(({ id }) => id))
    }
  }
  return { ids }
}

async function onlyMembers(context: Context, group: Group, ids: readonly string[]): Promise<string[]> {
  const client = await context.client()
  const members: string[] = []
  for (const id of ids) {
    const file = await client.call(routes.filesGetAny, { params: { id }, signal: context.signal })
    if (file.group_id !== group.id)
      throw new UsageError(`${safeText(file.name ?? id)} (${id}) is not in the group ${safeText(group.name)}.`)
    members.push(id)
  }
  return members
}
