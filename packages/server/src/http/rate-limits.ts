import { createHash } from 'node:crypto'
import type { Route } from '@pinyon/contract/route.ts'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { countRequest } from '../keys/rate-queries.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'

/** What there is of a limit after a request. */
interface Left {
  /** Of the requests that are allowed; below zero: this one is not. */
  readonly requests: number
  readonly msToReset: number
}

/**
 * Counts requests by rate class and caller, over all processes where these share PostgreSQL. Sign-in is not among them:
 * accounts/ counts its failures.
 */
export class RateLimits {
  readonly #services: Pick<Services, 'db' | 'clock' | 'log'>
  readonly #limiters = new Map<string, RateLimiterMemory>()

  constructor(services: Pick<Services, 'db' | 'clock' | 'log' | 'config'>) {
    this.#services = services
    for (const [name, { points, seconds }] of Object.entries(services.config.rateLimits)) {
      if (name !== 'sign-in' && !name.startsWith('gateway'))
        this.#limiters.set(name, new RateLimiterMemory({ points, duration: seconds }))
    }
  }

  /** Counts one request. Returns the headers that say what is left; throws `rate_limited` when nothing is. */
  async take(route: Route, who: string): Promise<Record<string, string>> {
    const limiter = this.#limiters.get(route.rateClass)
    if (limiter === undefined) return {}
    const left = await this.#count(limiter, route.rateClass, who)
    const headers = headersOf(limiter.points, left, this.#services.clock.now())
    if (left.requests >= 0) return headers
    throw new AppError(
      'rate_limited',
      `Too many requests of this kind: at most ${limiter.points} in ${limiter.duration} seconds. Wait and try again.`,
      { retryAfterSeconds: left.msToReset / 1000, headers },
    )
  }

  async #count(limiter: RateLimiterMemory, rateClass: string, who: string): Promise<Left> {
    const { db, log } = this.#services
    if (db.dialect === 'postgres') {
      try {
        return await this.#countTogether(limiter, `${rateClass} ${who}`)
      } catch (error) {
        // A count is no reason to refuse a request: this process counts by itself meanwhile.
        log.error({ err: error }, 'requests could not be counted over all processes')
      }
    }
    return countHere(limiter, who)
  }

  async #countTogether(limiter: RateLimiterMemory, who: string): Promise<Left> {
    const { db, clock } = this.#services
    const now = clock.now()
    const name = createHash('sha256').update(who).digest('base64url')
    const counted = { name, now, until: now + limiter.duration * 1000 }
    const { requests, until } = await db.write((tx) => countRequest(tx, counted))
    return { requests: limiter.points - requests, msToReset: Math.max(0, until - now) }
  }
}

async function countHere(limiter: RateLimiterMemory, who: string): Promise<Left> {
  try {
    const { remainingPoints, msBeforeNext } = await limiter.consume(who)
    return { requests: remainingPoints, msToReset: msBeforeNext }
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    return { requests: -1, msToReset: refusal.msBeforeNext }
  }
}

/** As Pinata sends them; the reset is a time in seconds since 1970. */
function headersOf(points: number, { requests, msToReset }: Left, now: number): Record<string, string> {
  return {
    'x-ratelimit-limit': String(points),
    'x-ratelimit-remaining': String(Math.max(0, requests)),
    'x-ratelimit-reset': String(Math.ceil((now + msToReset) / 1000)),
  }
}
