import type { KeyBounds } from '@pinyon/contract/schemas/keys.ts'
import type { Caller } from '../caller.ts'
import { findGroup } from '../groups/queries.ts'
import { createKey, type CreateKeyInput, type ShownKey } from '../keys/create-key.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'

/** Makes a key as Pinata's routes do, and gives the three values that these show. Throws as `createKey`, `not_found`. */
export async function createCheckedKey(services: Services, caller: Caller, body: CreateKeyInput): Promise<ShownKey> {
  await requireGroups(services, caller, body.bounds)
  const { id: _id, ...shown } = await createKey(services, caller, body)
  return shown
}

/** Throws `not_found` when a key is to be bound to a group that the account does not have. */
export async function requireGroups(
  { db }: Pick<Services, 'db'>,
  { accountId }: Pick<Caller, 'accountId'>,
  bounds: KeyBounds | null | undefined,
): Promise<void> {
  for (const id of bounds?.groups ?? []) {
    const found = await Promise.all(
      (['private', 'public'] as const).map((network) => findGroup(db.read, accountId, network, id)),
    )
    if (found.every((group) => group === undefined)) {
      throw new AppError('not_found', `There is no group ${JSON.stringify(id)} in this account.`)
    }
  }
}
