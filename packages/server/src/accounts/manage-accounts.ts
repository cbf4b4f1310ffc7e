import type { Caller, RequestOrigin } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { actorOf, recordAudit, type Actor } from './audit.ts'
import { makeInvite, type MadeInvite } from './invites.ts'
import { insertInvite } from './member-queries.ts'
import {
  findAccount,
  insertAccount,
  listAccounts,
  lockAccount,
  noteEgressChange,
  updateAccount,
  type AccountRow,
} from './queries.ts'
import { deleteSessions } from './session-queries.ts'

/** What may be changed about an account. */
export interface AccountChange {
  readonly name?: string | undefined
  readonly quotaBytes?: number | null | undefined
  /** Of bytes that the gateway serves in a month. */
  readonly egressQuotaBytes?: number | null | undefined
  readonly publicContent?: 'allowed' | 'refused' | undefined
  readonly disabled?: boolean | undefined
}

/** Who changes accounts: a checked caller, or a person at the machine that this runs on. */
export type By = Caller | 'machine'

/** What an account is made with. */
interface NewAccount {
  readonly name: string
  readonly email: string
  /** Left out: the usual one (PINYON_DEFAULT_QUOTA). */
  readonly quotaBytes?: number | null | undefined
  readonly publicContent?: 'allowed' | 'refused' | undefined
}

type AccountServices = Pick<Services, 'clock' | 'newId' | 'installation' | 'config'>

/** Makes an account and an invite for its owner; the operator never holds its keys. */
export async function createAccount(
  services: AccountServices & Pick<Services, 'db'>,
  who: By,
  input: NewAccount,
): Promise<{ account: AccountRow; invite: MadeInvite }> {
  return services.db.write((tx) => keepAccount(tx, services, who, input))
}

/** The same as part of a write. */
export async function keepAccount(
  tx: Db,
  services: AccountServices,
  who: By,
  { name, email, quotaBytes, publicContent }: NewAccount,
): Promise<{ account: AccountRow; invite: MadeInvite }> {
  const { clock, newId, config } = services
  const now = clock.now()
  const account = {
    id: newId(),
    name,
    email: email.trim(),
    created_at: now,
    disabled_at: null,
    quota_bytes: quotaBytes === undefined ? config.defaultQuotaBytes : quotaBytes,
    public_content: publicContent ?? 'allowed',
    pin_policy: null,
    egress_quota_bytes: null,
  }
  const { row, invite } = makeInvite(services, { accountId: account.id, email: account.email, role: 'owner' })
  await insertAccount(tx, account)
  await insertInvite(tx, row)
  await recordAudit(tx, {
    id: newId(),
    at: now,
    accountId: account.id,
    action: 'account.created',
    target: account.id,
    ...operatorOf(who),
    detail: { name: account.name, quotaBytes: account.quota_bytes, publicContent: account.public_content },
  })
  return { account: { ...account, used_bytes: 0, files: 0 }, invite }
}

/** A page of all accounts, for the operator, newest first. */
export async function pageAccounts(
  { db }: Pick<Services, 'db'>,
  input: {
    name?: string | undefined
    disabled?: boolean | undefined
    limit?: number | undefined
    pageToken?: string | undefined
  },
): Promise<{ accounts: AccountRow[]; nextPageToken: string | null }> {
  const limit = input.limit ?? 100
  const rows = await listAccounts(db.read, { ...input, before: input.pageToken, limit: limit + 1 })
  const accounts = rows.slice(0, limit)
  return { accounts, nextPageToken: rows.length > limit ? (accounts.at(-1)?.id ?? null) : null }
}

/** An account by id. Throws `not_found`. */
export async function getAccount({ db }: Pick<Services, 'db'>, id: string): Promise<AccountRow> {
  const account = await findAccount(db.read, id)
  if (account === undefined) throw new AppError('not_found', `No account ${id}.`)
  return account
}

