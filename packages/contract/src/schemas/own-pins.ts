import { z } from 'zod'
import { CidText, Id, Time, wholeNumber } from './common.ts'
import { PsaStatus, psaStatuses } from './psa.ts'

/** Which pins by CID are listed. */
export const OwnPinsQuery = z.object({
  status: z
    .string()
    .max(100)
    .transform((text) => text.split(',').filter((part) => part !== ''))
    .pipe(z.array(z.enum(psaStatuses)))
    .optional()
    .meta({
      description: 'Statuses separated by commas; all of them without it.',
      examples: ['queued,pinning,failed'],
    }),
  limit: wholeNumber(1, 1_000).optional().meta({ description: '100 unless given.' }),
  pageToken: z.string().max(40).optional(),
})

/** The `:id` of a pin by CID: the `requestid` of `/psa`. */
export const OwnPinParams = z.object({ id: Id })

/** Somebody who was asked for blocks of a pin. */
export const OwnPinTried = z.object({
  source: z.string().meta({ description: 'An address named with the pin, a peer id, or `gateway`.' }),
  outcome: z.enum(['connected', 'gave', 'has-not', 'unreachable', 'refused', 'not-understood', 'lied']),
  detail: z.string().optional(),
  blocks: z.number().int(),
})

/** A pin by CID with all that its owner may know of how it is fetched. */
export const OwnPin = z
  .object({
    id: Id,
    cid: CidText,
    name: z.string().nullable(),
    status: PsaStatus,
    created: Time,
    /** In words: how far it is, or why it failed and what to do. */
    details: z.string(),
    sizeBytes: z.number().int().nullable().meta({ description: 'Content bytes, once it is pinned.' }),
    fetch: z
      .object({
        blocks: z.number().int(),
        bytes: z.number().int(),
        lastBlockAt: Time.nullable(),
        attempts: z.number().int(),
        nextAttemptAt: Time.nullable().meta({
          description: 'Null while an attempt runs, before the first and after the last.',
        }),
        deadline: Time.meta({ description: 'It is given up then.' }),
        reason: z.string().nullable().meta({ description: 'What held the last attempt up, or why it failed.' }),
        /** Pins of this account that are fetched for the first time before it; null unless it is queued. */
        position: z.number().int().nullable(),
        tried: z.array(OwnPinTried),
      })
      .nullable()
      .meta({ description: 'Null once it is pinned.' }),
  })
  .meta({ id: 'OwnPin' })
