import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'
import type { RequestOrigin } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { foldText } from '../lib/fold.ts'
import { listAccountsOfUser } from './member-queries.ts'
import { findUserByEmail } from './queries.ts'
import type { Refusals } from './refusals.ts'

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
  readonly #refusals: Pick<Refusals, 'note'>
  readonly #failures = new LRUCache<string, Failures>({ max: maxEntries })

  /** Without a limit nothing is counted. */
  constructor(parts: {
    readonly clock: Clock
    readonly refusals: Pick<Refusals, 'note'>
    readonly limit: { readonly points: number; readonly seconds: number } | undefined
  }) {
    this.#clock = parts.clock
    this.#refusals = parts.refusals
    this.#limit = parts.limit
  }

  /**
   * Counts an attempt as a failure before the password is looked at, so that attempts at the same time cannot pass
   * together. Call `succeeded` of what it gives when it was none. Throws `rate_limited` when there were too many, which
   * the audit log learns: a line a minute for an account and address, however much is tried.
   */
  begin(email: string, origin: RequestOrigin): { succeeded(): void } {
    if (this.#limit === undefined) return { succeeded: () => undefined }
    const { points, seconds } = this.#limit
    const from = networkOf(origin.address)
    // The address first: when it is stopped as a whole, names that it makes up write no lines of their own.
    const ofAddress = this.#take(from, points * perAddress, seconds, () => this.#note(from, undefined, origin))
    const pair = `${foldText(email.trim())} ${from}`
    let ofPair: Failures
    try {
      ofPair = this.#take(pair, points, seconds, () => this.#note(pair, email, origin))
    } catch (error) {
      ofAddress.count--
      throw error
    }
    return {
      succeeded: () => {
        ofAddress.count--
        ofPair.count--
      },
    }
  }

  #note(name: string, email: string | undefined, origin: RequestOrigin): void {
    // Whose it is, is looked up later: here it would take longer for addresses of mail that are known.
    this.#refusals.note(`sign-in ${name}`, async (db) => ({
      ...(await findWhose(db, email)),
      actor: { kind: 'anonymous', id: null },
      action: 'session.sign_in_limited',
      origin,
      detail: { limitOf: email === undefined ? 'address' : 'account and address' },
    }))
  }

  #take(key: string, points: number, seconds: number, refused: () => void): Failures {
    const now = this.#clock.now()
    let failures = this.#failures.get(key)
    // A clock set back must not lock anybody out for longer than the limit says.
    if (failures === undefined || now >= failures.until || failures.until > now + seconds * 1000) {
      failures = { count: 0, until: now + seconds * 1000 }
      this.#failures.set(key, failures)
    }
    if (failures.count >= points) {
      refused()
      throw new AppError('rate_limited', 'Too many failed sign-ins. Wait, or ask the operator for a reset link.', {
        retryAfterSeconds: (failures.until - now) / 1000,
      })
    }
    failures.count++
    return failures
  }
}

async function findWhose(db: Db, email: string | undefined): Promise<{ accountId: string | null; target?: string }> {
  const user = email === undefined ? undefined : await findUserByEmail(db, email)
  if (user === undefined) return { accountId: null }
  const [account] = await listAccountsOfUser(db, user.id)
  return { accountId: account?.id ?? null, target: user.id }
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
