import { z } from 'zod'
import { Permissions } from './permissions.ts'
import { Email, Flag, Id, Name, NewPassword, Time, wholeNumber } from './common.ts'
import { CreatedKey } from './keys.ts'

/** Whether an account may hold anything that others can read. */
const PublicContent = z.enum(['allowed', 'refused'])

/** An account: who owns files and pays. */
export const Account = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    createdAt: Time,
    disabledAt: Time.nullable(),
    quotaBytes: z.number().nullable(),
    egressQuotaBytes: z.number().nullable().meta({
      description: 'How much the gateway serves for the account in a calendar month (UTC); null is unlimited.',
    }),
    usedBytes: z.number(),
    files: z.number(),
    publicContent: PublicContent,
  })
  .meta({ id: 'Account' })

/** Body of set-up: makes the owner, the first account and its key. */
export const SetUp = z
  .object({
    token: z.string().min(1).max(200),
    email: Email,
    password: NewPassword,
    accountName: Name.optional(),
    network: z.enum(['local', 'public']).optional(),
    publicContent: PublicContent.optional(),
  })
  .meta({ id: 'SetUp' })

/** Answer of set-up and of accepting the invite of a new account. */
export const SetUpDone = z.object({ account: Account, key: CreatedKey }).meta({ id: 'SetUpDone' })

/** A code of the authenticator app, or a recovery code. */
export const SecondCode = z.string().min(1).max(64)

/** Whether signing in wants a code. */
export const TotpState = z
  .object({ enabledAt: Time.nullable(), recoveryCodesLeft: z.number().int() })
  .meta({ id: 'TotpState' })

/** Body that begins a second step. */
export const TotpBegin = z.object({ password: z.string().max(1_024) }).meta({ id: 'TotpBegin' })

/** What an authenticator app is given, shown once. */
export const TotpBegun = z
  .object({
    secret: z.string().meta({ description: 'Base32, to type in.' }),
    url: z.string().meta({ description: '`otpauth://`, to show as a QR code.' }),
  })
  .meta({ id: 'TotpBegun' })

/** Body that confirms a second step. */
export const TotpConfirm = z.object({ code: SecondCode }).meta({ id: 'TotpConfirm' })

/** Proof of both steps, by whoever is signed in. */
export const TotpProof = z.object({ password: z.string().max(1_024), code: SecondCode }).meta({ id: 'TotpProof' })

/** Codes for when the app is gone, shown once; each works once. */
export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' })

/** Sign-in with e-mail and password. */
export const SignIn = z
  .object({
    email: z.string().max(254),
    password: z.string().max(1_024),
    code: SecondCode.optional().meta({
      description: 'Of the authenticator app, or a recovery code: wanted where 401 `SIGN_IN_CODE_NEEDED` says so.',
    }),
  })
  .meta({ id: 'SignIn' })

/** A signed-in browser. */
export const Session = z
  .object({
    id: z.string(),
    createdAt: Time,
    lastUsedAt: Time,
    expiresAt: Time,
    address: z.string().nullable(),
    agent: z.string().nullable(),
    current: z.boolean(),
  })
  .meta({ id: 'Session' })

/** Who is signed in, and to what. */
export const SignedIn = z.object({
  session: Session,
  user: z.object({ id: z.string(), email: z.string(), operator: z.boolean() }),
  account: z.object({ id: z.string(), name: z.string(), role: z.string() }),
  accounts: z.array(z.object({ id: z.string(), name: z.string(), role: z.string() })),
})

/** Change of one's own password: ends all other sessions. */
export const ChangePassword = z
  .object({ currentPassword: z.string().max(1_024), newPassword: NewPassword })
  .meta({ id: 'ChangePassword' })

/** Use of a one-time reset link that an operator of the machine printed. */
export const ResetPassword = z
  .object({ token: z.string().min(1).max(200), password: NewPassword })
  .meta({ id: 'ResetPassword' })

/** Body of account creation by an operator. */
export const CreateAccount = z
  .object({
    name: Name.min(1),
    email: Email,
    quotaBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullish(),
    publicContent: PublicContent.optional(),
  })
  .meta({ id: 'CreateAccount' })

/** A link by which somebody joins; the token is shown once. */
export const Invite = z.object({ token: z.string(), url: z.string(), expiresAt: Time }).meta({ id: 'Invite' })

/** What an operator may change about an account. */
export const UpdateAccount = z
  .strictObject({
    name: Name.min(1).optional(),
    quotaBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable().optional(),
    egressQuotaBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable().optional(),
    publicContent: PublicContent.optional(),
    disabled: z.boolean().optional(),
  })
  .meta({ id: 'UpdateAccount' })

