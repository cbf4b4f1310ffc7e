const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const utcDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' })
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

const steps = [
  { unit: 'second', ms: 1_000, upToMs: 60_000 },
  { unit: 'minute', ms: 60_000, upToMs: 3_600_000 },
  { unit: 'hour', ms: 3_600_000, upToMs: 86_400_000 },
  { unit: 'day', ms: 86_400_000, upToMs: 30 * 86_400_000 },
] as const

/** A moment as people say it: `3 minutes ago`, `in 2 days`; the date where it is further than a month away. */
export function formatAgo(iso: string, now: number): string {
  const distance = Date.parse(iso) - now
  const step = steps.find(({ upToMs }) => Math.abs(distance) < upToMs)
  return step === undefined ? formatDay(iso) : relative.format(Math.trunc(distance / step.ms), step.unit)
}

/** As `formatAgo`, of what has happened: `now` where the clock that was read last, or the server's, says it did not yet. */
export function formatPast(iso: string, now: number): string {
  return formatAgo(iso, Math.max(now, Date.parse(iso)))
}

/** The date, in the reader's form. */
export function formatDay(iso: string): string {
  return day.format(new Date(iso))
}

/** A day of UTC (`2026-10-28`), in the reader's form and nobody's time zone. */
export function formatUtcDay(day: string): string {
  return utcDay.format(new Date(`${day}T00:00:00Z`))
}

/** Date and time, in the reader's form. */
export function formatDayAndTime(iso: string): string {
  return dayAndTime.format(new Date(iso))
}

/** Everything about a moment, with its zone: for tooltips. */
export function formatWhole(iso: string): string {
  return whole.format(new Date(iso))
}

/** A length of time in its two largest units: `1 h 5 min`. */
export function formatDuration(seconds: number): string {
  const left = Math.max(0, Math.round(seconds))
  if (left < 60) return `${left} s`
  if (left < 3_600) return `${Math.floor(left / 60)} min ${left % 60} s`
  if (left < 86_400) return `${Math.floor(left / 3_600)} h ${Math.floor((left % 3_600) / 60)} min`
  return `${Math.floor(left / 86_400)} d ${Math.floor((left % 86_400) / 3_600)} h`
}
