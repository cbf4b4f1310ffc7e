import { routes } from '@pinyon/contract/routes.ts'
import { beginTotp, confirmTotp, endTotp, getTotp, renewRecoveryCodes } from '../accounts/manage-totp.ts'
import { answer, door, type Door } from '../http/door.ts'
import { presentTime } from './present-time.ts'

const noStore = { 'cache-control': 'no-store' }

/** The second step of signing in, of whoever is signed in. */
export const totpDoors: readonly Door[] = [
  door(routes.totpGet, async ({ services, caller }) => {
    const { enabledAt, recoveryCodesLeft } = await getTotp(services, caller)
    return answer(200, { enabledAt: presentTime(enabledAt), recoveryCodesLeft }, noStore)
  }),
  door(routes.totpBegin, async ({ services, caller, body }) =>
    answer(201, await beginTotp(services, caller, body), noStore),
  ),
  door(routes.totpConfirm, async ({ services, caller, body }) =>
    answer(200, { recoveryCodes: await confirmTotp(services, caller, body) }, noStore),
  ),
  door(routes.totpRecoveryCodes, async ({ services, caller, body }) =>
    answer(200, { recoveryCodes: await renewRecoveryCodes(services, caller, body) }, noStore),
  ),
  door(routes.totpOff, async ({ services, caller, body }) => {
    await endTotp(services, caller, body)
    return {}
  }),
]
