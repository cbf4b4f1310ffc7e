import { z } from 'zod'
import { CidText, Time } from './common.ts'
import { recordOf } from './record.ts'

/** The four statuses of a pin (IPFS Pinning Services API 1.0.0). */
export const psaStatuses = ['queued', 'pinning', 'pinned', 'failed'] as const

/** A status of a pin. */
export const PsaStatus = z.enum(psaStatuses).meta({
  id: 'PsaStatus',
  description:
    '`queued`: nothing is spent yet. `pinning`: looked for or being fetched. `pinned`: every block is here and verified. `failed`: given up.',
})

/** Characters are code points, as JSON Schema counts them. */
function atMostCharacters(count: number) {
  // Two units of UTF-16 at most for each, so that long text is refused before it is counted.
  return z
    .string()
    .refine(
      (text) => text.length <= 2 * count && Array.from(text).length <= count,
      `must be at most ${count} characters`,
    )
}

function atMostBytes(bytes: number) {
  return z
    .string()
    .refine(
      (text) => text.length <= bytes && new TextEncoder().encode(text).length <= bytes,
      `must be at most ${bytes} bytes of UTF-8`,
    )
}

/** Whether it can be kept at all. */
function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/** Text of a pin that clients choose. */
const PinName = atMostCharacters(255)

const PinMeta = recordOf(atMostBytes(255), atMostBytes(1_000)).refine(
  (meta) => Object.keys(meta).length <= 1_000,
  'at most 1000 entries',
)

/** Body of adding and replacing. More than 20 origins are taken, as Kubo sends them; the first useful ones are used. */
export const Pin = z
  .object({
    cid: CidText,
    name: PinName.nullish(),
    // Whatever stands in them, no pin is refused for it.
    origins: z
      .array(z.string())
      .max(1_000)
      .transform((origins) => origins.filter(isText))
      .nullish(),
    meta: PinMeta.nullish(),
  })
  .meta({ id: 'Pin' })

/** Several values separated by commas, or a parameter that is repeated. */
const many = z.union([z.string().max(10_000), z.array(z.string().max(10_000)).max(100)])

/** Query of the list; `meta[key]=value` is read beside it. */
export const PsaListQuery = z.looseObject({
  cid: many.optional().meta({ description: 'Up to 10 CIDs, separated by commas.' }),
  name: PinName.optional(),
  match: z.enum(['exact', 'iexact', 'partial', 'ipartial']).optional(),
  status: many
    .optional()
    .meta({ description: 'Statuses, separated by commas. Without it `pinned`, and with a `name` all of them.' }),
  before: z.string().max(100).optional().meta({ format: 'date-time' }),
  after: z.string().max(100).optional().meta({ format: 'date-time' }),
  limit: z.string().max(20).optional().meta({ description: '1 to 1000; 10 unless given.' }),
  meta: z.string().max(100_000).optional().meta({ description: 'JSON object of strings; every pair must match.' }),
})

/** `:requestid` of a path. The API knows only unknown ids, no malformed ones: what cannot be an id names nothing. */
export const PsaParams = z.object({
  requestid: z.string().transform((text) => (text.length <= 200 && isText(text) ? text : '')),
})

/** A pin with its status. */
export const PinStatus = z
  .object({
    requestid: z.string(),
    status: PsaStatus,
    created: Time,
    pin: z.object({
      cid: z.string(),
      name: z.string().optional(),
      meta: recordOf(z.string(), z.string()).optional(),
    }),
    delegates: z.array(z.string()),
    info: recordOf(z.string(), z.string()).optional(),
  })
  .meta({ id: 'PinStatus' })

/** A page of pins; `count` is how many match, `limit` aside. */
export const PinResults = z.object({ count: z.number(), results: z.array(PinStatus) }).meta({ id: 'PinResults' })
