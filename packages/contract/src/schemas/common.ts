import { z } from 'zod'

/** Nothing is read here: no parameters, no body. */
export const Nothing = z.object({})

/** `public`: anyone on the IPFS network can read it. `private`: stored here only. */
export const Network = z
  .enum(['public', 'private'])
  .meta({ description: '`public`: anyone on the IPFS network can read it. `private`: stored here only.' })

/** The network of a file. */
export type NetworkName = z.infer<typeof Network>

/** A time as ISO 8601 text in UTC. */
export const Time = z.string().meta({ format: 'date-time', examples: ['2026-02-01T10:00:00.000Z'] })

/** An id as this service makes them. Anything else names nothing, so it is answered like an unknown id. */
export const Id = z.string().max(200)

/** A CID in any spelling; parsed and canonicalised behind the door. */
export const CidText = z
  .string()
  .min(1, 'is empty')
  .max(2_000)
  .meta({ examples: ['bafkreid2rn5xdup5tqjmolkueweelij4wv6ubinuxkjdabmzaom2wngmaa'] })

/** A flag in a query: clients write `true`, `True`, `1`. */
export const Flag = z
  .string()
  .max(5)
  .transform((text, context) => {
    if (/^(true|1)$/i.test(text)) return true
    if (/^(false|0|)$/i.test(text)) return false
    context.addIssue({ code: 'custom', message: 'must be true or false' })
    return z.NEVER
  })
  .meta({ enum: ['true', 'false'] })

/** A whole number in a query, in decimal digits only, within bounds. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .max(20)
    .regex(/^-?\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
}

/** A point in time in a query or body: ISO 8601 (date or date and time), or whole seconds or milliseconds since 1970. */
export const When = z.union([z.string().max(40), z.number()]).transform((value, context) => {
  const ms = readTime(value)
  if (ms === undefined) {
    context.addIssue({ code: 'custom', message: 'must be an ISO 8601 time between the years 1970 and 9999' })
    return z.NEVER
  }
  return ms
})

const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

function readTime(value: string | number): number | undefined {
  // Fewer digits are a year or a day that somebody means otherwise, not a second of 1970.
  if (typeof value === 'number' || /^\d{9,}$/.test(value)) {
    const number = Number(value)
    // Seconds up to the year 5138; larger numbers are milliseconds.
    const ms = number < 1e11 ? number * 1000 : number
    return Number.isSafeInteger(ms) && ms >= 0 && ms <= lastMs ? ms : undefined
  }
  if (!/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i.test(value)) return undefined
  // The 30th of February would be taken for the 2nd of March.
  if (new Date(value.slice(0, 10)).getUTCDate() !== Number(value.slice(8, 10))) return undefined
  const text = value.replace(' ', 'T')
  // A time without a zone is UTC, not the server's zone.
  const ms = Date.parse(/T/i.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? `${text}Z` : text)
  return Number.isNaN(ms) || ms < 0 || ms > lastMs ? undefined : ms
}

/** A name that people give: any text without control characters. */
export const Name = z
  .string()
  .max(1_024, 'must be at most 1024 characters')
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not contain control characters')
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')

/** An e-mail address, as loosely as mail servers take them. */
export const Email = z
  .string()
  .max(254)
  .regex(/^[^\s@\u0000-\u001f]+@[^\s@\u0000-\u001f]+$/, 'must be an e-mail address') // eslint-disable-line no-control-regex

/** A new password. Long beats complicated (NIST SP 800-63B): 10 to 256 characters, all of them count. */
export const NewPassword = z
  .string()
  .min(10, 'must be at least 10 characters')
  .max(256, 'must be at most 256 characters')
