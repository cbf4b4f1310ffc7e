import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { readDuration } from '../duration.ts'
import { notFound, UsageError } from '../exit.ts'
import { fields, safeText, table, timeText } from '../output.ts'
import { shorten } from '../text-width.ts'
import { isFileId } from './find-file.ts'

/** A name of the account, as it is answered. */
export type Name = AnswerOf<typeof routes.namesGet>
/** Something that was published under a name. */
type Publication = AnswerOf<typeof routes.namesHistory>['history'][number]

/** Options of `names create`, `import` and `update`. */
export interface NameOptions {
  readonly label?: string
  readonly lifetime?: string
  readonly ttl?: string
}

/** Makes a name. */
export async function createName(context: Context, label: string, options: NameOptions): Promise<void> {
  const client = await context.client()
  const body = { label, ...timesOf(options) }
  const made = await client.call(routes.namesCreate, { body, signal: context.signal })
  context.out.result(made, () => `${describe(made)}\n\nPublish under it: ./pinyon names publish ${safeText(label)} CID`)
}

/** Lists names. */
export async function listNames(context: Context): Promise<void> {
  const names: Name[] = []
  for await (const name of namesOf(context)) names.push(name)
  context.out.result(names, () =>
    names.length === 0
      ? 'No names yet. Make one: ./pinyon names create LABEL'
      : table(
          ['LABEL', 'NAME', 'STATE', 'PUBLISHED', 'LEADS TO'],
          names.map((name) => [
            shorten(safeText(name.label), context.out.nameColumns),
            name.name,
            name.warnings.length > 0 ? `${name.state}!` : name.state,
            timeText(name.publishedAt),
            safeText(name.value ?? '-'),
          ]),
        ),
  )
}

/** Shows a name. */
export async function showName(context: Context, which: string): Promise<void> {
  const name = await findName(context, which)
  context.out.result(name, () => describe(name))
}

/** Changes the label or the times of a name. */
export async function updateName(context: Context, which: string, options: NameOptions): Promise<void> {
  const { label } = options
  const body = { ...(label === undefined ? {} : { label }), ...timesOf(options) }
  if (Object.keys(body).length === 0) throw new UsageError('Say what to change: --label, --lifetime or --ttl.')
  const { id } = await findName(context, which)
  const client = await context.client()
  const changed = await client.call(routes.namesUpdate, { params: { id }, body, signal: context.signal })
  context.out.result(changed, () => describe(changed))
}

/** Publishes a CID, a path, a file or another name under a name. */
export async function publishName(
  context: Context,
  which: string,
  target: string,
  { confirm, sequence }: { readonly confirm?: boolean; readonly sequence?: string },
): Promise<void> {
  const { id } = await findName(context, which)
  const body = {
    ...(isFileId(target) ? { fileId: target } : { cid: target }),
    ...(confirm === true ? { confirm } : {}),
    ...(sequence === undefined ? {} : { sequence: readSequence(sequence) }),
  }
  const client = await context.client()
  const published = await client.call(routes.namesPublish, { params: { id }, body, signal: context.signal })
  context.out.result(published, () => describe(published))
}

/** Lists what was published under a name, newest first. */
export async function listHistory(
  context: Context,
  which: string,
  { limit }: { readonly limit: string },
): Promise<void> {
  const wanted = readSequence(limit, '--limit')
  const { id } = await findName(context, which)
  const history: Publication[] = []
  for await (const publication of historyOf(context, id, Math.min(wanted, 1_000))) {
    if (history.length === wanted) break
    history.push(publication)
  }
  context.out.result(history, () =>
    history.length === 0
      ? 'Nothing was published yet.'
      : table(
          ['NUMBER', 'PUBLISHED', 'HOLDS UNTIL', 'BY', 'LEADS TO'],
          history.map((each) => [
            String(each.sequence),
            timeText(each.publishedAt),
            timeText(each.validUntil),
            each.publishedBy.kind,
            `${safeText(each.value)}${each.rolledBackTo === null ? '' : `  (back to ${each.rolledBackTo})`}`,
          ]),
        ),
  )
}

