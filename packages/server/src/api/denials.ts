import { routes } from '@pinyon/contract/routes.ts'
import type { Denial } from '@pinyon/contract/schemas/denials.ts'
import type { z } from 'zod'
import { allowContent, denyContent, lookAtContent, pageDenials } from '../pins/deny-content.ts'
import type { DenialRow } from '../denials/queries.ts'
import { answer, door, type Door } from '../http/door.ts'
import { presentTime } from './present-time.ts'

/** Content that is taken down in all accounts, for operators. */
export const denialDoors: readonly Door[] = [
  door(routes.denialsAdd, async ({ services, caller, body }) =>
    answer(201, presentDenial(await denyContent(services, caller, body))),
  ),
  door(routes.denialsList, async ({ services, query }) => {
    const { denials, nextPageToken } = await pageDenials(services, query)
    return { denials: denials.map(presentDenial), nextPageToken }
  }),
  door(routes.denialsGet, async ({ services, caller, params }) => {
    const { denial, holdings } = await lookAtContent(services, caller, params.cid)
    return { denial: denial === undefined ? null : presentDenial(denial), holdings }
  }),
  door(routes.denialsRemove, async ({ services, caller, params }) => {
    await allowContent(services, caller, params.cid)
    return {}
  }),
]

/** A denial as operators see it. */
export function presentDenial(denial: DenialRow): z.infer<typeof Denial> {
  return {
    cid: denial.cid,
    reason: denial.reason,
    deniedAt: presentTime(denial.denied_at),
    deniedBy: { kind: denial.actor_kind, id: denial.actor_id },
  }
}
