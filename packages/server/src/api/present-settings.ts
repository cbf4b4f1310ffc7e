import type { SettingInForce } from '@pinyon/contract/schemas/sign-up.ts'
import type { z } from 'zod'
import type { OpenSettings } from '../config/config.ts'
import type { Services } from '../services.ts'

/** What an operator wants to know of the settings in force. Whoever reads it is an operator, and yet: no secrets. */
export function presentSettings({ config, db, installation }: Pick<Services, 'config' | 'db' | 'installation'>) {
  const { ipfs, limits, scrub, rateLimits } = config
  const rates = Object.entries(rateLimits).map(([name, { points, seconds }]) => `${name}=${points}/${seconds}`)
  const values: Record<string, string> = {
    PINYON_API_URL: installation.apiUrl,
    PINYON_GATEWAY_URL: installation.gatewayUrl,
    PINYON_GATEWAY_OPEN: presentOpen(config.gateway.open),
    PINYON_GATEWAY_FIRST_BYTE: String(config.gateway.firstByteMs / 1_000),
    PINYON_GATEWAY_STALL: String(config.gateway.stallMs / 1_000),
    PINYON_DATA_DIR: config.dataDir,
    PINYON_DATABASE_URL: db.dialect === 'sqlite' ? 'SQLite in the data directory' : 'PostgreSQL',
    PINYON_ROLES: config.roles.join(','),
    PINYON_TLS: config.tls.kind,
    PINYON_TRUSTED_PROXIES: config.trustedProxies.join(',') || 'none',
    PINYON_SIGNUP: config.signUp,
    PINYON_DEFAULT_QUOTA: config.defaultQuotaBytes === null ? 'none' : String(config.defaultQuotaBytes),
    PINYON_RATE_LIMITS: rates.join(' ') || 'off',
    PINYON_IPFS: ipfs.kind,
    PINYON_IPFS_NETWORK: ipfs.network ?? 'as chosen at set-up',
    PINYON_MAX_UPLOAD: String(limits.uploadBytes),
    PINYON_MAX_KEYVALUES: String(limits.keyvalues),
    PINYON_MAX_GROUPS: String(limits.groups),
    PINYON_SCRUB_DAYS: scrub.periodMs === undefined ? 'off' : String(scrub.periodMs / 86_400_000),
    PINYON_LINK_MAX_DAYS: String(config.linkMaxDays),
    PINYON_TEST_AUTHENTICATION: config.testAuthentication,
    PINYON_LOG: config.log.level,
  }
  return Object.entries(values).map(([name, value]): z.infer<typeof SettingInForce> => ({ name, value }))
}

function presentOpen(open: OpenSettings | undefined): string {
  if (open === undefined) return 'off'
  const { cacheBytes, fetches, maxBytes, maxBlocks, maxDepth, maxMs } = open
  const MiB = 1024 * 1024
  return `on, cache ${cacheBytes / MiB} MiB, ${fetches} fetches, mib=${maxBytes / MiB},blocks=${maxBlocks},depth=${maxDepth},seconds=${maxMs / 1_000}`
}