/** What an account's own admin may change about it. */
export const UpdateOwnAccount = z
  .strictObject({ name: Name.min(1).optional(), publicContent: PublicContent.optional() })
  .meta({ id: 'UpdateOwnAccount' })

/** Query of the operator's list of accounts. */
export const AccountListQuery = z.object({
  name: z.string().max(1_024).optional(),
  disabled: Flag.optional(),
  limit: wholeNumber(1, 1_000).optional(),
  pageToken: z.string().max(200).optional(),
})

/** A part that a user may have in an account: `owner` may do everything, `member` all but keys, people and settings. */
export const Role = z.enum(['owner', 'member'])

/** A person of an account. */
export const Member = z
  .object({ userId: z.string(), email: z.string(), role: Role, createdAt: Time })
  .meta({ id: 'Member' })

/** What becomes of the keys of somebody whose part in an account changes. */
export const RevokeKeysQuery = z.object({
  revokeKeys: Flag.optional().meta({
    description: 'Also revoke the keys that this person made, and those made with these keys, in the same step.',
  }),
})

/** Keys that somebody made by themselves or with keys that they made, and that are not revoked, expired or used up. */
export const KeysMade = z
  .object({
    activeKeys: z.number().meta({ description: 'How many of them still work.' }),
    revokedKeys: z.number().meta({ description: 'How many of them this request revoked.' }),
  })
  .meta({ id: 'KeysMade' })

/** Somebody whose role was changed. */
export const MemberChanged = Member.extend(KeysMade.shape).meta({ id: 'MemberChanged' })

/** An invitation that waits. */
export const PendingInvite = z
  .object({ id: z.string(), email: z.string(), role: Role, createdAt: Time, expiresAt: Time })
  .meta({ id: 'PendingInvite' })

/** Body of an invitation to the caller's account. */
export const InviteMember = z.object({ email: Email, role: Role.default('member') }).meta({ id: 'InviteMember' })

/** Body of accepting: a new user chooses a password, a known one proves theirs. */
export const AcceptInvite = z
  .object({
    token: z.string().min(1).max(200),
    password: z.string().min(1).max(256),
    code: SecondCode.optional().meta({
      description: 'Of a known user whose signing in wants one: wanted where 401 `SIGN_IN_CODE_NEEDED` says so.',
    }),
  })
  .meta({ id: 'AcceptInvite' })

/** Body of looking at an invite before it is accepted. */
export const LookAtInvite = AcceptInvite.pick({ token: true }).meta({ id: 'LookAtInvite' })

/** An invite that can be accepted, as the one who holds its token sees it. */
export const OpenInvite = z
  .object({
    account: z.object({ name: z.string() }),
    email: z.string(),
    role: Role,
    isNewUser: z
      .boolean()
      .meta({ description: 'True: accepting chooses a password. False: it wants the one there is.' }),
    isFirstOwner: z.boolean().meta({ description: 'True: accepting answers 201 with the first key of the account.' }),
    expiresAt: Time,
  })
  .meta({ id: 'OpenInvite' })

/** A user of the caller's account. */
export const UserParams = z.object({ userId: Id })

/** One line of the audit log. */
export const AuditEntry = z
  .object({
    id: z.string(),
    at: Time,
    actor: z.object({ kind: z.string(), id: z.string().nullable() }),
    action: z.string(),
    target: z.string().nullable(),
    address: z.string().nullable(),
    requestId: z.string().nullable(),
    result: z.string(),
    detail: z.unknown(),
  })
  .meta({ id: 'AuditEntry' })

/** Who asks, what the key may do, what is left of it, and where things are. */
export const WhoAmI = z
  .object({
    account: z.object({ id: z.string(), name: z.string() }),
    key: z
      .object({
        id: z.string(),
        name: z.string(),
        publicPart: z.string(),
        usesLeft: z.number().nullable(),
        expiresAt: Time.nullable(),
        regeneratedAt: Time.nullable(),
      })
      .nullable(),
    user: z.object({ id: z.string(), email: z.string(), role: z.string() }).nullable(),
    scopes: Permissions,
    seesAllFiles: z.boolean().meta({
      description:
        'False for a key that is bound to what it made or to groups: its lists and counts are of these files.',
    }),
    quota: z.object({
      limitBytes: z.number().nullable(),
      usedBytes: z.number(),
      leftBytes: z.number().nullable(),
      files: z.number(),
    }),
    publicContent: PublicContent,
    limits: z.object({ keyvalues: z.number() }).meta({ description: 'Key-values that one file may carry.' }),
    network: z.enum(['local', 'public']).nullable().meta({
      description: 'What was chosen at set-up: to talk to no one but named peers, or to join the IPFS network.',
    }),
    urls: z.object({ api: z.string(), gateway: z.string() }),
    contact: z.string().nullable(),
    version: z.string(),
  })
  .meta({ id: 'WhoAmI' })
