import { maxKeyvalues } from '@pinyon/contract/keyvalues.ts'
import { ConfigError } from './config-error.ts'
import type { Config, Limits, PinningSettings, ScrubSettings } from './config.ts'
import { text, whole, type Environment } from './values.ts'

/** Limits by class in requests per seconds; sign-in counts failures per account and address. */
const defaultLimits = {
  'sign-in': { points: 10, seconds: 900 },
  setup: { points: 60, seconds: 60 },
  password: { points: 20, seconds: 900 },
}

/** How much there may be of what an account has. Throws ConfigError for numbers out of bounds. */
export function readLimits(env: Environment): Limits {
  return {
    keyvalues: whole(env, 'PINYON_MAX_KEYVALUES', { otherwise: 100, from: 1, to: maxKeyvalues }),
    groups: whole(env, 'PINYON_MAX_GROUPS', { otherwise: 100_000, from: 1, to: 1_000_000 }),
    uploadBytes: whole(env, 'PINYON_MAX_UPLOAD', { otherwise: 250_000, from: 1, to: 10_000_000 }) * 1_000_000,
    jsonBytes: whole(env, 'PINYON_MAX_JSON', { otherwise: 50, from: 1, to: 256 }) * 1024 * 1024,
  }
}

/** How often and how gently packs are read back. */
export function readScrub(env: Environment): ScrubSettings {
  const days = whole(env, 'PINYON_SCRUB_DAYS', { otherwise: 30, from: 0, to: 3_650 })
  return {
    periodMs: days === 0 ? undefined : days * 86_400_000,
    share: whole(env, 'PINYON_SCRUB_SHARE', { otherwise: 10, from: 1, to: 100 }) / 100,
  }
}

/** How many images are made at once, and how much of them is kept. Throws ConfigError. */
export function readImages(env: Environment): Config['images'] {
  return {
    workers: whole(env, 'PINYON_IMAGE_WORKERS', { otherwise: 1, from: 0, to: 64 }),
    cacheBytes: whole(env, 'PINYON_IMAGE_CACHE', { otherwise: 64, from: 0, to: 100_000 }) * 1024 * 1024,
  }
}

/** How pins by CID are fetched. Throws ConfigError for lanes that do not exist. */
export function readPinning(env: Environment): PinningSettings {
  return {
    slots: readSlots(text(env, 'PINYON_PIN_SLOTS')),
    idleMs: whole(env, 'PINYON_PIN_IDLE', { otherwise: 120, from: 1, to: 3_600 }) * 1_000,
    deadlineMs: whole(env, 'PINYON_PIN_DEADLINE', { otherwise: 24, from: 1, to: 8_760 }) * 3_600_000,
  }
}

function readSlots(value: string | undefined): PinningSettings['slots'] {
  const slots = { new: 16, newest: 4, retry: 32 }
  for (const part of value?.split(',') ?? []) {
    const match = /^\s*(new|newest|retry)=(\d{1,3})\s*$/.exec(part)
    const count = Number(match?.[2])
    if (match === null) {
      throw new ConfigError(
        `PINYON_PIN_SLOTS must be lane=fetches separated by commas, such as new=16,newest=4,retry=32, each from 0 to 999 (${JSON.stringify(part)} is not).`,
      )
    }
    // One of the three, by the pattern.
    slots[match[1] as keyof typeof slots] = count
  }
  return slots
}

/** Bytes that new accounts may hold; null for `none`. Throws ConfigError. */
export function readDefaultQuota(env: Environment): Config['defaultQuotaBytes'] {
  if ((text(env, 'PINYON_DEFAULT_QUOTA') ?? 'none') === 'none') return null
  return whole(env, 'PINYON_DEFAULT_QUOTA', { otherwise: 0, from: 0, to: 999_999_999 }) * 1_000_000
}

/** Requests per seconds by class, over those that always hold. Throws ConfigError for classes that do not exist. */
export function readRateLimits(value: string | undefined): Config['rateLimits'] {
  if (value === undefined) return defaultLimits
  if (value === 'off') return {}
  const limits: Record<string, { points: number; seconds: number }> = { ...defaultLimits }
  for (const part of value.split(',')) {
    const match =
      /^\s*(sign-in|setup|password|data|read|write|gateway|gateway-address|gateway-open)=(\d{1,9})\/(\d{1,6})\s*$/.exec(
        part,
      )
    if (match === null || Number(match[2]) === 0 || Number(match[3]) === 0) {
      throw new ConfigError(
        `PINYON_RATE_LIMITS must be off, or class=requests/seconds separated by commas, such as data=300/60 (${JSON.stringify(part)} is not). Classes: sign-in, setup, password, data, read, write, gateway, gateway-address, gateway-open.`,
      )
    }
    limits[match[1] ?? ''] = { points: Number(match[2]), seconds: Number(match[3]) }
  }
  return limits
}
