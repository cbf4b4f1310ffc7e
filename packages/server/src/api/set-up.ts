import { routes } from '@pinyon/contract/routes.ts'
import { getInvite } from '../accounts/get-invite.ts'
import { isSetUp } from '../accounts/installation.ts'
import { answer, openDoor, type Door } from '../http/door.ts'
import { acceptInvite } from '../keys/accept-invite.ts'
import { setUp } from '../keys/set-up.ts'
import { presentAccount, presentOpenInvite } from './present-accounts.ts'

const noStore = { 'cache-control': 'no-store' }

/** The two ways in for somebody new: the first person by the set-up token, all others by an invite. */
export const setUpDoors: readonly Door[] = [
  openDoor(routes.setUpState, async ({ services }) => answer(200, { done: await isSetUp(services) }, noStore)),
  openDoor(routes.setUp, async ({ services, body, request }) => {
    const { account, key } = await setUp(services, { ...body, origin: request })
    return answer(201, { account: presentAccount(account), key }, noStore)
  }),
  openDoor(routes.inviteLook, async ({ services, body }) =>
    answer(200, presentOpenInvite(await getInvite(services, body.token)), noStore),
  ),
  openDoor(routes.inviteAccept, async ({ services, body, request }) => {
    const { account, key } = await acceptInvite(services, { ...body, origin: request })
    const shown = presentAccount(account)
    return key === undefined ? answer(200, { account: shown }, noStore) : answer(201, { account: shown, key }, noStore)
  }),
]
