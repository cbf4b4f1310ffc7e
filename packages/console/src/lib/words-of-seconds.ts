import { plural } from './plural.ts'

const units = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
] as const

/** A length of time in its largest unit that fits: `5 minutes`, `2 days`, `90 seconds`. */
export function wordsOfSeconds(seconds: number): string {
  const [length, unit] = units.find(([each]) => seconds >= each && seconds % each === 0) ?? [1, 'second']
  return plural(seconds / length, unit)
}
