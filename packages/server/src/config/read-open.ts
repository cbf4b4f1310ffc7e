import { ConfigError } from './config-error.ts'
import type { OpenSettings } from './config.ts'
import { choice, text, whole, type Environment } from './values.ts'

const MiB = 1024 * 1024

/** Whether the gateway fetches what is not held here, and within what bounds. Throws ConfigError. */
export function readOpen(env: Environment): OpenSettings | undefined {
  const isOn = choice(env, 'PINYON_GATEWAY_OPEN', ['off', 'on'], 'off') === 'on'
  const { mib, blocks, depth, seconds } = readBounds(text(env, 'PINYON_GATEWAY_OPEN_LIMITS'))
  const settings = {
    cacheBytes: whole(env, 'PINYON_GATEWAY_OPEN_CACHE', { otherwise: 1_024, from: 1, to: 100_000_000 }) * MiB,
    fetches: whole(env, 'PINYON_GATEWAY_OPEN_FETCHES', { otherwise: 32, from: 1, to: 1_000 }),
    maxBytes: mib * MiB,
    maxBlocks: blocks,
    maxDepth: depth,
    maxMs: seconds * 1_000,
  }
  return isOn ? settings : undefined
}

function readBounds(value: string | undefined) {
  const bounds = { mib: 2_048, blocks: 20_000, depth: 512, seconds: 600 }
  for (const part of value?.split(',') ?? []) {
    const match = /^\s*(mib|blocks|depth|seconds)=([1-9]\d{0,7})\s*$/.exec(part)
    if (match === null) {
      throw new ConfigError(
        `PINYON_GATEWAY_OPEN_LIMITS must be bound=number separated by commas, such as mib=2048,blocks=20000,depth=512,seconds=600 (${JSON.stringify(part)} is not).`,
      )
    }
    // One of the four, by the pattern.
    bounds[match[1] as keyof typeof bounds] = Number(match[2])
  }
  return bounds
}
