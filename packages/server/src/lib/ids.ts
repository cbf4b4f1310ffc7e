import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/**
 * Makes UUIDv7 texts (RFC 9562 section 5.7) that strictly increase within this process, also when the clock stands
 * still or goes back, so that the order of ids is the order of creation.
 */
export function createIdSource(clock: Clock): () => string {
  let lastMs = 0
  let counter = 0
  let pool = Buffer.alloc(0)
  let used = 0
  return () => {
    if (used + 9 > pool.length) {
      pool = randomBytes(9 * 256)
      used = 0
    }
    const now = clock.now()
    if (now > lastMs) {
      lastMs = now
      // Twelve bits of counter, started low enough that it rarely overflows within a millisecond.
      counter = ((pool[used]! << 8) | pool[used + 1]!) & 0x3ff // in bounds: checked above
    } else if (++counter > 0xfff) {
      lastMs++
      counter = 0
    }
    const random = pool.toString('hex', used + 1, used + 9)
    used += 9
    const time = lastMs.toString(16).padStart(12, '0')
    const variant = (8 + (parseInt(random.charAt(0), 16) & 3)).toString(16)
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}${random.slice(1, 4)}-${random.slice(4)}`
  }
}

/** The time an id was made at, in milliseconds; undefined when the text is no UUIDv7. */
export function timeOfId(id: string): number | undefined {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)) return undefined
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
