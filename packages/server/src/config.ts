import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { maxKeyvalues } from '@pinyon/contract/keyvalues.ts'
import { z } from 'zod'

/** Settings that contradict each other or cannot be read; the message names the variable and is for the operator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
  }
}

/** A value that prints as `[secret]`. */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  /** The value itself. */
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return '[secret]'
  }
  toJSON(): string {
    return '[secret]'
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}

/** Host and port to listen on; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** A part of the program that a process may run. */
export type RoleName = 'api' | 'gateway' | 'worker' | 'node'

/** The node on the IPFS network: which, how others reach it, and whom it may dial. */
export interface IpfsSettings {
  readonly kind: 'off' | 'embedded'
  /** `local`: nothing is announced, only addresses that callers or the operator name are dialled. Undefined: what was chosen at set-up. */
  readonly network: 'local' | 'public' | undefined
  /** Multiaddrs; TCP port 0 takes a free one. None: what is usual for the network. */
  readonly listen: readonly string[]
  /** Multiaddrs under which others reach it; none: those it listens on. */
  readonly announce: readonly string[]
  /** CIDR ranges of private addresses that callers may name. */
  readonly dialPrivate: readonly string[]
  /** Peer ids and CIDR ranges that are kept away. */
  readonly deny: readonly string[]
  /** Origins of trustless gateways (https://specs.ipfs.tech/http-gateways/trustless-gateway/) asked for blocks. */
  readonly gateways: readonly string[]
}

/** How much is fetched at once, and how long it is tried. */
export interface PinningSettings {
  /** Fetches that run at once: new ones by turns of their accounts, the newest one, and those tried again. */
  readonly slots: { readonly new: number; readonly newest: number; readonly retry: number }
  /** An attempt ends when no block came for so long. */
  readonly idleMs: number
  /** A fetch is given up after so long. */
  readonly deadlineMs: number
}

/** How much there may be of what the hosted service bounds too (reference: sizes and counts). */
export interface Limits {
  /** Key-values of one file. */
  readonly keyvalues: number
  /** Groups of one account. */
  readonly groups: number
  /** Bytes of one upload. */
  readonly uploadBytes: number
  /** Bytes of one JSON body. */
  readonly jsonBytes: number
}

/** How what is stored is read back. */
export interface ScrubSettings {
  /** Every pack is read within this time; undefined: not by itself. */
  readonly periodMs: number | undefined
  /** The part of the time that it may read, above 0, at most 1. */
  readonly share: number
}

/** Everything the environment decides, read once. */
export interface Config {
  readonly dataDir: string
  /** Refuse a data directory that was never set up. */
  readonly existing: boolean
  readonly api: { readonly listen: ListenAddress; readonly url: string | undefined }
  readonly gateway: { readonly listen: ListenAddress; readonly url: string | undefined }
  /** Who ends TLS: nobody here, this program with an authority of its own, or with a certificate that is kept for it. */
  readonly tls:
    | { readonly kind: 'off' }
    | { readonly kind: 'local' }
    | { readonly kind: 'files'; readonly cert: string; readonly key: string }
  readonly metricsListen: ListenAddress | undefined
  readonly trustedProxies: readonly string[]
  readonly database:
    | { readonly kind: 'sqlite'; readonly file: string }
    | { readonly kind: 'postgres'; readonly url: Secret }
  readonly roles: readonly RoleName[]
  readonly ipfs: IpfsSettings
  /** How pins by CID are fetched. */
  readonly pinning: PinningSettings
  readonly limits: Limits
  readonly scrub: ScrubSettings
  /** Uploads that come in several requests: how many an account may have unfinished, and how long one waits. */
  readonly uploads: { readonly unfinished: number; readonly keepMs: number }
  readonly rateLimits: Readonly<Record<string, { readonly points: number; readonly seconds: number }>>
  readonly setupToken: Secret | undefined
  /** The longest that a link may live; what asks for more gets this. */
  readonly linkMaxDays: number
  readonly testAuthentication: 'admin' | 'any'
  /** Which pins `/psa` lists when no status is asked for: see `api/read-pin-filter.ts`. */
  readonly psaStatusDefault: 'compatible' | 'strict'
  /** Where people who use this installation can say what is wrong with it: an address of a page or of mail. */
  readonly contact: string | undefined
  /** How long events can be followed up on, and deliveries of webhooks be looked at. */
  readonly eventsKeptMs: number
  /** How long it is known what the gateway served. */
  readonly analyticsKeptMs: number
  readonly log: { readonly level: string; readonly readable: boolean }
}

