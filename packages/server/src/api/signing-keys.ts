import { routes } from '@pinyon/contract/routes.ts'
import { door, type Door } from '../http/door.ts'
import { rotateSigningKey } from '../keys/rotate-signing-key.ts'

/** Rotation of the key that signs JWTs. */
export const signingKeyDoors: readonly Door[] = [
  door(routes.signingKeysRotate, ({ services, caller }) => rotateSigningKey(services, caller)),
]
