import { recordAudit } from '../accounts/audit.ts'
import { type By, operatorOf } from '../accounts/manage-accounts.ts'
import { parseCid } from '../ipfs/cid.ts'
import { requireHash } from '../ipfs/multihash.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { queueWithdrawal } from './announce-pins.ts'
import { listAnnounced, markToAnnounce } from './announce-queries.ts'
import type { Denials } from '../denials/denials.ts'
import { isEmptyContent } from '../denials/empty-content.ts'
import {
  countHolders,
  countPinsWith,
  type DenialRow,
  findDenial,
  liftDenial,
  listDenials,
  upsertDenial,
} from '../denials/queries.ts'

/** What the installation holds of some content. */
export interface Holdings {
  readonly files: number
  readonly accounts: number
  readonly ownFiles: number
  readonly pins: number
}

type Needed = Pick<Services, 'db' | 'clock' | 'newId'> & {
  /** Left out where no server runs in this process: those that do look by themselves. */
  readonly denials?: Denials
}

/** Accounts that a denial is told to in their audit logs, and pins that are counted. */
const maxAccounts = 1_000
const maxPins = 1_000
/** A block that more pins share needs a second thought. */
const manyPins = 100

/**
 * Takes content down in all accounts, or changes the reason. Throws `invalid_cid`, `unsupported_hash`,
 * `invalid_request` for identity CIDs, and `confirmation_needed` when it concerns more than one other account.
 */
export async function denyContent(
  services: Needed,
  who: By,
  { cid, reason, confirm = false }: { cid: string; reason: string; confirm?: boolean | undefined },
): Promise<DenialRow> {
  const multihash = readDeniable(cid)
  const { db, clock, newId } = services
  if (!confirm) await requireHarmless(services, who, multihash)
  const at = clock.now()
  const actor = operatorOf(who)
  const denial = await db.write(async (tx) => {
    const before = await findDenial(tx, multihash)
    const row = {
      multihash,
      cid,
      reason,
      denied_at: before?.denied_at ?? at,
      actor_kind: actor.actor.kind,
      actor_id: actor.actor.id,
    }
    await upsertDenial(tx, row)
    for (const { codec } of await listAnnounced(tx, multihash)) await queueWithdrawal(tx, { multihash, codec })
    const holders = await countHolders(tx, { multihash, limit: maxAccounts })
    const files = holders.reduce((sum, holder) => sum + holder.files, 0)
    const line = { at, action: 'content.denied', target: cid, ...actor } as const
    await recordAudit(tx, {
      ...line,
      id: newId(),
      accountId: null,
      detail: { reason, accounts: holders.length, files },
    })
    for (const { account_id: accountId, files: own } of holders)
      await recordAudit(tx, { ...line, id: newId(), accountId, detail: { reason, files: own } })
    return { ...row, lifted_at: null, change: 0 }
  })
  await services.denials?.changed()
  return denial
}

/** Ends a denial. Throws `not_found` when there is none. */
export async function allowContent(services: Needed, who: By, cid: string): Promise<void> {
  const multihash = readDeniable(cid)
  const { db, clock, newId } = services
  const at = clock.now()
  await db.write(async (tx) => {
    const lifted = await liftDenial(tx, { multihash, at })
    if (lifted === undefined) throw new AppError('not_found', 'This content is not taken down.')
    await markToAnnounce(tx, multihash)
    const line = { at, action: 'content.allowed', target: lifted.cid, ...operatorOf(who) } as const
    await recordAudit(tx, { ...line, id: newId(), accountId: null })
    for (const { account_id: accountId } of await countHolders(tx, { multihash, limit: maxAccounts }))
      await recordAudit(tx, { ...line, id: newId(), accountId })
  })
  await services.denials?.changed()
}

/** Whether content is taken down, and what is held of it. */
export async function lookAtContent(
  services: Pick<Services, 'db'>,
  who: By,
  cid: string,
): Promise<{ denial: DenialRow | undefined; holdings: Holdings }> {
  const multihash = readDeniable(cid)
  return {
    denial: await findDenial(services.db.read, multihash),
    holdings: await findHoldings(services, who, multihash),
  }
}

/** A page of what is taken down, or was; changed last first. */
export async function pageDenials(
  { db }: Pick<Services, 'db'>,
  input: { lifted?: boolean | undefined; limit?: number | undefined; pageToken?: string | undefined },
): Promise<{ denials: DenialRow[]; nextPageToken: string | null }> {
  const limit = input.limit ?? 100
  const before = input.pageToken === undefined ? undefined : readPage(input.pageToken)
  const rows = await listDenials(db.read, { lifted: input.lifted ?? false, before, limit: limit + 1 })
  const denials = rows.slice(0, limit)
  return { denials, nextPageToken: rows.length > limit ? String(denials.at(-1)?.change) : null }
}

function readPage(token: string): number {
  if (!/^\d{1,15}$/.test(token)) throw new AppError('invalid_request', 'pageToken: is not one of a page of this list')
  return Number(token)
}

function readDeniable(cid: string): Uint8Array {
  const { multihash } = parseCid(cid)
  requireHash(multihash)
  if (multihash[0] === 0)
    throw new AppError(
      'invalid_request',
      'cid: an identity CID carries its content itself, so there is nothing to take down',
    )
  return multihash
}

async function findHoldings({ db }: Pick<Services, 'db'>, who: By, multihash: Uint8Array): Promise<Holdings> {
  const holders = await countHolders(db.read, { multihash, limit: maxAccounts })
  const own = who === 'machine' ? undefined : holders.find(({ account_id: id }) => id === who.accountId)
  return {
    files: holders.reduce((sum, { files }) => sum + files, 0),
    accounts: holders.length,
    ownFiles: own?.files ?? 0,
    pins: await countPinsWith(db.read, { multihash, limit: maxPins }),
  }
}

/** A slip must not strike everybody (T145): what is widely held, one's own or empty is said twice. */
async function requireHarmless(services: Pick<Services, 'db'>, who: By, multihash: Uint8Array): Promise<void> {
  const holdings = await findHoldings(services, who, multihash)
  const { files, accounts, ownFiles, pins } = holdings
  const why = isEmptyContent(multihash)
    ? 'This is empty content: files and folders of everybody may have it in them.'
    : ownFiles > 0
      ? `Your own account holds it (${ownFiles} of ${files} files in ${accounts} accounts).`
      : accounts > 1
        ? `${accounts} accounts hold it, in ${files} files.`
        : pins > manyPins
          ? `${pins === maxPins ? `${maxPins} or more` : pins} pins have this block in them.`
          : undefined
  if (why === undefined) return
  throw new AppError('confirmation_needed', `${why} Nothing was changed; ask again with confirm to take it down.`, {
    facts: { holdings },
  })
}