/** An operator's look at another account; that account's people can see that it happened. */
export async function viewAccount(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  id: string,
): Promise<AccountRow> {
  const account = await getAccount(services, id)
  if (id !== caller.accountId) {
    await services.db.write((tx) =>
      recordAudit(tx, {
        id: services.newId(),
        at: services.clock.now(),
        accountId: id,
        action: 'account.viewed',
        target: id,
        ...operatorOf(caller),
      }),
    )
  }
  return account
}

/**
 * Changes an account, for its own admin or an operator. Disabling ends its sessions and refuses its keys from the next
 * request on; its files stay. Throws `not_found`; `conflict` when the operator would disable the account they act from.
 */
export async function changeAccount(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'keyCache'> & {
    readonly egressLimits?: Pick<Services['egressLimits'], 'changed'>
  },
  who: By,
  id: string,
  change: AccountChange,
  by: 'operator' | 'account',
): Promise<AccountRow> {
  const { db, clock, newId, keyCache } = services
  if (change.disabled === true && who !== 'machine' && id === who.accountId) {
    throw new AppError('conflict', 'This is the account you are acting from: disabling it would lock you out.')
  }
  const account = await db.write(async (tx) => {
    await lockAccount(tx, id)
    const before = await findAccount(tx, id)
    if (before === undefined) throw new AppError('not_found', `No account ${id}.`)
    const at = clock.now()
    const steps = stepsOf(before, change, at)
    for (const { set, action, detail } of steps) {
      await updateAccount(tx, id, set)
      const actor =
        who === 'machine' || by === 'operator' ? operatorOf(who) : { actor: actorOf(who), origin: who.origin }
      await recordAudit(tx, { id: newId(), at, accountId: id, action, target: id, detail, ...actor })
      if (action === 'account.disabled') await deleteSessions(tx, { accountId: id })
    }
    if (change.egressQuotaBytes !== undefined) await noteEgressChange(tx)
    return Object.assign({}, before, ...steps.map(({ set }) => set)) as AccountRow // columns of the row, changed
  })
  if (change.disabled !== undefined) keyCache.forgetAccount(id)
  if (change.egressQuotaBytes !== undefined) await services.egressLimits?.changed()
  return account
}

interface Step {
  readonly set: Parameters<typeof updateAccount>[2]
  readonly action: string
  readonly detail?: Record<string, unknown>
}

/** What is different from how it was: each is its own line of the audit log. */
function stepsOf(before: AccountRow, change: AccountChange, at: number): Step[] {
  const { name, quotaBytes, egressQuotaBytes, publicContent, disabled } = change
  const steps: Step[] = []
  if (name !== undefined && name !== before.name) {
    steps.push({ set: { name }, action: 'account.renamed', detail: { from: before.name, to: name } })
  }
  if (quotaBytes !== undefined && quotaBytes !== before.quota_bytes) {
    const detail = { from: before.quota_bytes, to: quotaBytes }
    steps.push({ set: { quota_bytes: quotaBytes }, action: 'account.quota_changed', detail })
  }
  if (egressQuotaBytes !== undefined && egressQuotaBytes !== before.egress_quota_bytes) {
    const detail = { from: before.egress_quota_bytes, to: egressQuotaBytes }
    steps.push({ set: { egress_quota_bytes: egressQuotaBytes }, action: 'account.egress_quota_changed', detail })
  }
  if (publicContent !== undefined && publicContent !== before.public_content) {
    const detail = { from: before.public_content, to: publicContent }
    steps.push({ set: { public_content: publicContent }, action: 'account.public_content_changed', detail })
  }
  if (disabled === true && before.disabled_at === null) {
    steps.push({ set: { disabled_at: at }, action: 'account.disabled' })
  }
  if (disabled === false && before.disabled_at !== null) {
    steps.push({ set: { disabled_at: null }, action: 'account.enabled' })
  }
  return steps
}

/** How the audit log names who changes something for the installation. */
export function operatorOf(who: By): { actor: Actor; origin?: RequestOrigin } {
  if (who === 'machine') return { actor: { kind: 'machine', id: null } }
  return { actor: { kind: 'operator', id: actorOf(who).id }, origin: who.origin }
}
