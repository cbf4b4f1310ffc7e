import { z } from 'zod'
import { CidText, Flag, Time, wholeNumber } from './common.ts'

/** Content that this installation gives to nobody and takes from nobody. */
export const Denial = z
  .object({
    cid: z
      .string()
      .meta({ description: 'As it was sent. What counts is its multihash: every other spelling is meant.' }),
    reason: z.string(),
    deniedAt: Time,
    deniedBy: z.object({ kind: z.string(), id: z.string().nullable() }),
  })
  .meta({ id: 'Denial' })

/** A denylist in a file. */
export const Denylist = z
  .object({
    file: z.string(),
    name: z.string().meta({ description: 'As its header says.' }),
    lines: z.number().int(),
    rules: z.number().int(),
    broken: z.number().int().meta({ description: 'Lines that say nothing that can be followed.' }),
    brokenLines: z
      .array(z.object({ line: z.number().int(), problem: z.string() }))
      .meta({ description: 'The first of them.' }),
    loadedAt: Time,
    problem: z
      .string()
      .nullable()
      .meta({ description: 'Why a file cannot be read now; what was read before is in force.' }),
  })
  .meta({ id: 'Denylist' })

/** What an installation holds of some content, over all accounts. */
export const Holdings = z
  .object({
    files: z.number().int().meta({ description: 'Files with this root.' }),
    accounts: z.number().int().meta({ description: 'Accounts that have them.' }),
    ownFiles: z.number().int().meta({ description: "Those of the caller's own account." }),
    pins: z
      .number()
      .int()
      .meta({ description: 'Pins with this block anywhere in them; 1000 stands for more as well.' }),
  })
  .meta({ id: 'Holdings' })

/** Body of a denial. */
export const DenyContent = z
  .strictObject({
    cid: CidText,
    reason: z
      .string()
      .trim()
      .min(1, 'is empty')
      .max(500, 'must be at most 500 characters')
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not contain control characters')
      .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
      .meta({ description: 'Whoever asks for the content and those who hold it read this.' }),
    confirm: z.boolean().optional().meta({
      description:
        'Needed for what several accounts or your own hold, for what many pins share, and for empty content.',
    }),
  })
  .meta({ id: 'DenyContent' })

/** The CID of a denial, in any spelling. */
export const DenialParams = z.object({ cid: CidText })

/** Query of the list of denials. */
export const DenialListQuery = z.object({
  lifted: Flag.optional().meta({ description: 'Those that were lifted instead.' }),
  limit: wholeNumber(1, 1_000).optional(),
  pageToken: z.string().max(200).optional(),
})
