import {
  covers,
  normalisePermissions,
  presentPermissions,
  type Granted,
  type Permissions,
} from '@pinyon/contract/permissions.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import type { CreatedKey, KeyBounds } from '@pinyon/contract/schemas/keys.ts'
import type { Insertable } from 'kysely'
import type { z } from 'zod'
import { actorOf, recordAudit, type AuditLine } from '../accounts/audit.ts'
import { findAccount } from '../accounts/queries.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import type { KeyTable } from '../db/key-tables.ts'
import { recordEvent } from '../events/record-event.ts'
import { AppError } from '../lib/errors.ts'
import { foldText } from '../lib/fold.ts'
import { hashSecretText } from '../lib/secret-text.ts'
import type { Services } from '../services.ts'
import { makePublicPart, makeSecret } from './formats.ts'
import { keyEvent } from './key-event.ts'
import { findMaker, holdKeysAbove, placeBelow, rootPlace, type KeyPlace } from './key-tree.ts'
import { insertKey, type KeyRow } from './queries.ts'
import { issueToken } from './tokens.ts'

/** What is shown once. */
export type ShownKey = z.infer<typeof CreatedKey>

/** What is asked for: expiry either as a time in milliseconds or in seconds from now. */
export interface CreateKeyInput {
  readonly keyName: string
  readonly permissions: Permissions
  readonly maxUses?: number | null | undefined
  readonly expiresAt?: number | null | undefined
  readonly expiresIn?: number | null | undefined
  readonly bounds?: KeyBounds | null | undefined
}

/**
 * Makes a key for the caller's account, a child of `parent`. Without it, a key that is made with a key is its child,
 * unless that is an admin's without bounds. Throws `scope_not_held` when it could do what the caller or its parent may
 * not, `invalid_request` for an expiry that is past or said twice, `conflict` as `placeBelow`.
 */
export async function createKey(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'signingKeys' | 'installation'>,
  caller: Caller,
  input: CreateKeyInput,
  parent?: KeyRow,
): Promise<ShownKey & { id: string }> {
  const granted = normalisePermissions(input.permissions)
  if (!covers(caller.granted, granted, routeList)) {
    throw new AppError(
      'scope_not_held',
      'A key makes only keys whose scopes it holds itself. Ask for fewer scopes, or use a key that has them.',
    )
  }
  const now = services.clock.now()
  const id = services.newId()
  const maxUses = input.maxUses ?? null
  const asked = readExpiry(input, now) ?? null
  const below = parent ?? (await findMaker(services.db.read, caller))
  const wanted = { id, granted, bounds: input.bounds, maxUses, expiresAt: asked }
  const { place, expiresAt } =
    below === undefined
      ? { place: rootPlace(id, input.bounds), expiresAt: asked }
      : await placeBelow(services.db.read, below, wanted, now)
  const account = await findAccount(services.db.read, caller.accountId)
  if (account === undefined) throw new AppError('not_found', 'The account is gone.')
  const key = await makeKey(services, {
    account,
    name: input.keyName,
    granted,
    id,
    place,
    maxUses,
    expiresAt,
    createdByUser: caller.user?.id ?? null,
    createdByKey: caller.key?.id ?? null,
  })
  await services.db.write((tx) =>
    keepKey(tx, key, {
      id: services.newId(),
      at: key.row.created_at,
      accountId: caller.accountId,
      actor: actorOf(caller),
      origin: caller.origin,
    }),
  )
  return { id, ...key.shown }
}

/** A key that is made but not kept yet: signing takes place outside the transaction. */
export interface MadeKey {
  readonly row: Insertable<KeyTable>
  readonly shown: ShownKey
}

/** Makes public part, secret and JWT. */
export async function makeKey(
  services: Pick<Services, 'clock' | 'newId' | 'signingKeys' | 'installation'>,
  key: {
    account: { id: string; email: string }
    name: string
    granted: Granted
    id?: string
    place?: KeyPlace
    maxUses: number | null
    expiresAt: number | null
    createdByUser: string | null
    createdByKey: string | null
  },
): Promise<MadeKey> {
  const now = services.clock.now()
  const publicPart = makePublicPart()
  const secret = makeSecret()
  const jwt = await issueToken(services.signingKeys, {
    installationId: services.installation.id,
    account: key.account,
    publicPart,
    secret,
    isChild: key.place?.parent_id != null,
    granted: key.granted,
    jti: services.newId(),
    issuedAt: now,
    expiresAt: key.expiresAt,
  })
  const id = key.id ?? services.newId()
  const row = {
    id,
    account_id: key.account.id,
    public_part: publicPart,
    secret_hash: hashSecretText(secret),
    name: key.name,
    name_folded: foldText(key.name),
    permissions: JSON.stringify(presentPermissions(key.granted)),
    max_uses: key.maxUses,
    uses: 0,
    expires_at: key.expiresAt,
    created_at: now,
    updated_at: now,
    last_used_at: null,
    last_used_route: null,
    last_used_address: null,
    revoked_at: null,
    regenerated_at: null,
    previous_secret_hash: null,
    previous_until: null,
    created_by_user: key.createdByUser,
    created_by_key: key.createdByKey,
    ...(key.place ?? rootPlace(id, undefined)),
  }
  return { row, shown: { JWT: jwt, pinata_api_key: publicPart, pinata_api_secret: secret } }
}

/** Keeps a made key and says so in the audit log. */
export async function keepKey(
  tx: Db,
  { row }: MadeKey,
  line: Omit<AuditLine, 'action' | 'target' | 'detail'>,
): Promise<void> {
  await holdKeysAbove(tx, { ancestors: row.ancestors ?? '[]' }, row.created_at)
  await insertKey(tx, row)
  await recordEvent(tx, keyEvent(row, 'key.created', line.at))
  const permissions: unknown = JSON.parse(row.permissions)
  const detail = { name: row.name, permissions, maxUses: row.max_uses, expiresAt: row.expires_at }
  await recordAudit(tx, { ...line, action: 'key.created', target: row.id, detail })
}

/** When a key is to end, in milliseconds; undefined when nothing is said. Throws `invalid_request`. */
export function readExpiry(
  { expiresAt, expiresIn }: Pick<CreateKeyInput, 'expiresAt' | 'expiresIn'>,
  now: number,
): number | undefined {
  if (expiresAt != null && expiresIn != null) {
    throw new AppError('invalid_request', 'expiresAt and expiresIn say the same thing: send one of them.')
  }
  if (expiresIn != null) return now + expiresIn * 1000
  if (expiresAt == null) return undefined
  if (expiresAt <= now) throw new AppError('invalid_request', 'expiresAt: must be in the future.')
  return expiresAt
}