const allRoles: readonly RoleName[] = ['api', 'gateway', 'worker', 'node']

/** Limits by class in requests per seconds; sign-in counts failures per account and address. */
const defaultLimits = {
  'sign-in': { points: 10, seconds: 900 },
  setup: { points: 60, seconds: 60 },
  password: { points: 20, seconds: 900 },
}

/** Every variable that is read. Others that begin with PINYON_ are refused, so a typing error cannot pass unseen. */
export const settingNames: readonly string[] = [
  'PINYON_DATA_DIR',
  'PINYON_EXISTING',
  'PINYON_API_LISTEN',
  'PINYON_GATEWAY_LISTEN',
  'PINYON_API_URL',
  'PINYON_GATEWAY_URL',
  'PINYON_TLS',
  'PINYON_TRUSTED_PROXIES',
  'PINYON_METRICS_LISTEN',
  'PINYON_DATABASE_URL',
  'PINYON_BLOBS',
  'PINYON_IPFS',
  'PINYON_IPFS_NETWORK',
  'PINYON_IPFS_LISTEN',
  'PINYON_IPFS_ANNOUNCE',
  'PINYON_IPFS_DENY',
  'PINYON_IPFS_GATEWAYS',
  'PINYON_DIAL_PRIVATE',
  'PINYON_PIN_SLOTS',
  'PINYON_PIN_IDLE',
  'PINYON_PIN_DEADLINE',
  'PINYON_MAX_KEYVALUES',
  'PINYON_MAX_GROUPS',
  'PINYON_MAX_UPLOAD',
  'PINYON_MAX_JSON',
  'PINYON_SCRUB_DAYS',
  'PINYON_SCRUB_SHARE',
  'PINYON_UPLOADS_UNFINISHED',
  'PINYON_UPLOADS_KEEP',
  'PINYON_RATE_LIMITS',
  'PINYON_ROLES',
  'PINYON_SETUP_TOKEN',
  'PINYON_TEST_AUTHENTICATION',
  'PINYON_PSA_STATUS_DEFAULT',
  'PINYON_LINK_MAX_DAYS',
  'PINYON_EVENTS_DAYS',
  'PINYON_ANALYTICS_DAYS',
  'PINYON_CONTACT',
  'PINYON_LOG',
]

/** Variables of the client programs; they may stand in the same environment. */
const ofClients = [
  'PINYON_API',
  'PINYON_CA',
  'PINYON_JWT',
  'PINYON_KEY',
  'PINYON_PROFILE',
  'PINYON_CONFIG_DIR',
  'PINYON_DEV',
]

