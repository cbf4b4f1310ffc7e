import { resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError } from './config-error.ts'
import type { Config, RoleName } from './config.ts'
import { isGuessable } from './is-guessable.ts'
import { readGateway } from './read-gateway.ts'
import { type Failpoint, failpointActions, failpointNames } from '../lib/failpoint.ts'
import { readIpfs } from './read-ipfs.ts'
import { readDefaultQuota, readImages, readLimits, readPinning, readRateLimits, readScrub } from './read-limits.ts'
import { Secret } from './secret.ts'
import { clientSettingNames, settingNames } from './setting-names.ts'
import { choice, flag, list, listen, requireCidr, text, url, whole, type Environment } from './values.ts'

const allRoles: readonly RoleName[] = ['api', 'gateway', 'worker', 'node']

/** Reads the settings. Pure: variables in, settings out. Throws ConfigError in words that name the variable. */
export function readConfig(env: Environment, options: { cwd: string; terminal: boolean }): Config {
  for (const name of Object.keys(env)) {
    if (name.startsWith('PINYON_') && !settingNames.includes(name) && !clientSettingNames.includes(name)) {
      throw new ConfigError(`${name} is not a setting of this program. The settings are listed in docs/settings.md.`)
    }
  }
  refuseUnbuilt(env)
  const dataDir = resolve(options.cwd, text(env, 'PINYON_DATA_DIR') ?? 'data')
  const databaseUrl = text(env, 'PINYON_DATABASE_URL')
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new ConfigError(
      'PINYON_DATABASE_URL must begin with postgres:// (without it SQLite in the data directory is used).',
    )
  }
  const roles = readRoles(env, databaseUrl === undefined ? 'sqlite' : 'postgres')
  const urls = { api: url(env, 'PINYON_API_URL'), gateway: url(env, 'PINYON_GATEWAY_URL') }
  if (urls.api !== undefined && urls.api === urls.gateway) {
    throw new ConfigError(
      'PINYON_GATEWAY_URL must be another origin than PINYON_API_URL: pages that users upload must not share one with the API. Another host name or another port will do.',
    )
  }
  const tls = readTls(env, options.cwd)
  for (const [variable, address] of [
    ['PINYON_API_URL', urls.api],
    ['PINYON_GATEWAY_URL', urls.gateway],
  ] as const) {
    if (tls.kind !== 'off' && address?.startsWith('http:') === true)
      throw new ConfigError(`${variable} begins with http://, but with PINYON_TLS this program speaks https:// only.`)
  }
  const gateway = readGateway(env, urls.gateway)
  const ipfs = readIpfs(env)
  if (gateway.open !== undefined && ipfs.kind === 'off' && ipfs.gateways.length === 0) {
    throw new ConfigError(
      'PINYON_GATEWAY_OPEN=on has nobody to fetch from: leave PINYON_IPFS=embedded, or name trustless gateways in PINYON_IPFS_GATEWAYS.',
    )
  }
  return {
    dataDir,
    tls,
    existing: flag(env, 'PINYON_EXISTING'),
    api: { listen: listen(env, 'PINYON_API_LISTEN', '127.0.0.1:8400'), url: urls.api },
    gateway,
    images: readImages(env),
    metricsListen:
      text(env, 'PINYON_METRICS_LISTEN') === 'off' ? undefined : listen(env, 'PINYON_METRICS_LISTEN', '127.0.0.1:8490'),
    trustedProxies: list(env, 'PINYON_TRUSTED_PROXIES').map((cidr) => requireCidr('PINYON_TRUSTED_PROXIES', cidr)),
    denylists: list(env, 'PINYON_DENYLISTS').map((place) => resolve(options.cwd, place)),
    database:
      databaseUrl === undefined
        ? { kind: 'sqlite', file: resolve(dataDir, 'pinyon.db') }
        : { kind: 'postgres', url: new Secret(databaseUrl) },
    roles,
    ipfs,
    pinning: readPinning(env),
    limits: readLimits(env),
    scrub: readScrub(env),
    uploads: {
      unfinished: whole(env, 'PINYON_UPLOADS_UNFINISHED', { otherwise: 1_000, from: 1, to: 100_000 }),
      keepMs: whole(env, 'PINYON_UPLOADS_KEEP', { otherwise: 48, from: 1, to: 8_760 }) * 3_600_000,
    },
    rateLimits: readRateLimits(text(env, 'PINYON_RATE_LIMITS')),
    setupToken: readSetupToken(env),
    signUp: choice(env, 'PINYON_SIGNUP', ['off', 'invite', 'request'], 'off'),
    defaultQuotaBytes: readDefaultQuota(env),
    linkMaxDays: whole(env, 'PINYON_LINK_MAX_DAYS', { otherwise: 3_650, from: 1, to: 36_500 }),
    testAuthentication: choice(env, 'PINYON_TEST_AUTHENTICATION', ['admin', 'any'], 'admin'),
    psaStatusDefault: choice(env, 'PINYON_PSA_STATUS_DEFAULT', ['compatible', 'strict'], 'compatible'),
    eventsKeptMs: whole(env, 'PINYON_EVENTS_DAYS', { otherwise: 7, from: 2, to: 365 }) * 86_400_000,
    analyticsKeptMs: whole(env, 'PINYON_ANALYTICS_DAYS', { otherwise: 365, from: 3, to: 3_650 }) * 86_400_000,
    contact: contact(env),
    failpoint: readFailpoint(env),
    log: {
      level: choice(env, 'PINYON_LOG', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
      readable: options.terminal,
    },
  }
}

