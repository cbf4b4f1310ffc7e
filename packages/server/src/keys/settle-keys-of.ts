import { covers } from '@pinyon/contract/permissions.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { readGranted } from './key-cache.ts'
import { stateOf } from './list-keys.ts'
import { listKeysMadeBy } from './queries.ts'
import { markRevoked } from './revoke-key.ts'

/** How many keys of a person work afterwards, and how many were ended. */
export interface SettledKeys {
  readonly activeKeys: number
  readonly revokedKeys: number
}

/**
 * Counts the active keys that a person made in the caller's account, and those made with these; with `revoke` ends
 * them, in the transaction of what they are ended for. Have the cache forget `ended` after the commit. Throws `scope_not_held` when one
 * to be ended may do more than the caller.
 */
export async function settleKeysOf(
  services: Pick<Services, 'clock' | 'newId'>,
  tx: Db,
  caller: Caller,
  { userId, revoke }: { userId: string; revoke: boolean },
): Promise<{ counts: SettledKeys; ended: readonly string[] }> {
  const made = await listKeysMadeBy(tx, caller.accountId, userId)
  const active = made.filter((key) => stateOf(key, services.clock.now()) === 'active')
  if (!revoke) return { counts: { activeKeys: active.length, revokedKeys: 0 }, ended: [] }
  // Expired ones too: they could be regenerated.
  const open = made.filter((key) => key.revoked_at === null)
  if (open.some((key) => !covers(caller.granted, readGranted(key.permissions), routeList))) {
    throw new AppError('scope_not_held', 'This person made keys that may do more than you may. Nothing was changed.')
  }
  for (const key of open) await markRevoked(services, tx, caller, key)
  return {
    counts: { activeKeys: 0, revokedKeys: open.length },
    ended: open.map((key) => key.public_part),
  }
}