/** Reads the settings. Pure: variables in, settings out. Throws ConfigError in words that name the variable. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  options: { cwd: string; terminal: boolean },
): Config {
  for (const name of Object.keys(env)) {
    if (name.startsWith('PINYON_') && !settingNames.includes(name) && !ofClients.includes(name)) {
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
  return {
    dataDir,
    tls,
    existing: flag(env, 'PINYON_EXISTING'),
    api: { listen: listen(env, 'PINYON_API_LISTEN', '127.0.0.1:8400'), url: urls.api },
    gateway: { listen: listen(env, 'PINYON_GATEWAY_LISTEN', '127.0.0.1:8480'), url: urls.gateway },
    metricsListen:
      text(env, 'PINYON_METRICS_LISTEN') === 'off' ? undefined : listen(env, 'PINYON_METRICS_LISTEN', '127.0.0.1:8490'),
    trustedProxies: list(env, 'PINYON_TRUSTED_PROXIES').map((cidr) => requireCidr('PINYON_TRUSTED_PROXIES', cidr)),
    database:
      databaseUrl === undefined
        ? { kind: 'sqlite', file: resolve(dataDir, 'pinyon.db') }
        : { kind: 'postgres', url: new Secret(databaseUrl) },
    roles,
    ipfs: readIpfs(env),
    pinning: {
      slots: readSlots(text(env, 'PINYON_PIN_SLOTS')),
      idleMs: whole(env, 'PINYON_PIN_IDLE', { otherwise: 120, from: 1, to: 3_600 }) * 1_000,
      deadlineMs: whole(env, 'PINYON_PIN_DEADLINE', { otherwise: 24, from: 1, to: 8_760 }) * 3_600_000,
    },
    limits: {
      keyvalues: whole(env, 'PINYON_MAX_KEYVALUES', { otherwise: 100, from: 1, to: maxKeyvalues }),
      groups: whole(env, 'PINYON_MAX_GROUPS', { otherwise: 100_000, from: 1, to: 1_000_000 }),
      uploadBytes: whole(env, 'PINYON_MAX_UPLOAD', { otherwise: 250_000, from: 1, to: 10_000_000 }) * 1_000_000,
      jsonBytes: whole(env, 'PINYON_MAX_JSON', { otherwise: 10, from: 1, to: 64 }) * 1024 * 1024,
    },
    scrub: readScrub(env),
    uploads: {
      unfinished: whole(env, 'PINYON_UPLOADS_UNFINISHED', { otherwise: 1_000, from: 1, to: 100_000 }),
      keepMs: whole(env, 'PINYON_UPLOADS_KEEP', { otherwise: 48, from: 1, to: 8_760 }) * 3_600_000,
    },
    rateLimits: readLimits(text(env, 'PINYON_RATE_LIMITS')),
    setupToken: readSetupToken(env),
    linkMaxDays: whole(env, 'PINYON_LINK_MAX_DAYS', { otherwise: 3_650, from: 1, to: 36_500 }),
    testAuthentication: choice(env, 'PINYON_TEST_AUTHENTICATION', ['admin', 'any'], 'admin'),
    psaStatusDefault: choice(env, 'PINYON_PSA_STATUS_DEFAULT', ['compatible', 'strict'], 'compatible'),
    eventsKeptMs: whole(env, 'PINYON_EVENTS_DAYS', { otherwise: 7, from: 2, to: 365 }) * 86_400_000,
    analyticsKeptMs: whole(env, 'PINYON_ANALYTICS_DAYS', { otherwise: 365, from: 3, to: 3_650 }) * 86_400_000,
    contact: contact(env),
    log: {
      level: choice(env, 'PINYON_LOG', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
      readable: options.terminal,
    },
  }
}

/** Settings of parts that are not built yet are refused in words, not ignored. */
function refuseUnbuilt(env: Readonly<Record<string, string | undefined>>): void {
  const blobs = text(env, 'PINYON_BLOBS') ?? 'disk'
  if (blobs !== 'disk') throw new ConfigError(`PINYON_BLOBS: object storage is not built yet: only disk.`)
}

function readTls(env: Readonly<Record<string, string | undefined>>, cwd: string): Config['tls'] {
  const value = text(env, 'PINYON_TLS') ?? 'off'
  if (value === 'off' || value === 'local') return { kind: value }
  const [, cert, key] = /^files:([^,]+),([^,]+)$/.exec(value) ?? []
  if (cert === undefined || key === undefined)
    throw new ConfigError(
      `PINYON_TLS must be off, local, or files:CERTIFICATE,KEY with the names of two PEM files (it is ${JSON.stringify(value)}).`,
    )
  return { kind: 'files', cert: resolve(cwd, cert.trim()), key: resolve(cwd, key.trim()) }
}

