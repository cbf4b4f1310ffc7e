import { AppError } from '../lib/errors.ts'

const pattern = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/

/**
 * A time of a query (RFC 3339): its millisecond, and whether nothing finer was given. An unescaped `+` of the zone has
 * arrived as a space. Throws `invalid_request`, naming the field.
 */
export function readRfc3339(field: string, text: string): { ms: number; isWhole: boolean } {
  const found = pattern.exec(text.replace(/ (?=\d\d:\d\d$)/, '+'))
  if (found === null) throw malformed(field)
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour = '0', zoneMinute = '0'] = found
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ] // the pattern has them all
  const [zh, zm] = [Number(zoneHour), Number(zoneMinute)]
  const midnight = new Date(0)
  midnight.setUTCFullYear(y, mo - 1, d) // `Date.UTC` takes the years below 100 for others
  // A day that its month does not have would be taken for one of the next. A leap second is the first of the next minute.
  const isDay = midnight.getUTCMonth() === mo - 1 && midnight.getUTCDate() === d
  if (!isDay || h > 23 || mi > 59 || s > 60 || zh > 23 || zm > 59) throw malformed(field)
  const zoneMs = (sign === '-' ? -1 : 1) * (zh * 60 + zm) * 60_000
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  return {
    ms: midnight.getTime() + ((h * 60 + mi) * 60 + s) * 1000 + ms - zoneMs,
    isWhole: /^\d{0,3}0*$/.test(fraction),
  }
}

function malformed(field: string): AppError {
  return new AppError('invalid_request', `${field}: must be a time as of RFC 3339: 2026-02-01T10:00:00.123Z`)
}
