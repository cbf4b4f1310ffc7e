import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** Random hex digits of one id: sixteen that stand in it, and four that its counter may begin with. */
const digitsOfOne = 20

/**
 * Makes UUIDv7 texts (RFC 9562 section 5.7) that strictly increase within this process, also when the clock stands
 * still or goes back, so that the order of ids is the order of creation.
 */
export function createIdSource(clock: Clock): () => string {
  let lastMs = 0
  let counter = 0
  /** The time as it stands in an id; many ids share it. */
  let time = ''
  /** Random digits, in hex: made for many ids at once. */
  let pool = ''
  let used = 0
  const setTime = (ms: number) => {
    lastMs = ms
    const digits = ms.toString(16).padStart(12, '0')
    time = `${digits.slice(0, 8)}-${digits.slice(8)}`
  }
  return () => {
    if (used + digitsOfOne > pool.length) {
      pool = randomBytes((digitsOfOne / 2) * 256).toString('hex')
      used = 0
    }
    const now = clock.now()
    if (now > lastMs) {
      setTime(now)
      // Twelve bits of counter, started low enough that it rarely overflows within a millisecond.
      counter = parseInt(pool.slice(used, used + 3), 16) & 0x3ff
    } else if (++counter > 0xfff) {
      setTime(lastMs + 1)
      counter = 0
    }
    const at = used + 4
    used += digitsOfOne
    const count = (0x7000 + counter).toString(16)
    const variant = '89ab'.charAt(parseInt(pool.charAt(at), 16) & 3)
    return `${time}-${count}-${variant}${pool.slice(at + 1, at + 4)}-${pool.slice(at + 4, at + 16)}`
  }
}

/** The time an id was made at, in milliseconds; undefined when the text is no UUIDv7. */
export function timeOfId(id: string): number | undefined {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)) return undefined
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** The id right behind another in order, for what must follow it whatever the clock says. */
export function idAfter(id: string): string {
  const hex = (BigInt(`0x${id.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
