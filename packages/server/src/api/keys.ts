import { routes } from '@pinyon/contract/routes.ts'
import { answer, door, type Door } from '../http/door.ts'
import { createCheckedKey, requireGroups } from './create-checked-key.ts'
import { createKey } from '../keys/create-key.ts'
import { getCoveredKey, listKeysByOffset, pageKeys } from '../keys/list-keys.ts'
import { regenerateKey } from '../keys/regenerate-key.ts'
import { revokeKey } from '../keys/revoke-key.ts'
import { presentKey, presentKeyDetail } from './present-keys.ts'

/** Answers that show a secret are kept by nobody on the way. */
const noStore = { 'cache-control': 'no-store' }

/** Keys on the v3 routes and our own. */
export const keyDoors: readonly Door[] = [
  door(routes.keysCreate, async ({ services, caller, body }) =>
    answer(200, await createCheckedKey(services, caller, body), noStore),
  ),
  door(routes.keysCreateChild, async ({ services, caller, params, body }) => {
    const parent = await getCoveredKey(services, caller, params)
    await requireGroups(services, caller, body.bounds)
    return answer(200, await createKey(services, caller, body, parent), noStore)
  }),
  door(routes.keysList, async ({ services, caller, query }) => {
    const { keys, count } = await listKeysByOffset(services, caller, query)
    return { keys: keys.map(presentKey), count }
  }),
  door(routes.keysRevoke, async ({ services, caller, params }) => {
    await revokeKey(services, caller, params.key)
    return 'Revoked'
  }),
  door(routes.keysDelete, async ({ services, caller, params }) => {
    await revokeKey(services, caller, params.key)
    return 'Revoked'
  }),
  door(routes.keysPage, async ({ services, caller, query }) => {
    const { keys, nextPageToken } = await pageKeys(services, caller, query)
    const now = services.clock.now()
    return { keys: keys.map((key) => presentKeyDetail(key, now)), nextPageToken }
  }),
  door(routes.keysGet, async ({ services, caller, params }) =>
    presentKeyDetail(await getCoveredKey(services, caller, params), services.clock.now()),
  ),
  door(routes.keysRegenerate, async ({ services, caller, params, body }) =>
    answer(200, await regenerateKey(services, caller, { ...body, id: params.id }), noStore),
  ),
]
