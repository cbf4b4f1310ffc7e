import { routeList, routes } from '@pinyon/contract/routes.ts'
import { door, type Door } from '../http/door.ts'
import { adviceDays, adviseOnKey, countKeyUses, listKeyRefusals } from '../keys/advise-on-key.ts'
import { dayMs } from '../keys/use-days.ts'
import { outcomes, type OutcomeCode } from '@pinyon/contract/errors.ts'
import { presentTime } from './present-time.ts'

/** Days told of unless the client asks for another number. */
const usualDays = 30

/** What is known of how keys are used, what this process has not written yet included. */
export const keyRecordDoors: readonly Door[] = [
  door(routes.keysRefusals, async ({ services, caller, params }) => {
    await services.keyRefusals.flush()
    const refusals = await listKeyRefusals(services, caller, params.id)
    return {
      refusals: refusals.map(({ reason, message, route, scope, count, first_at, last_at }) => ({
        reason: reason in outcomes ? outcomes[reason as OutcomeCode].reason : reason,
        message,
        route: presentRoute(route),
        scope,
        count,
        firstAt: presentTime(first_at),
        lastAt: presentTime(last_at),
      })),
    }
  }),
  door(routes.keysAdvice, async ({ services, caller, params }) => {
    await services.keyUses.flush()
    return { days: adviceDays, ...(await adviseOnKey(services, caller, params.id)) }
  }),
  door(routes.keysUses, async ({ services, caller, params, query }) => {
    await services.keyUses.flush()
    const { days, routes: used } = await countKeyUses(services, caller, {
      id: params.id,
      days: query.days ?? usualDays,
    })
    return {
      days: days.map(({ day, uses }) => ({ day: new Date(day * dayMs).toISOString().slice(0, 10), uses })),
      routes: used,
    }
  }),
]

/** A row that this program does not know (any more) is not shown. */
function presentRoute(id: string): { id: string; method: string; path: string } | null {
  const row = routeList.find((each) => each.id === id)
  return row === undefined ? null : { id, method: row.method, path: row.path }
}
