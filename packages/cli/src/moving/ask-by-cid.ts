import { setTimeout as wait } from 'node:timers/promises'
import { ApiError, type AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { psaStatuses } from '@pinyon/contract/schemas/psa.ts'
import type { Context } from '../context.ts'
import { type ImportItem, type Outcome, SourceFailed, StillWaiting, type Way } from './import-item.ts'
import { emptyCar } from './send-import.ts'

/** Marks pins by CID that an import has asked for, until the file is imported. */
const marker = 'pinyon_import'
/** Between two looks at what is waited for: at first, and at most. */
const pauseMs = { first: 500, most: 15_000 }

const everyStatus = psaStatuses.join(',')

type PinStatus = AnswerOf<typeof routes.psaGet>

/**
 * Asks our server to fetch content by its CID from peers that may have it, where no other way gave it. The import goes
 * on when it is here: at once, after `awaitAsked`, or when it is run again.
 */
export function byCid(context: Context, originsOf: (item: ImportItem) => readonly string[]): Way {
  return async (item) => {
    if (item.network !== 'public') return undefined
    const client = await context.client()
    const origins = [...new Set(originsOf(item))].slice(0, 20)
    const pin = (await findAsked(context, item)) ?? (await ask(context, item, origins))
    const { requestid } = pin
    // A failed one is tried again.
    const { status } =
      pin.status === 'failed'
        ? await client.call(routes.pinsRetry, { params: { id: requestid }, signal: context.signal })
        : pin
    // It came meanwhile, and is here without its blocks being sent.
    if (status === 'pinned') return emptyCar(item.cid)
    throw new StillWaiting(requestid)
  }
}

/**
 * Waits until what was asked for is here or failed, `waitMs` at most, and has `again` import what came. Gives what
 * became of it; pins that an import has asked for and does not need any more are removed.
 */
export async function awaitAsked(
  context: Context,
  asked: readonly { readonly item: ImportItem; readonly requestId: string }[],
  waitMs: number,
  again: (item: ImportItem) => Promise<Outcome>,
): Promise<Map<ImportItem, Outcome>> {
  const client = await context.client()
  const outcomes = new Map<ImportItem, Outcome>()
  const until = performance.now() + waitMs
  for (let pause = pauseMs.first; ; pause = Math.min(pauseMs.most, pause * 1.5)) {
    for (const { item, requestId } of asked.filter((one) => !outcomes.has(one.item))) {
      const pin = await client.call(routes.psaGet, { params: { requestid: requestId }, signal: context.signal })
      const words = pin.info?.['status_details'] ?? ''
      if (pin.status === 'failed') outcomes.set(item, { item, state: 'failed', error: words })
      if (pin.status === 'pinned') outcomes.set(item, await again(item))
    }
    if (outcomes.size === asked.length || performance.now() >= until) return outcomes
    await wait(Math.min(pause, until - performance.now()), undefined, { signal: context.signal })
  }
}

/** Removes the pins that imports have asked for of these roots: the imported files hold them now. */
export async function removeAsked(context: Context, cids: ReadonlySet<string>): Promise<void> {
  const client = await context.client()
  for (let before: string | undefined; ;) {
    const query = { status: everyStatus, meta: JSON.stringify({ [marker]: 'yes' }), limit: 1_000, before }
    const { results } = await client.call(routes.psaList, { query, signal: context.signal })
    for (const { requestid, pin } of results)
      if (cids.has(pin.cid)) await client.call(routes.psaRemove, { params: { requestid }, signal: context.signal })
    before = results.at(-1)?.created
    if (before === undefined) return
  }
}

async function findAsked(context: Context, { cid }: ImportItem): Promise<PinStatus | undefined> {
  const client = await context.client()
  const query = {
    cid,
    status: everyStatus,
    meta: JSON.stringify({ [marker]: 'yes' }),
    limit: 1,
  }
  return (await client.call(routes.psaList, { query, signal: context.signal })).results[0]
}

async function ask(context: Context, item: ImportItem, origins: readonly string[]): Promise<PinStatus> {
  const client = await context.client()
  try {
    return await client.call(routes.psaAdd, { body: bodyOf(item, origins), signal: context.signal })
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) throw new SourceFailed(error.message, { cause: error })
    throw error
  }
}

function bodyOf({ cid, name }: ImportItem, origins: readonly string[]) {
  return {
    cid,
    ...(name === null ? {} : { name: name.slice(0, 255) }),
    origins: [...origins],
    meta: { [marker]: 'yes' },
  }
}
