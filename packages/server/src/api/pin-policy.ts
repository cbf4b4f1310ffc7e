import { routes } from '@pinyon/contract/routes.ts'
import { changePinPolicy } from '../accounts/change-pin-policy.ts'
import { changeByCid } from '../files/change-by-cid.ts'
import { writePinPolicy } from '../files/pin-policy.ts'
import { type Door, door } from '../http/door.ts'
import { parseCid } from '../ipfs/cid.ts'

/** Pin policies: kept for programs that set them, and shown to them. */
export const pinPolicyDoors: readonly Door[] = [
  door(routes.hashPinPolicy, async ({ services, caller, body }) => {
    const pinPolicy = writePinPolicy(body.newPinPolicy) ?? null
    await changeByCid(services, caller, parseCid(body.ipfsPinHash), { pinPolicy })
    return 'OK'
  }),
  door(routes.userPinPolicy, async ({ services, caller, body }) => {
    await changePinPolicy(services, caller, writePinPolicy(body.newPinPolicy) ?? null)
    return 'OK'
  }),
]
