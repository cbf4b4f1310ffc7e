import {
  allows,
  presentPermissions,
  scopes as allScopes,
  type Granted,
  type Permissions,
  type Scope,
} from '@pinyon/contract/permissions.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import type { Caller } from '../caller.ts'
import type { Services } from '../services.ts'
import { readGranted } from './key-cache.ts'
import { getCoveredKey } from './list-keys.ts'
import type { KeyRow } from './queries.ts'
import { findFirstUseDay, listRefusals, listUseDays, type KeyRefusal } from './record-queries.ts'
import { dayMs } from './use-days.ts'

/** What is not used for so many days may go. */
export const adviceDays = 90

/** What a key may do and does not. */
export interface KeyAdvice {
  /** Days of the last ninety of which uses are known. */
  readonly observedDays: number
  readonly used: readonly Scope[]
  readonly unused: readonly Scope[]
  /** What would be enough, when it is less than what is granted. */
  readonly permissions: Permissions | null
}

/** What a key of the account was refused, the latest first. Throws `not_found`. */
export async function listKeyRefusals(
  { db }: Pick<Services, 'db'>,
  caller: Caller,
  id: string,
): Promise<readonly KeyRefusal[]> {
  const key = await getCoveredKey({ db }, caller, { id })
  return listRefusals(db.read, key.id)
}

/** Uses of a key of the account on the last `days` days, by day and by route. Throws `not_found`. */
export async function countKeyUses(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  caller: Caller,
  { id, days }: { id: string; days: number },
): Promise<{ days: { day: number; uses: number }[]; routes: { route: string; uses: number }[] }> {
  const key = await getCoveredKey({ db }, caller, { id })
  const today = Math.floor(clock.now() / dayMs)
  const rows = await listUseDays(db.read, key.id, today - days + 1)
  const byDay = new Map(Array.from({ length: days }, (_, i) => [today - days + 1 + i, 0]))
  const byRoute = new Map<string, number>()
  for (const { day, route, uses } of rows) {
    byDay.set(day, (byDay.get(day) ?? 0) + uses)
    byRoute.set(route, (byRoute.get(route) ?? 0) + uses)
  }
  return {
    days: [...byDay].map(([day, uses]) => ({ day, uses })),
    routes: [...byRoute].map(([route, uses]) => ({ route, uses })).sort((a, b) => b.uses - a.uses),
  }
}

/** What a key of the account is granted and has not used for ninety days. Throws `not_found`. */
export async function adviseOnKey(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  caller: Caller,
  id: string,
): Promise<KeyAdvice> {
  const key = await getCoveredKey({ db }, caller, { id })
  const granted = readGranted(key.permissions)
  const today = Math.floor(clock.now() / dayMs)
  const rows = await listUseDays(db.read, key.id, today - adviceDays + 1)
  const held = allScopes.filter((scope) => isHeld(granted, scope))
  const routes = new Set(rows.map(({ route }) => route))
  const used = held.filter((scope) => routeList.some((row) => routes.has(row.id) && isOpenedBy(row, scope, granted)))
  const unused = held.filter((scope) => !used.includes(scope))
  const enough: Granted = { admin: false, operator: granted.operator, resources: [], scopes: used }
  return {
    observedDays: observedDays(key, today, await findFirstUseDay(db.read)),
    used,
    unused,
    permissions: unused.length === 0 ? null : presentPermissions(enough),
  }
}

/** Whether a scope is granted, by itself or by a set that holds it. */
function isHeld(granted: Granted, scope: Scope): boolean {
  if (granted.admin || granted.scopes.includes(scope)) return true
  return granted.resources.length > 0 && routeList.some((row) => row.scope === scope && allows(granted, row))
}

/** A scope of a use: the row's own where that is granted, else one that does as well. */
function isOpenedBy({ scope: own, others = [] }: (typeof routeList)[number], scope: Scope, granted: Granted): boolean {
  if (own === scope) return true
  return own !== null && !isHeld(granted, own) && others.some((scopes) => scopes.includes(scope))
}

function observedDays(key: KeyRow, today: number, firstDay: number | undefined): number {
  const from = Math.max(Math.floor(key.created_at / dayMs), firstDay ?? today)
  return Math.min(adviceDays, today - from + 1)
}
