import { UsageError } from './exit.ts'

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, y: 31_536_000 }

/** `90s`, `15m`, `12h`, `30d`, `2w`, `1y`, in seconds. Throws UsageError. */
export function readDuration(text: string): number {
  const match = /^(\d{1,9})([smhdwy])$/.exec(text)
  const seconds = Number(match?.[1]) * (units[match?.[2] ?? ''] ?? Number.NaN)
  if (!(seconds > 0)) throw new UsageError(`"${text}" is not a duration. Write 90s, 15m, 12h, 30d, 2w or 1y.`)
  return seconds
}
