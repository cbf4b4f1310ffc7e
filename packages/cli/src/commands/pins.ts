import { ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { psaStatuses } from '@pinyon/contract/schemas/psa.ts'
import type { Context } from '../context.ts'
import { notFound, PartlyDone, UsageError } from '../exit.ts'
import { fields, safeText, table, timeText } from '../output.ts'
import { shorten } from '../text-width.ts'
import { detailsOf, type Pin } from './pin.ts'

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

/** Says all that is known of a pin. */
export async function showPin(context: Context, id: string): Promise<void> {
  const pin = await getPin(context, id)
  context.out.result(pin, () =>
    fields([
      ['Id', pin.requestid],
      ['CID', pin.pin.cid],
      ['Name', safeText(pin.pin.name ?? '-')],
      ['Status', pin.status],
      ['', safeText(detailsOf(pin))],
      ['Created', timeText(pin.created)],
      ...Object.entries(pin.pin.meta ?? {}).map(([key, value]) => [safeText(key), safeText(value)] as const),
    ]),
  )
}

/** Removes pins, whatever their status; what is being fetched is cancelled. */
export async function removePins(context: Context, ids: readonly string[]): Promise<void> {
  const client = await context.client()
  const removed: { readonly id: string }[] = []
  for (const id of ids) {
    try {
      await client.call(routes.psaRemove, { params: { requestid: id }, signal: context.signal })
    } catch (error) {
      throw new PartlyDone(asNotFound(error, id), removed)
    }
    removed.push({ id })
    if (!context.out.json) context.out.result({ id }, `Removed ${safeText(id)}.`)
  }
  if (context.out.json) context.out.result(removed, '')
}

/** Asks for failed pins again, each in the place of the old one: a new id, the same name, key-values and origins. */
export async function retryPins(
  context: Context,
  ids: readonly string[],
  options: { readonly origin: readonly string[] },
): Promise<void> {
  const client = await context.client()
  const retried: Pin[] = []
  for (const id of ids) {
    try {
      const { pin } = await getPin(context, id)
      const query = { cid: pin.cid, limit: 1_000 }
      const { jobs } = (await client.call(routes.pinByCidList, { query, signal: context.signal })).data
      const before = jobs.find((job) => job.id === id)?.host_nodes ?? []
      const body = { ...pin, origins: [...options.origin, ...before] }
      retried.push(await client.call(routes.psaReplace, { params: { requestid: id }, body, signal: context.signal }))
    } catch (error) {
      throw new PartlyDone(asNotFound(error, id), retried)
    }
    const now = retried.at(-1)
    if (!context.out.json)
      context.out.result(now, `${safeText(id)} is ${now?.requestid ?? ''} now: ${now?.status ?? ''}`)
  }
  if (context.out.json) context.out.result(retried, '')
}

async function getPin(context: Context, id: string): Promise<Pin> {
  const client = await context.client()
  try {
    return await client.call(routes.psaGet, { params: { requestid: id }, signal: context.signal })
  } catch (error) {
    throw asNotFound(error, id)
  }
}

function asNotFound(error: unknown, id: string): unknown {
  if (!(error instanceof ApiError && error.status === 404)) return error
  return notFound(`There is no pin ${safeText(id)} in this account. ./pinyon pins ls shows them.`)
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

function readStatuses(text: string | undefined): string {
  const named = text?.split(',') ?? [...psaStatuses]
  const known: readonly string[] = psaStatuses
  const odd = named.find((status) => !known.includes(status))
  if (odd !== undefined) throw new UsageError(`"${odd}" is no status. There are ${psaStatuses.join(', ')}.`)
  return named.join(',')
}

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError('--limit wants a whole number from 1 on.')
  return Number(text)
}
