import { UsageError } from './exit.ts'

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, y: 31_536_000 }

/** `90s`, `15m`, `12h`, `30d`, `1y`, in seconds. Throws UsageError. */
export function readDuration(text: string): number {
  const match = /^(\d{1,9})([smhdy])$/.exec(text)
  const unit = units[match?.[2] ?? '']
  if (match === null || unit === undefined)
    throw new UsageError(`"${text}" is not a duration. Write 90s, 15m, 12h, 30d or 1y.`)
  return Number(match[1]) * unit
}
