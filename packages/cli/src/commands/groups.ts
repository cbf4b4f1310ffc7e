import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { fields, safeText, table, timeText } from '../output.ts'
import { shorten } from '../text-width.ts'
import { doEach } from './each.ts'
import { networks } from './find-file.ts'
import { findGroup, type Group, listGroupsOf } from './find-group.ts'

/** Makes a group. */
export async function createGroup(
  context: Context,
  name: string,
  options: { public?: boolean; open?: boolean },
): Promise<void> {
  const client = await context.client()
  const network = options.public === true ? 'public' : 'private'
  const body = { name, is_public: options.open === true }
  const { data } = await client.call(routes.groupsCreate, { params: { network }, body, signal: context.signal })
  context.out.result(data, describe(data))
}

/** Lists groups, newest first; both networks unless one is named. */
export async function listGroups(
  context: Context,
  options: { public?: boolean; private?: boolean; name?: string },
): Promise<void> {
  const groups: Group[] = []
  for (const network of networks) {
    if (options.public !== options.private && options[network] !== true) continue
    for await (const group of listGroupsOf(context, network, options.name)) groups.push(group)
  }
  groups.sort((a, b) => (a.id < b.id ? 1 : -1))
  context.out.result(groups, () => {
    if (groups.length === 0) return 'No groups. Make one: ./pinyon groups create NAME'
    const rows = groups.map(({ id, name, network, is_public, created_at }) => [
      id,
      shorten(safeText(name), context.out.nameColumns),
      network === 'private' && is_public ? 'private, open' : network,
      timeText(created_at),
    ])
    return table(['ID', 'NAME', 'NETWORK', 'CREATED'], rows)
  })
}

/** Shows a group. */
export async function showGroup(context: Context, which: string): Promise<void> {
  const group = await findGroup(context, which)
  context.out.result(group, describe(group))
}

/** Gives a group another name. */
export async function renameGroup(context: Context, which: string, name: string): Promise<void> {
  const { id, network } = await findGroup(context, which)
  const client = await context.client()
  const { data } = await client.call(routes.groupsUpdate, { params: { network, id }, body: { name }, signal: context.signal }) // prettier-ignore
  context.out.result(data, describe(data))
}

/** Deletes groups; their files stay. */
export async function removeGroups(context: Context, which: readonly string[]): Promise<void> {
  const client = await context.client()
  const end = async (one: string) => {
    const group = await findGroup(context, one)
    await client.call(routes.groupsDelete, { params: { network: group.network, id: group.id }, signal: context.signal })
    return group
  }
  await doEach(context, which, end, ({ name }) => `Deleted the group ${safeText(name)}. Its files stay.`)
}

function describe(group: Group): string {
  return fields([
    ['Group', safeText(group.name)],
    ['id', group.id],
    ['network', group.network],
    ['made', timeText(group.created_at)],
    ...(group.network === 'private'
      ? ([['without signature', group.is_public ? 'anyone who knows a CID can read its files' : 'no']] as const)
      : []),
  ])
}
