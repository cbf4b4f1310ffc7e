import { isIP } from 'node:net'
import { z } from 'zod'
import { ConfigError } from './config-error.ts'
import type { ListenAddress } from './config.ts'

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The variable without white space around it; empty counts as unset. */
export function text(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === undefined || value === '' ? undefined : value
}

/** What stands between the commas, in order; unset is none. */
export function list(env: Environment, name: string): string[] {
  return (text(env, name) ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** Whether the variable is 1 or true; unset is no. Throws ConfigError for other words than 0, 1, true, false. */
export function flag(env: Environment, name: string): boolean {
  return choice(env, name, ['0', '1', 'true', 'false'], '0').match(/1|true/) !== null
}

/** One of a few words. Throws ConfigError that lists them. */
export function choice<T extends string>(env: Environment, name: string, values: readonly T[], otherwise: T): T {
  const value = text(env, name) ?? otherwise
  const found = values.find((known) => known === value)
  if (found === undefined)
    throw new ConfigError(`${name} must be one of ${values.join(', ')} (it is ${JSON.stringify(value)}).`)
  return found
}

/** host:port, the host of IPv6 in brackets. Throws ConfigError for anything else. */
export function listen(env: Environment, name: string, otherwise: string): ListenAddress {
  const value = text(env, name) ?? otherwise
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]+)):(\d{1,5})$/.exec(value)
  const port = Number(match?.[3])
  if (match === null || port > 65_535)
    throw new ConfigError(`${name} must be host:port, such as ${otherwise} (it is ${JSON.stringify(value)}).`)
  return { host: match[1] ?? match[2] ?? '', port }
}

/** An origin, or undefined where the variable is unset. Throws ConfigError for what is more than an origin. */
export function url(env: Environment, name: string): string | undefined {
  const value = text(env, name)
  return value === undefined ? undefined : requireOrigin(name, value)
}

/** The origin that the value of the named variable is. Throws ConfigError with a sample of what may stand there. */
export function requireOrigin(name: string, value: string): string {
  const parsed = z.url({ protocol: /^https?$/ }).safeParse(value)
  if (
    !parsed.success ||
    new URL(value).pathname !== '/' ||
    new URL(value).username !== '' ||
    value.includes('?') ||
    value.includes('#')
  ) {
    throw new ConfigError(
      `${name} must be an address such as https://pin.example.org, without a path (it is ${JSON.stringify(value)}).`,
    )
  }
  return new URL(value).origin
}

/** The value itself, when it is an address or a CIDR range. Throws ConfigError. */
export function requireCidr(name: string, cidr: string): string {
  const [address = '', bits, more] = cidr.split('/')
  const family = isIP(address)
  const max = family === 6 ? 128 : 32
  if (family === 0 || more !== undefined || (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > max))) {
    throw new ConfigError(
      `${name} must be addresses or CIDR ranges separated by commas (${JSON.stringify(cidr)} is neither).`,
    )
  }
  return cidr
}

/** A whole number within bounds. Throws ConfigError that names them. */
export function whole(
  env: Environment,
  name: string,
  { otherwise, from, to }: { otherwise: number; from: number; to: number },
): number {
  const value = text(env, name) ?? String(otherwise)
  const number = Number(value)
  if (!/^\d{1,9}$/.test(value) || number < from || number > to) {
    throw new ConfigError(`${name} must be a whole number from ${from} to ${to} (it is ${JSON.stringify(value)}).`)
  }
  return number
}
