import { ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { psaStatuses } from '@pinyon/contract/schemas/psa.ts'
import type { Context } from '../context.ts'
import { notFound, UsageError } from '../exit.ts'
import { bytesText, fields, safeText, table, timeText } from '../output.ts'
import { shorten } from '../text-width.ts'
import { followBulk } from './bulk.ts'
import { doEach } from './each.ts'
import type { OwnPin, Pin } from './pin.ts'

/** Options of `pins ls`. */
export interface PinsListOptions {
  readonly status?: string
  readonly cid?: string
  readonly name?: string
  readonly limit: string
  readonly all?: boolean
}

/** Lists what was pinned by CID, newest first, in every status unless some are named. */
export async function listPins(context: Context, options: PinsListOptions): Promise<void> {
  const client = await context.client()
  const limit = options.all === true ? Infinity : readLimit(options.limit)
  const pins: Pin[] = []
  let count = 0
  for (let before: string | undefined; pins.length < limit;) {
    const query = {
      status: readStatuses(options.status),
      cid: options.cid,
      name: options.name,
      ...(options.name === undefined ? {} : { match: 'ipartial' }),
      limit: Math.min(1_000, limit - pins.length),
      before,
    }
    const page = await client.call(routes.psaList, { query, signal: context.signal })
    count = pins.length + page.count
    pins.push(...page.results)
    before = page.results.at(-1)?.created
    if (before === undefined || page.results.length >= page.count) break
  }
  context.out.result(pins, () => describeList(pins, context.out.nameColumns))
  if (count > pins.length) context.out.note(`The newest ${pins.length} of ${count}; more with --limit N or --all.`)
}

/** Says all that is known of a pin: how far it is, who was asked, why it failed. */
export async function showPin(context: Context, id: string): Promise<void> {
  const client = await context.client()
  const pin = await naming(id, () => client.call(routes.pinsGet, { params: { id }, signal: context.signal }))
  context.out.result(pin, () => describePin(pin))
}

function describePin(pin: OwnPin): string {
  const { sizeBytes, progress, attempts, nextAttemptAt, deadlineAt, reason } = pin
  const lines: [string, string][] = [
    ['Id', pin.id],
    ['CID', pin.cid],
    ['Name', safeText(pin.name ?? '-')],
    ['Status', pin.status],
    ['', safeText(pin.statusDetails)],
    ['Created', timeText(pin.createdAt)],
  ]
  if (sizeBytes !== null) lines.push(['Size', bytesText(sizeBytes)])
  if (pin.status === 'pinned') return fields(lines)
  lines.push(
    ['So far', `${progress.blocks} blocks, ${bytesText(progress.bytes)}`],
    ['Attempts', `${attempts}${nextAttemptAt === null ? '' : `, next ${timeText(nextAttemptAt)}`}`],
  )
  if (deadlineAt !== null) lines.push(['Until', timeText(deadlineAt)])
  if (reason !== null) lines.push(['Why', safeText(reason.message)])
  if (reason !== null && reason.advice !== null) lines.push(['What helps', safeText(reason.advice)])
  for (const { source, outcome, detail } of pin.tried)
    lines.push(['Tried', `${safeText(source)}: ${outcome}${detail === null ? '' : `, ${safeText(detail)}`}`])
  return fields(lines)
}

/** Options that say which pins a command means, without naming them. */
export interface PinSelectOptions {
  readonly status?: string
  readonly cid?: string
  readonly name?: string
  readonly all?: boolean
  readonly yes?: boolean
}

/** Removes pins by id or by a filter, whatever their status; what is being fetched is cancelled. Each that failed is named. */
export async function removePins(context: Context, ids: readonly string[], options: PinSelectOptions): Promise<void> {
  const filter = readPinFilter(ids, options)
  const client = await context.client()
  if (filter !== undefined) {
    if (filter.status?.join() !== 'failed' && options.yes !== true)
      throw new UsageError(
        'A filter removes whatever it finds. Look with ./pinyon pins ls and the same options, then say --yes.',
      )
    const started = await client.call(routes.bulkRemovePins, { body: { filter }, signal: context.signal })
    return followBulk(context, started, (count) => `Removed ${count}.`, 'pin')
  }
  const end = async (id: string) => {
    await naming(id, () => client.call(routes.psaRemove, { params: { requestid: id }, signal: context.signal }))
    return { id }
  }
  await doEach(context, ids, end, (_, id) => `Removed ${safeText(id)}.`)
}

/** Tries pins again, by id or by a filter: failed ones, and those that wait for their next attempt. Each that failed is named. */
export async function retryPins(context: Context, ids: readonly string[], options: PinSelectOptions): Promise<void> {
  const filter = readPinFilter(ids, options)
  const client = await context.client()
  if (filter !== undefined) {
    const started = await client.call(routes.bulkRetryPins, { body: { filter }, signal: context.signal })
    return followBulk(context, started, (count) => `${count} tried again now.`, 'pin')
  }
  const retry = (id: string) =>
    naming(id, () => client.call(routes.pinsRetry, { params: { id }, signal: context.signal }))
  await doEach(
    context,
    ids,
    retry,
    ({ status, statusDetails }, id) => `${safeText(id)}  ${status}  ${safeText(statusDetails)}`,
  )
}

/** Says of a pin that is not there which one it is. */
async function naming<T>(id: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error
    throw notFound(`There is no pin ${safeText(id)} in this account. ./pinyon pins ls shows them.`)
  }
}

function describeList(pins: readonly Pin[], nameColumns: number): string {
  if (pins.length === 0) return 'No pins by CID like that. Make one: ./pinyon pin CID'
  return table(
    ['ID', 'STATUS', 'NAME', 'CREATED', 'CID'],
    pins.map(({ requestid, status, created, pin }) => [
      requestid,
      status,
      shorten(safeText(pin.name ?? '-'), nameColumns),
      timeText(created),
      pin.cid,
    ]),
  )
}

/** The filter of the options; undefined where pins are named. Throws where both say which, or neither does. */
function readPinFilter(ids: readonly string[], { status, cid, name, all }: PinSelectOptions) {
  const isNarrowed = status !== undefined || cid !== undefined || name !== undefined
  if ((isNarrowed || all === true) === ids.length > 0)
    throw new UsageError('Name pins by id, or say which with --status, --cid, --name or --all.')
  if (ids.length > 0) return undefined
  return isNarrowed ? { status: status === undefined ? undefined : namedStatuses(status), cid, name } : { all: true as const } // prettier-ignore
}

function readStatuses(text: string | undefined): string {
  return (text === undefined ? psaStatuses : namedStatuses(text)).join(',')
}

function namedStatuses(text: string): (typeof psaStatuses)[number][] {
  return text.split(',').map((name) => {
    const known = psaStatuses.find((status) => status === name)
    if (known === undefined) throw new UsageError(`"${name}" is no status. There are ${psaStatuses.join(', ')}.`)
    return known
  })
}

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError('--limit wants a whole number from 1 on.')
  return Number(text)
}
