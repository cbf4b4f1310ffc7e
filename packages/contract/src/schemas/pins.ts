import { z } from 'zod'
import { CidText, Flag, Id, Time, wholeNumber } from './common.ts'
import { KeyvalueValue } from './files.ts'
import { PsaStatus } from './psa.ts'
import { recordOf } from './record.ts'

/** A source that a fetch asked, or an address that it did not ask, and what came of it. */
export const TriedSource = z.object({
  source: z
    .string()
    .meta({ description: 'An address named with the pin (of an HTTP address the server), a peer id, or `gateway`.' }),
  outcome: z.enum(['connected', 'gave', 'has-not', 'unreachable', 'refused', 'not-understood', 'lied']),
  detail: z.string().nullable(),
  blocks: z.number(),
})

/** A pin asked for by CID, with everything that is known of it. */
export const PinDetail = z
  .object({
    id: Id,
    cid: z.string(),
    name: z.string().nullable(),
    keyvalues: recordOf(z.string(), KeyvalueValue),
    status: PsaStatus,
    statusDetails: z.string().meta({ description: 'Where it stands or why it failed, in words.' }),
    createdAt: Time,
    sizeBytes: z.number().nullable().meta({ description: 'Content bytes as charged; null until it is pinned.' }),
    progress: z.object({ blocks: z.number(), bytes: z.number(), lastBlockAt: Time.nullable() }),
    origins: z.array(z.string()),
    attempts: z.number(),
    nextAttemptAt: Time.nullable().meta({
      description: 'Null while an attempt runs, before the first and after the last.',
    }),
    deadlineAt: Time.nullable().meta({ description: 'It is given up then; null once it is pinned.' }),
    reason: z
      .object({ code: z.string(), message: z.string(), advice: z.string().nullable() })
      .nullable()
      .meta({ description: 'Why it failed, or what kept the last attempt.' }),
    tried: z.array(TriedSource),
    takenDown: z
      .object({ reason: z.string(), at: Time })
      .optional()
      .meta({ description: 'Only where the operator has taken the content down: nobody can read it.' }),
  })
  .meta({ id: 'PinDetail' })

/** How many pins of each status the account has. */
const PinCounts = z.object({
  queued: z.number(),
  pinning: z.number(),
  pinned: z.number(),
  failed: z.number(),
})

/** Query of the list of pins by CID; everything given must hold. */
export const PinPageQuery = z.object({
  status: z
    .string()
    .max(100)
    .transform((text) => text.split(',').filter((part) => part !== ''))
    .pipe(z.array(PsaStatus))
    .optional()
    .meta({
      description: 'Statuses separated by commas; all of them without it.',
      examples: ['queued,pinning,failed'],
    }),
  name: z.string().max(1_024).optional().meta({ description: 'Part of the name, without case.' }),
  cid: CidText.optional(),
  includeCount: Flag.optional().meta({ description: '`true`: with `matching`.' }),
  limit: wholeNumber(1, 1_000).optional().meta({ description: '100 unless given.' }),
  pageToken: z.string().max(40).optional(),
})

/** A page of pins by CID, newest first. */
export const PinPage = z.object({
  pins: z.array(PinDetail),
  counts: PinCounts.meta({ description: 'Of the account, whatever the filters.' }),
  matching: PinCounts.optional().meta({ description: 'Of those that the filters let through, on all pages.' }),
  nextPageToken: z.string().nullable(),
})
