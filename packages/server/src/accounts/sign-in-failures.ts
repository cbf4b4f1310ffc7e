import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { RequestOrigin } from '../caller.ts'
import type { Database, Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { foldText } from '../lib/fold.ts'
import { deleteEndedFailures, giveFailuresBack, takeFailure } from './failure-queries.ts'
import { listAccountsOfUser } from './member-queries.ts'
import { findUserByEmail } from './queries.ts'
import type { Refusals } from './refusals.ts'

/** How much more one address may fail over all accounts than on one: people behind one router share it. */
const perAddress = 10

/** An attempt that counts as a failure until it is said that it was none. */
export interface Attempt {
  succeeded(): Promise<void>
}

/**
 * Counts failed proofs of a password per account and address, and per address, over all processes of the installation.
 * Whoever guesses is stopped; the owner, who comes from another address, is not. Successes cost nothing.
 */
export class SignInFailures {
  readonly #limit: { readonly points: number; readonly seconds: number } | undefined
  readonly #db: Pick<Database, 'write'>
  readonly #clock: Clock
  readonly #refusals: Pick<Refusals, 'note'>

  /** Without a limit nothing is counted. */
  constructor(parts: {
    readonly db: Pick<Database, 'write'>
    readonly clock: Clock
    readonly refusals: Pick<Refusals, 'note'>
    readonly limit: { readonly points: number; readonly seconds: number } | undefined
  }) {
    this.#db = parts.db
    this.#clock = parts.clock
    this.#refusals = parts.refusals
    this.#limit = parts.limit
  }

  /**
   * Counts an attempt as a failure before the password is looked at, so that attempts at the same time cannot pass
   * together. Call `succeeded` of what it gives when it was none. Throws `rate_limited` when there were too many, which
   * the audit log learns: a line a minute for an account and address, however much is tried.
   */
  async begin(email: string, origin: RequestOrigin): Promise<Attempt> {
    if (this.#limit === undefined) return { succeeded: async () => undefined }
    const { points, seconds } = this.#limit
    const from = networkOf(origin.address)
    const pair = `${foldText(email.trim())} ${from}`
    const now = this.#clock.now()
    const limits = [
      // The address first: when it is stopped as a whole, names that it makes up write no lines of their own.
      { name: nameOf(from), points: points * perAddress, note: () => this.#note(from, undefined, origin) },
      { name: nameOf(pair), points, note: () => this.#note(pair, email, origin) },
    ]
    try {
      await this.#db.write(async (tx) => {
        for (const { name, points, note } of limits) {
          const until = await takeFailure(tx, { name, points, now, until: now + seconds * 1000 })
          // Undoes what the limit before it counted.
          if (until !== undefined) throw new LimitReached(note, until)
        }
      })
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error
      error.note()
      throw new AppError('rate_limited', 'Too many failed sign-ins. Wait, or ask the operator for a reset link.', {
        retryAfterSeconds: (error.until - now) / 1000,
      })
    }
    const names = limits.map(({ name }) => name)
    return { succeeded: () => this.#db.write((tx) => giveFailuresBack(tx, names)) }
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
}

/** Forgets failures that count no more. */
export async function forgetEndedFailures({
  db,
  clock,
}: {
  readonly db: Pick<Database, 'write'>
  readonly clock: Clock
}): Promise<void> {
  await db.write((tx) => deleteEndedFailures(tx, clock.now()))
}

class LimitReached extends Error {
  readonly note: () => void
  readonly until: number

  constructor(note: () => void, until: number) {
    super('The limit of failed sign-ins is reached')
    this.note = note
    this.until = until
  }
}

/** People type passwords where their address of mail belongs: that is not kept. */
function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
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
