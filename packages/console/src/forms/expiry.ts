/** When a key ends, as it is chosen: never, some time from now, on a date, or (for a key that is there) as it was. */
export interface Expiry {
  readonly kind: 'keep' | 'never' | 'day' | 'month' | 'year' | 'date'
  /** `2027-03-01`, in the reader's own zone. Read only for `date`. */
  readonly date: string
}

const daySeconds = 86_400
const lengthSeconds = { day: daySeconds, month: 30 * daySeconds, year: 365 * daySeconds } as const

/** The fields of the request that say it. */
export function presentExpiry({ kind, date }: Expiry): { expiresIn?: number; expiresAt?: string } {
  if (kind === 'keep' || kind === 'never') return {}
  if (kind !== 'date') return { expiresIn: lengthSeconds[kind] }
  const end = endOf(date)
  return end === undefined ? {} : { expiresAt: end.toISOString() }
}

/** The moment itself; undefined for never, and for a date that is not one. */
export function momentOf({ kind, date }: Expiry, now: number): Date | undefined {
  if (kind === 'keep' || kind === 'never') return undefined
  return kind === 'date' ? endOf(date) : new Date(now + lengthSeconds[kind] * 1_000)
}

/** What is wrong with it, in words. */
export function findExpiryProblem(expiry: Expiry, now: number): string | undefined {
  if (expiry.kind !== 'date') return undefined
  const end = endOf(expiry.date)
  if (end === undefined) return 'Choose the last day on which the key works.'
  return end.getTime() <= now ? 'That day is over. Choose today or a later one.' : undefined
}

/** A key that ends on a day works until that day is over where its maker is. */
function endOf(date: string): Date | undefined {
  const end = new Date(`${date}T23:59:59`)
  return Number.isNaN(end.getTime()) || end.getUTCFullYear() > 9998 ? undefined : end
}