function readIpfs(env: Readonly<Record<string, string | undefined>>): IpfsSettings {
  const kind = choice(env, 'PINYON_IPFS', ['embedded', 'off'], 'embedded')
  const network =
    text(env, 'PINYON_IPFS_NETWORK') === undefined
      ? undefined
      : choice(env, 'PINYON_IPFS_NETWORK', ['local', 'public'], 'local')
  const listens = list(env, 'PINYON_IPFS_LISTEN')
  for (const address of listens) {
    if (!/^\/ip[46]\/[^/]+\/tcp\/\d{1,5}(\/ws)?$/.test(address) || isIP(address.split('/')[2] ?? '') === 0) {
      throw new ConfigError(
        `PINYON_IPFS_LISTEN must be multiaddrs such as /ip4/0.0.0.0/tcp/8401,/ip4/0.0.0.0/tcp/8402/ws (${JSON.stringify(address)} is not one).`,
      )
    }
  }
  const announce = list(env, 'PINYON_IPFS_ANNOUNCE')
  for (const address of announce) {
    if (
      !/^\/(ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/\d{1,5}(\/ws|\/wss|\/tls\/ws|\/tls\/sni\/[^/]+\/ws)?(\/p2p\/\w+)?$/.test(
        address,
      )
    ) {
      throw new ConfigError(
        `PINYON_IPFS_ANNOUNCE must be multiaddrs such as /ip4/203.0.113.7/tcp/8401 or /dns4/pin.example.org/tcp/443/wss (${JSON.stringify(address)} is not one).`,
      )
    }
  }
  return {
    kind,
    network,
    listen: listens,
    announce,
    dialPrivate: list(env, 'PINYON_DIAL_PRIVATE').map((cidr) => requireCidr('PINYON_DIAL_PRIVATE', cidr)),
    deny: list(env, 'PINYON_IPFS_DENY').map((each) =>
      /^(12D3KooW|Qm|16Uiu2)\w{40,60}$/.test(each) ? each : requireCidr('PINYON_IPFS_DENY', each),
    ),
    gateways: list(env, 'PINYON_IPFS_GATEWAYS').map((origin) => requireOrigin('PINYON_IPFS_GATEWAYS', origin)),
  }
}

function text(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === undefined || value === '' ? undefined : value
}

function list(env: Readonly<Record<string, string | undefined>>, name: string): string[] {
  return (text(env, name) ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function flag(env: Readonly<Record<string, string | undefined>>, name: string): boolean {
  return choice(env, name, ['0', '1', 'true', 'false'], '0').match(/1|true/) !== null
}

function choice<T extends string>(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  values: readonly T[],
  otherwise: T,
): T {
  const value = text(env, name) ?? otherwise
  const found = values.find((known) => known === value)
  if (found === undefined)
    throw new ConfigError(`${name} must be one of ${values.join(', ')} (it is ${JSON.stringify(value)}).`)
  return found
}

function listen(env: Readonly<Record<string, string | undefined>>, name: string, otherwise: string): ListenAddress {
  const value = text(env, name) ?? otherwise
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]+)):(\d{1,5})$/.exec(value)
  const port = Number(match?.[3])
  if (match === null || port > 65_535)
    throw new ConfigError(`${name} must be host:port, such as ${otherwise} (it is ${JSON.stringify(value)}).`)
  return { host: match[1] ?? match[2] ?? '', port }
}

function url(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = text(env, name)
  return value === undefined ? undefined : requireOrigin(name, value)
}

function requireOrigin(name: string, value: string): string {
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

function contact(env: Readonly<Record<string, string | undefined>>): string | undefined {
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

function requireCidr(name: string, cidr: string): string {
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

function readRoles(
  env: Readonly<Record<string, string | undefined>>,
  kind: Config['database']['kind'],
): readonly RoleName[] {
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

function readSetupToken(env: Readonly<Record<string, string | undefined>>): Secret | undefined {
  const token = text(env, 'PINYON_SETUP_TOKEN')
  if (token === undefined) return undefined
  // A token that can be guessed hands the installation to whoever comes first.
  if (token.length < 24 || new Set(token).size < 8) {
    throw new ConfigError(
      'PINYON_SETUP_TOKEN is too weak: use at least 24 random characters, for one from `openssl rand -hex 24`.',
    )
  }
  return new Secret(token)
}

function whole(
  env: Readonly<Record<string, string | undefined>>,
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

function readScrub(env: Readonly<Record<string, string | undefined>>): ScrubSettings {
  const days = whole(env, 'PINYON_SCRUB_DAYS', { otherwise: 30, from: 0, to: 3_650 })
  return {
    periodMs: days === 0 ? undefined : days * 86_400_000,
    share: whole(env, 'PINYON_SCRUB_SHARE', { otherwise: 10, from: 1, to: 100 }) / 100,
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

function readLimits(value: string | undefined): Config['rateLimits'] {
  if (value === undefined) return defaultLimits
  if (value === 'off') return {}
  const limits: Record<string, { points: number; seconds: number }> = { ...defaultLimits }
  for (const part of value.split(',')) {
    const match = /^\s*(sign-in|setup|password|data|read|write)=(\d{1,9})\/(\d{1,6})\s*$/.exec(part)
    if (match === null || Number(match[2]) === 0 || Number(match[3]) === 0) {
      throw new ConfigError(
        `PINYON_RATE_LIMITS must be off, or class=requests/seconds separated by commas, such as data=300/60 (${JSON.stringify(part)} is not). Classes: sign-in, setup, password, data, read, write.`,
      )
    }
    limits[match[1] ?? ''] = { points: Number(match[2]), seconds: Number(match[3]) }
  }
  return limits
}