/** Settings of parts that are not built yet are refused in words, not ignored. */
function refuseUnbuilt(env: Environment): void {
  const blobs = text(env, 'PINYON_BLOBS') ?? 'disk'
  if (blobs !== 'disk') throw new ConfigError(`PINYON_BLOBS: object storage is not built yet: only disk.`)
}

function readTls(env: Environment, cwd: string): Config['tls'] {
  const value = text(env, 'PINYON_TLS') ?? 'off'
  if (value === 'off' || value === 'local') return { kind: value }
  const [, cert, key] = /^files:([^,]+),([^,]+)$/.exec(value) ?? []
  if (cert === undefined || key === undefined)
    throw new ConfigError(
      `PINYON_TLS must be off, local, or files:CERTIFICATE,KEY with the names of two PEM files (it is ${JSON.stringify(value)}).`,
    )
  return { kind: 'files', cert: resolve(cwd, cert.trim()), key: resolve(cwd, key.trim()) }
}

function readRoles(env: Environment, kind: Config['database']['kind']): readonly RoleName[] {
  const names = list(env, 'PINYON_ROLES')
  if (names.length === 0) return allRoles
  const wrong = names.find((name) => !allRoles.some((role) => role === name))
  if (wrong !== undefined)
    throw new ConfigError(`PINYON_ROLES: ${JSON.stringify(wrong)} is not a role. The roles are ${allRoles.join(', ')}.`)
  const left = allRoles.filter((role) => !names.includes(role))
  if (kind === 'sqlite' && left.length > 0) {
    throw new ConfigError(
      `PINYON_ROLES leaves out ${left.join(', ')}, which no other process can run: with SQLite there is one. Remove it, or set PINYON_DATABASE_URL to a PostgreSQL database that several processes share.`,
    )
  }
  return allRoles.filter((role) => names.includes(role))
}

function readSetupToken(env: Environment): Secret | undefined {
  const token = text(env, 'PINYON_SETUP_TOKEN')
  if (token === undefined) return undefined
  // A token that can be guessed hands the installation to whoever comes first.
  if (isGuessable(token)) {
    throw new ConfigError(
      'PINYON_SETUP_TOKEN is too weak: use at least 24 random characters, for one from `openssl rand -hex 24`.',
    )
  }
  return new Secret(token)
}

/** Only rigs set it; what is not exactly that stops the start, so that nothing breaks by a typing error. */
function readFailpoint(env: Environment): Failpoint | undefined {
  const value = text(env, 'PINYON_FAILPOINT')
  if (value === undefined) return undefined
  const [name, action, nth = '1', ...rest] = value.split(':')
  const place = failpointNames.find((one) => one === name)
  const what = failpointActions.find((one) => one === action)
  if (place === undefined || what === undefined || rest.length > 0 || !/^[1-9]\d{0,8}$/.test(nth)) {
    throw new ConfigError(
      `PINYON_FAILPOINT breaks this program on purpose, for the rigs of torture/, and is none (it is ${JSON.stringify(value)}): unset it.`,
    )
  }
  return { name: place, action: what, nth: Number(nth) }
}

function contact(env: Environment): string | undefined {
  const value = text(env, 'PINYON_CONTACT')
  if (value === undefined) return undefined
  // It becomes a link of the console, so it may be nothing that runs.
  if (!z.url({ protocol: /^(https?|mailto)$/ }).safeParse(value).success) {
    throw new ConfigError(
      `PINYON_CONTACT must be an address such as https://example.org/help or mailto:help@example.org (it is ${JSON.stringify(value)}).`,
    )
  }
  return value
}
