import { ApiError, type AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { notFound, UsageError } from '../exit.ts'
import { safeText } from '../output.ts'
import { isFileId, networks } from './find-file.ts'

/** A group of the account, as v3 answers it. */
export type Group = AnswerOf<typeof routes.groupsGet>['data']

/** The group that an id or a name means. Throws when there is none, or several have the name. */
export async function findGroup(
  context: Context,
  which: string,
  among: readonly Group['network'][] = networks,
): Promise<Group> {
  const found = isFileId(which) ? await findById(context, which, among) : await findByName(context, which, among)
  const [group, ...others] = found
  if (group === undefined) throw notFound(`No group ${safeText(which)} in this account. ./pinyon groups ls shows them.`)
  if (others.length > 0) {
    const ids = found.map(({ id, network }) => `${id} (${network})`).join(', ')
    throw new UsageError(`Several groups are called ${safeText(which)}. Name one by its id: ${ids}`)
  }
  return group
}

/** All groups of a network whose name contains a text; all without it. Newest first. */
export async function* listGroupsOf(context: Context, network: Group['network'], name?: string): AsyncGenerator<Group> {
  const client = await context.client()
  for (let pageToken: string | undefined; ;) {
    const query = { name, limit: 1_000, pageToken }
    const { data } = await client.call(routes.groupsList, { params: { network }, query, signal: context.signal })
    yield* data.groups
    if (data.next_page_token === null) return
    pageToken = data.next_page_token
  }
}

async function findById(context: Context, id: string, among: readonly Group['network'][]): Promise<Group[]> {
  const client = await context.client()
  for (const network of among) {
    try {
      return [(await client.call(routes.groupsGet, { params: { network, id }, signal: context.signal })).data]
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error
    }
  }
  return []
}

async function findByName(context: Context, name: string, among: readonly Group['network'][]): Promise<Group[]> {
  const found: Group[] = []
  for (const network of among) {
    for await (const group of listGroupsOf(context, network, name)) if (group.name === name) found.push(group)
  }
  return found
}
