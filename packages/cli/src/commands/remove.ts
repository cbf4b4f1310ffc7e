import { type AnswerOf, ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { notFound, UsageError } from '../exit.ts'
import { safeText } from '../output.ts'
import { type BulkSelection, followBulk, readFilter, type SelectOptions } from './bulk.ts'
import { doEach } from './each.ts'
import { findFiles, isFileId, networks } from './find-file.ts'
import { findGroup } from './find-group.ts'

/** Options of `rm`, all of them for a filter. */
export interface RemoveOptions extends SelectOptions {
  readonly group?: string
  readonly public?: boolean
  readonly private?: boolean
  readonly yes?: boolean
}

/** Removes files by id or CID, or all that a filter finds. What no other file shares is reclaimed within a minute. */
export async function remove(context: Context, which: readonly string[], options: RemoveOptions): Promise<void> {
  const filter = readFilter(options)
  const isByFilter = filter !== undefined || options.group !== undefined
  if (isByFilter === which.length > 0)
    throw new UsageError(
      'Name files by id or CID, or say which with --group, --name, --keyvalue, --mime-type or --all.',
    )
  if (isByFilter) return removeByFilter(context, filter ?? {}, options)
  const end = (one: string) => (isFileId(one) ? removeById(context, one) : removeByCid(context, one))
  await doEach(context, which, end, describeRemoved)
}

function describeRemoved({ id, cid, name, warnings = [] }: Removed): string {
  const title = name ?? cid
  const line = title === undefined ? `Removed ${id}.` : `Removed ${safeText(title)} (${id}).`
  return [line, ...warnings.map(({ message }) => safeText(message))].join('\n')
}

/** What was removed, and which names led to it. */
interface Removed extends Pick<AnswerOf<typeof routes.filesDelete>, 'warnings'> {
  readonly id: string
  readonly cid?: string
  readonly name?: string | null
}

async function removeByFilter(
  context: Context,
  filter: NonNullable<BulkSelection['filter']>,
  options: RemoveOptions,
): Promise<void> {
  if (options.yes !== true)
    throw new UsageError(
      'A filter removes whatever it finds. Look with ./pinyon ls and the same options, then say --yes.',
    )
  const named = networks.filter((network) => options[network] === true)
  const group = options.group === undefined ? undefined : await findGroup(context, options.group, named.length === 1 ? named : networks) // prettier-ignore
  const network = group?.network ?? named[0]
  if (network === undefined || (group === undefined && named.length !== 1))
    throw new UsageError('Say --public or --private: a filter removes files of one network.')
  const client = await context.client()
  const asked = group === undefined ? filter : { ...filter, all: undefined, group: group.id }
  const body = { network, filter: asked }
  const started = await client.call(routes.bulkUnpin, { body, signal: context.signal })
  await followBulk(context, started, (count) => `Removed ${count}.`)
}

/** Asks for nothing but the deletion, so that a key that may only delete can. */
async function removeById(context: Context, id: string): Promise<Removed> {
  const client = await context.client()
  for (const network of networks) {
    try {
      const { warnings } = await client.call(routes.filesDelete, { params: { network, id }, signal: context.signal })
      return { id, ...(warnings === undefined ? {} : { warnings }) }
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error
    }
  }
  throw notFound(`No file ${id} in this account. ./pinyon ls shows ids and CIDs.`)
}

async function removeByCid(context: Context, cid: string): Promise<Removed> {
  const client = await context.client()
  const [file, ...others] = await findFiles(context, cid)
  if (others.length > 0)
    throw new UsageError(
      `This account has ${safeText(cid)} ${others.length + 1} times. Name one by its id: ./pinyon ls --cid ${safeText(cid)}`,
    )
  const params = { network: file.network, id: file.id }
  const { warnings } = await client.call(routes.filesDelete, { params, signal: context.signal })
  return { id: file.id, cid: file.cid, name: file.name, ...(warnings === undefined ? {} : { warnings }) }
}
