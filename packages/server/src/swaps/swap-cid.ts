import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { listHeldByContent } from '../files/queries.ts'
import { type Cid, formatCid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'
import { idAfter } from '../lib/ids.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import { insertSwap, listSwaps, type SwappedContent, type SwapRow } from './queries.ts'

/** Steps of a history that are shown. */
const shownSteps = 1_000

/** Which CID of the account, on which network. */
export interface SwapKey {
  readonly network: NetworkName
  readonly cid: Cid
}

/**
 * Says that gateways of the account with the plugin show `target` in place of a CID that it holds. Every change stays in
 * the history. Throws `not_found` for a CID that the account does not hold.
 */
export async function swapCid(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  key: SwapKey,
  target: Cid,
): Promise<SwapRow> {
  return addStep(services, caller, key, async (tx, content) => {
    const held = { account: caller.accountId, ...content, now: services.clock.now(), after: '', limit: 1 }
    const [file] = await listHeldByContent(tx, { ...held, reach: caller.reach })
    if (file === undefined) throw new AppError('not_found', 'The account has not pinned this CID')
    return formatCid(target)
  })
}

/** Ends a swap; the history stays. Throws `not_found` where there is none. */
export async function endSwap(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  key: SwapKey,
): Promise<void> {
  await addStep(services, caller, key, async (tx, content) => {
    const [last] = await listSwaps(tx, { account_id: caller.accountId, ...content }, 1)
    if (last === undefined || last.mapped_cid === null) throw noHistory()
    return null
  })
}

/** What a CID was swapped for, newest first; null: the swap was ended. Throws `not_found` where there is nothing. */
export async function getSwapHistory(
  { db }: Pick<Services, 'db'>,
  { accountId }: Pick<Caller, 'accountId'>,
  key: SwapKey,
): Promise<SwapRow[]> {
  const steps = await listSwaps(db.read, { account_id: accountId, ...contentOf(key) }, shownSteps)
  if (steps.length === 0) throw noHistory()
  return steps
}

async function addStep(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  key: SwapKey,
  decide: (tx: Db, content: Omit<SwappedContent, 'account_id'>) => Promise<string | null>,
): Promise<SwapRow> {
  const content = contentOf(key)
  const common = { id: newId(), account_id: caller.accountId, created_at: clock.now() }
  const lineId = newId()
  return db.write(async (tx) => {
    const mapped = await decide(tx, content)
    const [last] = await listSwaps(tx, { account_id: caller.accountId, ...content }, 1)
    // The newest step is what holds, also where the clock was set back since the one before.
    const id = last !== undefined && last.id >= common.id ? idAfter(last.id) : common.id
    const row = { ...common, id, ...content, created_by_key: caller.key?.id ?? null, mapped_cid: mapped }
    await insertSwap(tx, row)
    await recordAudit(tx, {
      id: lineId,
      at: common.created_at,
      accountId: caller.accountId,
      actor: actorOf(caller),
      action: mapped === null ? 'swap.ended' : 'swap.set',
      target: formatCid(key.cid),
      origin: caller.origin,
      detail: { network: key.network, mappedCid: mapped },
    })
    return row
  })
}

function contentOf({ network, cid }: SwapKey): Omit<SwappedContent, 'account_id'> {
  return { network: networkNumbers[network], multihash: cid.multihash, codec: cid.codec }
}

function noHistory(): AppError {
  return new AppError('not_found', 'There is no swap of this CID in this account')
}
