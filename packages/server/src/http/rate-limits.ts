import type { Route } from '@pinyon/contract/route.ts'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Config } from '../config.ts'
import { AppError } from '../lib/errors.ts'

/** Counts requests by rate class and caller. Sign-in is not among them: accounts/ counts its failures. */
export class RateLimits {
  readonly #limiters = new Map<string, RateLimiterMemory>()

  constructor(limits: Config['rateLimits']) {
    for (const [name, { points, seconds }] of Object.entries(limits)) {
      if (name !== 'sign-in') this.#limiters.set(name, new RateLimiterMemory({ points, duration: seconds }))
    }
  }

  /** Counts one request. Returns the headers that say what is left; throws `rate_limited` when nothing is. */
  async take(route: Route, who: string): Promise<Record<string, string>> {
    const limiter = this.#limiters.get(route.rateClass)
    if (limiter === undefined) return {}
    try {
      return headersOf(limiter.points, await limiter.consume(who))
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal
      throw new AppError(
        'rate_limited',
        `Too many requests of this kind: at most ${limiter.points} in ${limiter.duration} seconds. Wait and try again.`,
        {
          retryAfterSeconds: refusal.msBeforeNext / 1000,
        },
      )
    }
  }
}

function headersOf(points: number, result: RateLimiterRes): Record<string, string> {
  return {
    'x-ratelimit-limit': String(points),
    'x-ratelimit-remaining': String(Math.max(0, result.remainingPoints)),
    'x-ratelimit-reset': String(Math.ceil((Date.now() + result.msBeforeNext) / 1000)),
  }
}
