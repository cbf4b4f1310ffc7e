import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { lockAccounts } from '../usage/queries.ts'
import { type DomainRow, listDomains } from './domain-queries.ts'
import {
  countGateways,
  deleteGateway,
  findGateway,
  type GatewayRow,
  insertGateway,
  isNameTaken,
  listGateways,
  listRestrictions,
  lockGateway,
  type RestrictionRow,
} from './queries.ts'

/** What an account may have, and each of its gateways. */
const bounds = { gateways: 100 } as const

/** Names that would stand for something else below the installation's own name. */
const reserved = new Set(['api', 'gateway', 'uploads', 'www', 'ipfs', 'ipns', 'localhost', 'admin', 'console', 'app'])

/** A gateway with what belongs to it. */
export interface GatewayWithParts {
  readonly gateway: GatewayRow
  readonly domains: readonly DomainRow[]
  readonly restrictions: readonly RestrictionRow[]
}

type ChangeServices = Pick<Services, 'db' | 'clock' | 'newId'>

/** Makes a gateway by a name of its own. Throws `conflict` when the name is taken or the account has too many. */
export async function createGateway(
  { db, clock, newId }: ChangeServices,
  caller: Caller,
  domain: string,
): Promise<GatewayWithParts> {
  const gateway: GatewayRow = {
    id: newId(),
    account_id: caller.accountId,
    domain,
    created_at: clock.now(),
    egress_quota_bytes: null,
    html: 'sandbox',
  }
  await db.write(async (tx) => {
    // Or those that count at the same time would each find room for one more.
    await lockAccounts(tx, [caller.accountId])
    if ((await countGateways(tx, caller.accountId)) >= bounds.gateways) {
      throw new AppError('conflict', `An account may have at most ${bounds.gateways} gateways. Delete one first.`)
    }
    if (reserved.has(domain) || !(await insertGateway(tx, gateway))) {
      throw new AppError('conflict', `The name ${domain} is taken. Choose another.`)
    }
    await recordAudit(tx, {
      id: newId(),
      at: gateway.created_at,
      accountId: caller.accountId,
      actor: actorOf(caller),
      action: 'gateway.created',
      target: gateway.id,
      origin: caller.origin,
      detail: { domain },
    })
  })
  return { gateway, domains: [], restrictions: [] }
}

/** A page of the gateways of the account by number, the first is 1, and how many there are. */
export async function pageGateways(
  { db }: Pick<Services, 'db'>,
  { accountId }: Pick<Caller, 'accountId'>,
  { page = 1, pageSize = 10 }: { page?: number | undefined; pageSize?: number | undefined },
): Promise<{ count: number; gateways: GatewayWithParts[] }> {
  const rows = await listGateways(db.read, { accountId, limit: pageSize, offset: (page - 1) * pageSize })
  return { count: await countGateways(db.read, accountId), gateways: await withParts(db.read, rows) }
}

/** A gateway of the account with what belongs to it. Throws `not_found`. */
export async function getGatewayWithParts(
  { db }: Pick<Services, 'db'>,
  caller: Pick<Caller, 'accountId'>,
  id: string,
): Promise<GatewayWithParts> {
  const gateway = await getGateway(db.read, caller, id)
  const [found] = await withParts(db.read, [gateway])
  return found ?? { gateway, domains: [], restrictions: [] }
}

/** A gateway of the account. Throws `not_found`. */
export async function getGateway(db: Db, { accountId }: Pick<Caller, 'accountId'>, id: string): Promise<GatewayRow> {
  const gateway = await findGateway(db, { accountId, id })
  if (gateway === undefined) throw new AppError('not_found', 'There is no such gateway in this account')
  return gateway
}

/** Whether the name of a gateway is taken. */
export async function gatewayExists({ db }: Pick<Services, 'db'>, domain: string): Promise<boolean> {
  const name = domain.toLowerCase()
  return reserved.has(name) || isNameTaken(db.read, name)
}

/** Ends a gateway with all that belongs to it. Throws `not_found`. */
export async function removeGateway(services: ChangeServices, caller: Caller, id: string): Promise<void> {
  await changeGateway(services, caller, id, async (tx, _now, { domain }) => {
    await deleteGateway(tx, id)
    return { result: undefined, audit: { action: 'gateway.deleted', detail: { domain } } }
  })
}

/** One change of a gateway of the account, with its line of the audit log. Throws `not_found`, and what `change` throws. */
export async function changeGateway<T>(
  { db, clock, newId }: ChangeServices,
  caller: Caller,
  id: string,
  change: (
    tx: Db,
    now: number,
    gateway: GatewayRow,
  ) => Promise<{ result: T; audit: { action: `gateway.${string}`; detail: Record<string, unknown> } }>,
): Promise<T> {
  const now = clock.now()
  return db.write(async (tx) => {
    // What is counted of a gateway stays as it is until this write ends.
    await lockGateway(tx, id)
    const gateway = await getGateway(tx, caller, id)
    const { result, audit } = await change(tx, now, gateway)
    await recordAudit(tx, {
      id: newId(),
      at: now,
      accountId: caller.accountId,
      actor: actorOf(caller),
      target: id,
      origin: caller.origin,
      ...audit,
    })
    return result
  })
}

async function withParts(db: Db, rows: readonly GatewayRow[]): Promise<GatewayWithParts[]> {
  const ids = rows.map(({ id }) => id)
  const domains = await listDomains(db, ids)
  const restrictions = await listRestrictions(db, ids)
  return rows.map((gateway) => ({
    gateway,
    domains: domains.filter((domain) => domain.gateway_id === gateway.id),
    restrictions: restrictions.filter((each) => each.gateway_id === gateway.id),
  }))
}
