import { routes } from '@pinyon/contract/routes.ts'
import { answer, door, type Door } from '../http/door.ts'
import { listKeysByOffset } from '../keys/list-keys.ts'
import { revokeKey } from '../keys/revoke-key.ts'
import { createCheckedKey } from './create-checked-key.ts'
import { presentKey } from './present-keys.ts'

/** Keys on the legacy routes. */
export const legacyKeyDoors: readonly Door[] = [
  door(routes.generateApiKey, async ({ services, caller, body }) =>
    answer(200, await createCheckedKey(services, caller, body), { 'cache-control': 'no-store' }),
  ),
  door(routes.apiKeys, async ({ services, caller, query }) => {
    const { keys, count } = await listKeysByOffset(services, caller, query)
    return { keys: keys.map(presentKey), count }
  }),
  door(routes.revokeApiKey, async ({ services, caller, body }) => {
    await revokeKey(services, caller, body.apiKey)
    return 'Revoked'
  }),
]
