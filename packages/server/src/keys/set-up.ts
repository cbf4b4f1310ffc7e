import type { RequestOrigin } from '../caller.ts'
import { recordAudit } from '../accounts/audit.ts'
import { removeSetupToken } from '../accounts/installation.ts'
import { hashPassword } from '../accounts/passwords.ts'
import { insertMember } from '../accounts/member-queries.ts'
import { findInstallation, insertAccount, insertUser, markSetUp, type AccountRow } from '../accounts/queries.ts'
import { AppError } from '../lib/errors.ts'
import { hashSecretText } from '../lib/secret-text.ts'
import type { Services } from '../services.ts'
import { keepKey, makeKey, type ShownKey } from './create-key.ts'

/** What set-up is told. */
export interface SetUpInput {
  readonly token: string
  readonly email: string
  readonly password: string
  readonly accountName?: string | undefined
  readonly network?: 'local' | 'public' | undefined
  readonly publicContent?: 'allowed' | 'refused' | undefined
  readonly origin: RequestOrigin
}

/**
 * Sets the installation up, once: owner (also operator), first account, and a key with scopes admin and operator. Of
 * many requests at once one wins; the others throw `conflict`, as all later ones do. `sign_in_failed` for a wrong token.
 */
export async function setUp(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'signingKeys' | 'installation' | 'config' | 'log'>,
  input: SetUpInput,
): Promise<{ account: AccountRow; key: ShownKey }> {
  const { db, newId } = services
  const tokenHash = hashSecretText(input.token)
  await requireOpen(services, tokenHash)
  const passwordHash = await hashPassword(input.password)
  const at = services.clock.now()
  const userId = newId()
  const account = {
    id: newId(),
    name: input.accountName || input.email,
    email: input.email.trim(),
    created_at: at,
    disabled_at: null,
    quota_bytes: null,
    public_content: input.publicContent ?? 'allowed',
    pin_policy: null,
    egress_quota_bytes: null,
  }
  const key = await makeKey(services, {
    account,
    name: 'Set-up key',
    granted: { admin: true, operator: true, resources: [], scopes: [] },
    maxUses: null,
    expiresAt: null,
    createdByUser: userId,
    createdByKey: null,
  })
  const line = { at, accountId: account.id, actor: { kind: 'user', id: userId }, origin: input.origin } as const
  const won = await db.write(async (tx) => {
    if (!(await markSetUp(tx, { tokenHash, network: input.network ?? 'local', at }))) return false
    await insertAccount(tx, account)
    await insertUser(tx, { id: userId, email: input.email, passwordHash, operator: true, at })
    await insertMember(tx, { account_id: account.id, user_id: userId, role: 'owner', created_at: at })
    await recordAudit(tx, { id: newId(), ...line, action: 'installation.set_up', target: services.installation.id })
    await keepKey(tx, key, { id: newId(), ...line })
    return true
  })
  if (!won) throw setUpAlready()
  // The token is of no use any more, and the answer holds a key that nobody will see again: nothing may stop it now.
  await removeSetupToken(services.config.dataDir).catch((error: unknown) =>
    services.log.warn({ err: error }, 'the file of the set-up token could not be removed'),
  )
  return { account: { ...account, used_bytes: 0, files: 0 }, key: key.shown }
}

/** Before the password is hashed, which is dear. */
async function requireOpen({ db }: Pick<Services, 'db'>, tokenHash: string): Promise<void> {
  const installation = await findInstallation(db.read)
  if (installation === undefined || installation.set_up_at !== null) throw setUpAlready()
  if (installation.setup_token_hash !== tokenHash) {
    throw new AppError(
      'sign_in_failed',
      'This is not the set-up token. It is in the file setup-token in the data directory.',
    )
  }
}

function setUpAlready(): AppError {
  return new AppError('conflict', 'This installation is set up already. Sign in, or ask its operator for an invite.')
}
