import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'
import type { Config } from '../config/config.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError } from '../lib/errors.ts'

/**
 * `gateway-address`: requests of one address on all hosts. `gateway`: requests to one gateway of an account.
 * `gateway-open`: requests of one address for what is not held here.
 */
export type GatewayRateClass = 'gateway-address' | 'gateway' | 'gateway-open'

/** Who is counted at a time; of more, those that asked least lately begin anew. */
const maxCounted = 100_000

interface Counted {
  requests: number
  readonly until: number
}

/**
 * Counts requests of the gateway in memory, in windows of fixed length. Each process counts by itself, so there may be
 * as many times the limit as processes; within one it is exact. Without limits in the settings nothing is counted.
 */
export class GatewayRates {
  readonly #limits: ReadonlyMap<string, { readonly points: number; readonly seconds: number }>
  readonly #clock: Clock
  readonly #counted = new LRUCache<string, Counted>({ max: maxCounted })

  constructor({ config, clock }: { config: Pick<Config, 'rateLimits'>; clock: Clock }) {
    this.#limits = new Map(Object.entries(config.rateLimits).filter(([name]) => /^gateway(-|$)/.test(name)))
    this.#clock = clock
  }

  /** Counts one request. False when it is one too many. */
  take(kind: GatewayRateClass, who: string): boolean {
    const limit = this.#limits.get(kind)
    return limit === undefined || this.#count(kind, who, limit.seconds).requests <= limit.points
  }

  /** As `take`; throws `rate_limited` with the headers that say when to come again. */
  require(kind: GatewayRateClass, who: string): void {
    const limit = this.#limits.get(kind)
    if (limit === undefined) return
    const { requests, until } = this.#count(kind, who, limit.seconds)
    if (requests <= limit.points) return
    const whose = kind === 'gateway' ? 'at this gateway' : kind === 'gateway-open' ? 'from your address for what is not held here' : 'from your address' // prettier-ignore
    throw new AppError(
      'rate_limited',
      `Too many requests ${whose}: at most ${limit.points} in ${limit.seconds} seconds. Wait and try again.`,
      {
        retryAfterSeconds: Math.max(1, (until - this.#clock.now()) / 1_000),
        headers: {
          'x-ratelimit-limit': String(limit.points),
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(Math.ceil(until / 1_000)),
        },
      },
    )
  }

  #count(kind: GatewayRateClass, who: string, seconds: number): Counted {
    const key = kind === 'gateway' ? who : `${kind} ${networkOf(who)}`
    const now = this.#clock.now()
    const known = this.#counted.get(key)
    if (known !== undefined && known.until > now) {
      known.requests++
      return known
    }
    const begun = { requests: 1, until: now + seconds * 1_000 }
    this.#counted.set(key, begun)
    return begun
  }
}

/** One customer has a whole /64 of IPv6 to send from. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const all = tail === undefined ? first : [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0'), ...last] // prettier-ignore
  return all.slice(0, 4).map((part) => part.replace(/^0+(?=.)/, '')).join(':') // prettier-ignore
}
