import { SecondCode } from './accounts.ts'
import { z } from 'zod'
import { Email, Id, Name, NewPassword, Time } from './common.ts'

const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const token = z.string().min(1).max(200)

/** Whether and how people join: not by themselves, by links of the operator, or by asking as well. */
export const SignUpMode = z.enum(['off', 'invite', 'request'])

/** Body of looking at a link before it is used. */
export const LookAtSignUp = z.object({ token }).meta({ id: 'LookAtSignUp' })

/** A link that can be used. */
export const OpenSignUp = z.object({ expiresAt: Time, quotaBytes: bytes.nullable() }).meta({ id: 'OpenSignUp' })

/** Body of joining by a link. */
export const JoinByLink = z
  .object({
    token,
    email: Email,
    password: NewPassword,
    accountName: Name.optional(),
    code: SecondCode.optional().meta({ description: 'Of a user here whose signing in wants one.' }),
  })
  .meta({ id: 'JoinByLink' })

/** Body of asking for an account. */
export const RequestAccount = z
  .object({ email: Email, name: Name.max(200).optional(), note: Name.max(1_000).optional() })
  .meta({ id: 'RequestAccount' })

/** Body of making a link by which people join. */
export const MakeSignUpLink = z
  .strictObject({
    maxUses: z.number().int().min(1).max(10_000).optional().meta({ description: '1 unless given.' }),
    expiresInDays: z.number().int().min(1).max(365).optional().meta({ description: '7 unless given.' }),
    quotaBytes: bytes.optional().meta({ description: 'Of accounts made with it; the usual one unless given.' }),
    note: Name.max(200).optional(),
  })
  .meta({ id: 'MakeSignUpLink' })

/** A link by which people join, without its token. */
export const SignUpLink = z
  .object({
    id: z.string(),
    note: z.string(),
    maxUses: z.number().int(),
    uses: z.number().int(),
    quotaBytes: bytes.nullable(),
    createdAt: Time,
    expiresAt: Time,
    revokedAt: Time.nullable(),
  })
  .meta({ id: 'SignUpLink' })

/** Somebody who would like an account. */
export const SignUpRequest = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    note: z.string(),
    createdAt: Time,
    isUser: z.boolean().meta({ description: 'Somebody with this address is a user here already.' }),
  })
  .meta({ id: 'SignUpRequest' })

/** Body of accepting a request. */
export const AcceptSignUp = z
  .strictObject({ quotaBytes: bytes.nullable().optional().meta({ description: 'The usual one unless given.' }) })
  .meta({ id: 'AcceptSignUp' })

/** A setting that is in force. */
export const SettingInForce = z.object({ name: z.string(), value: z.string() }).meta({ id: 'SettingInForce' })

/** The id of a link or request. */
export const SignUpParams = z.object({ id: Id })
