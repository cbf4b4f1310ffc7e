import { routes } from '@pinyon/contract/routes.ts'
import { answer, door, openDoor, type Door } from '../http/door.ts'

const noStore = { 'cache-control': 'no-store' }

/** Health for everybody says one word, and a second one while something cannot be written; what lies behind it is for operators, in the metrics. */
export const healthDoors: readonly Door[] = [
  openDoor(routes.healthLive, () => answer(200, { status: 'alive' }, noStore)),
  openDoor(routes.healthReady, ({ services }) => {
    const { state } = services.health
    // Still ready: reading goes on, and so does deleting where it can.
    return state === 'ready'
      ? answer(200, { status: 'ready', ...services.writeFaults.told, ...services.denials.lists?.told }, noStore)
      : answer(503, { status: state }, { ...noStore, 'retry-after': '2' })
  }),
  door(routes.metrics, async ({ services }) => services.metrics.registry.metrics()),
  openDoor(routes.jwks, ({ services }) =>
    answer(200, services.signingKeys.jwks(), { 'cache-control': 'public, max-age=300' }),
  ),
]