/** Publishes what an earlier record said again. */
export async function rollBackName(
  context: Context,
  which: string,
  number: string,
  { confirm }: { readonly confirm?: boolean },
): Promise<void> {
  const sequence = readSequence(number)
  const { id } = await findName(context, which)
  const client = await context.client()
  const body = { sequence, ...(confirm === true ? { confirm } : {}) }
  const published = await client.call(routes.namesRollback, { params: { id }, body, signal: context.signal })
  context.out.result(published, () => describe(published))
}

/** Removes a name with its key. */
export async function removeName(context: Context, which: string): Promise<void> {
  const { id, label } = await findName(context, which)
  const client = await context.client()
  await client.call(routes.namesDelete, { params: { id }, signal: context.signal })
  context.out.result({ deleted: id }, `Removed the name ${safeText(label)}. Nothing is published under it any more.`)
}

/** Says which record a domain needs, and whether it is there. Fails when it is not. */
export async function checkDnslink(context: Context, which: string, domain: string): Promise<void> {
  const { id } = await findName(context, which)
  const client = await context.client()
  const query = { domain }
  const check = await client.call(routes.namesDnslink, { params: { id }, query, signal: context.signal })
  context.out.result(check, () =>
    [
      fields([
        ['Type', check.record.type],
        ['Host', check.record.host],
        ['Value', check.record.value],
        ...check.found.map((each) => ['Found', `${safeText(each.value)} at ${each.host}`] as const),
      ]),
      '',
      safeText(check.message),
    ].join('\n'),
  )
  if (check.state !== 'set') process.exitCode = 1
}

/** The name that an id, a label or the name itself means. Throws when there is none. */
export async function findName(context: Context, which: string): Promise<Name> {
  for await (const name of namesOf(context)) if ([name.id, name.label, name.name].includes(which)) return name
  throw notFound(`No name ${safeText(which)} in this account. ./pinyon names ls shows them.`)
}

/** What was published under a name, newest first, asked for in pages of `limit`. */
export async function* historyOf(context: Context, id: string, limit = 1_000): AsyncGenerator<Publication> {
  const client = await context.client()
  for (let pageToken: string | undefined; ;) {
    const query = { limit, pageToken }
    const page = await client.call(routes.namesHistory, { params: { id }, query, signal: context.signal })
    yield* page.history
    if (page.nextPageToken === null) return
    pageToken = page.nextPageToken
  }
}

/** The names of the account, oldest first. */
export async function* namesOf(context: Context): AsyncGenerator<Name> {
  const client = await context.client()
  for (let pageToken: string | undefined; ;) {
    const query = { limit: 1_000, pageToken }
    const { names, nextPageToken } = await client.call(routes.namesList, { query, signal: context.signal })
    yield* names
    if (nextPageToken === null) return
    pageToken = nextPageToken
  }
}

/** The times of a name as they are sent. */
export function timesOf({ lifetime, ttl }: NameOptions): { lifetimeSeconds?: number; ttlSeconds?: number } {
  return {
    ...(lifetime === undefined ? {} : { lifetimeSeconds: readDuration(lifetime) }),
    ...(ttl === undefined ? {} : { ttlSeconds: ttl === '0' ? 0 : readDuration(ttl) }),
  }
}

/** A whole number from the command line. */
export function readSequence(text: string, what = 'The number'): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${what} wants a whole number, such as 3.`)
  return Number(text)
}

/** A name in words. */
export function describe(name: Name): string {
  return fields([
    ['Label', safeText(name.label)],
    ['Name', name.name],
    ['Leads to', name.value === null ? 'nothing yet' : safeText(name.value)],
    ['Number', String(name.sequence)],
    ['State', name.validUntil === null ? name.state : `${name.state}, holds until ${timeText(name.validUntil)}`],
    ['Network', safeText(name.network.message)],
    ['Gateway', name.gatewayUrl],
    ['DNSLink', name.dnslink],
    ...name.warnings.map(({ message }) => ['Warning', safeText(message)] as const),
  ])
}
