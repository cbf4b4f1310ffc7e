/** A time in milliseconds as ISO 8601 text in UTC; null stays null. */
export function presentTime(ms: number): string
export function presentTime(ms: number | null): string | null
export function presentTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
