import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'
import { AppError } from '../lib/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { foldText } from '../lib/fold.ts'

interface Failures {
  count: number
  until: number
}

/** How much more one address may fail over all accounts than on one: people behind one router share it. */
const perAddress = 10
const maxEntries = 100_000

/**
 * Counts failed proofs of a password per account and address, and per address. Whoever guesses is stopped; the owner,
 * who comes from another address, is not. Successes cost nothing.
 */
export class SignInFailures {
  readonly #limit: { readonly points: number; readonly seconds: number } | undefined
  readonly #clock: Clock
  readonly #failures = new LRUCache<string, Failures>({ max: maxEntries })

  /** Without a limit nothing is counted. */
  constructor(clock: Clock, limit: { readonly points: number; readonly seconds: number } | undefined) {
    this.#clock = clock
    this.#limit = limit
  }

  /**
   * Counts an attempt as a failure before the password is looked at, so that attempts at the same time cannot pass
   * together. Call `succeeded` of what it gives when it was none. Throws `rate_limited` when there were too many.
   */
  begin(email: string, address: string | null): { succeeded(): void } {
    if (this.#limit === undefined) return { succeeded: () => undefined }
    const from = networkOf(address)
    const taken = [
      this.#take(`${foldText(email.trim())} ${from}`, this.#limit.points, this.#limit.seconds),
      this.#take(from, this.#limit.points * perAddress, this.#limit.seconds),
    ]
    return {
      succeeded: () => {
        for (const failures of taken) failures.count--
      },
    }
  }

  #take(key: string, points: number, seconds: number): Failures {
    const now = this.#clock.now()
    let failures = this.#failures.get(key)
    // A clock set back must not lock anybody out for longer than the limit says.
    if (failures === undefined || now >= failures.until || failures.until > now + seconds * 1000) {
      failures = { count: 0, until: now + seconds * 1000 }
      this.#failures.set(key, failures)
    }
    if (failures.count >= points) {
      throw new AppError('rate_limited', 'Too many failed sign-ins. Wait, or ask the operator for a reset link.', {
        retryAfterSeconds: (failures.until - now) / 1000,
      })
    }
    failures.count++
    return failures
  }
}

/** An IPv6 user commonly has a whole /64 to come from. */
function networkOf(address: string | null): string {
  if (address === null || !isIPv6(address)) return address ?? 'unknown'
  if (/^::ffff:\d/i.test(address)) return address.slice(7)
  const [head = ''] = address.split('%')
  const [left = '', right] = head.split('::')
  const parts = left.split(':').filter((part) => part !== '')
  if (right !== undefined) {
    const tail = right.split(':').filter((part) => part !== '').length
    while (parts.length + tail < 8) parts.push('0')
  }
  return parts
    .slice(0, 4)
    .map((part) => parseInt(part, 16).toString(16))
    .join(':')
}
