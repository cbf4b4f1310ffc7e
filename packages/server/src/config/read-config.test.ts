import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ConfigError } from './config-error.ts'
import { readConfig } from './read-config.ts'
import { Secret } from './secret.ts'
import { settingNames } from './setting-names.ts'

const read = (env: Record<string, string | undefined> = {}) => readConfig(env, { cwd: '/srv', terminal: false })

describe('settings', () => {
  it('needs none', () => {
    expect(read()).toEqual({
      dataDir: '/srv/data',
      tls: { kind: 'off' },
      existing: false,
      failpoint: undefined,
      signUp: 'off',
      defaultQuotaBytes: null,
      api: { listen: { host: '127.0.0.1', port: 8400 }, url: undefined },
      gateway: {
        listen: { host: '127.0.0.1', port: 8480 },
        url: undefined,
        subdomains: ['localhost'],
        html: 'sandbox',
        proxy: false,
        dnslink: 'names',
        domainProof: 'dns',
        firstByteMs: 60_000,
        stallMs: 120_000,
        open: undefined,
        processes: expect.any(Number), // as many as the machine has room for
      },
      denylists: [],
      images: { workers: 1, cacheBytes: 67_108_864 },
      metricsListen: { host: '127.0.0.1', port: 8490 },
      trustedProxies: [],
      database: { kind: 'sqlite', file: '/srv/data/pinyon.db' },
      roles: ['api', 'gateway', 'worker', 'node'],
      ipfs: {
        kind: 'embedded',
        network: undefined,
        listen: [],
        announce: [],
        dialPrivate: [],
        deny: [],
        gateways: [],
        dnsServers: [],
      },
      pinning: { slots: { new: 16, newest: 4, retry: 32 }, idleMs: 120_000, deadlineMs: 86_400_000 },
      limits: { keyvalues: 100, groups: 100_000, uploadBytes: 250_000_000_000, jsonBytes: 52_428_800 },
      scrub: { periodMs: 30 * 86_400_000, share: 0.1 },
      rateLimits: {
        'sign-in': { points: 10, seconds: 900 },
        setup: { points: 60, seconds: 60 },
        password: { points: 20, seconds: 900 },
      },
      setupToken: undefined,
      testAuthentication: 'admin',
      linkMaxDays: 3_650,
      psaStatusDefault: 'compatible',
      uploads: { keepMs: 172_800_000, unfinished: 1_000 },
      eventsKeptMs: 7 * 86_400_000,
      analyticsKeptMs: 365 * 86_400_000,
      contact: undefined,
      log: { level: 'info', readable: false },
    })
  })

  it('takes an empty variable as one that is not there', () => {
    expect(read(Object.fromEntries(settingNames.map((name) => [name, ' '])))).toEqual(read())
  })

  const taken: [Record<string, string>, unknown][] = [
    [{ PINYON_DATA_DIR: 'elsewhere' }, { dataDir: '/srv/elsewhere' }],
    [{ PINYON_DATA_DIR: '/var/lib/pinyon' }, { database: { kind: 'sqlite', file: '/var/lib/pinyon/pinyon.db' } }],
    [{ PINYON_EXISTING: '1' }, { existing: true }],
    [{ PINYON_EXISTING: 'false' }, { existing: false }],
    [{ PINYON_FAILPOINT: 'committed:kill:3' }, { failpoint: { name: 'committed', action: 'kill', nth: 3 } }],
    [{ PINYON_API_LISTEN: '0.0.0.0:80' }, { api: { listen: { host: '0.0.0.0', port: 80 } } }],
    [{ PINYON_API_LISTEN: '[::1]:0' }, { api: { listen: { host: '::1', port: 0 } } }],
    [{ PINYON_GATEWAY_LISTEN: 'localhost:9000' }, { gateway: { listen: { host: 'localhost', port: 9000 } } }],
    [{ PINYON_API_URL: 'https://Pin.Example.org:443/' }, { api: { url: 'https://pin.example.org' } }],
    [{ PINYON_GATEWAY_URL: 'http://127.0.0.1:9000' }, { gateway: { url: 'http://127.0.0.1:9000' } }],
    [{ PINYON_TLS: 'off' }, { tls: { kind: 'off' } }],
    [{ PINYON_TLS: 'local' }, { tls: { kind: 'local' } }],
    [
      { PINYON_TLS: 'files:/etc/pin/cert.pem, /etc/pin/key.pem' },
      { tls: { kind: 'files', cert: '/etc/pin/cert.pem', key: '/etc/pin/key.pem' } },
    ],
    [{ PINYON_TRUSTED_PROXIES: '10.0.0.0/8, ::1' }, { trustedProxies: ['10.0.0.0/8', '::1'] }],
    [{ PINYON_METRICS_LISTEN: 'off' }, { metricsListen: undefined }],
    [{ PINYON_METRICS_LISTEN: '127.0.0.1:1' }, { metricsListen: { host: '127.0.0.1', port: 1 } }],
    [{ PINYON_DATABASE_URL: 'postgresql://u:p@h/d' }, { database: { kind: 'postgres' } }],
    [{ PINYON_BLOBS: 'disk', PINYON_IPFS: 'off', PINYON_IPFS_NETWORK: 'local' }, { ipfs: { kind: 'off' } }],
    [
      { PINYON_IPFS_DENY: '192.0.2.0/24, 12D3KooWHFrmLWTTDD4NodngtRMEVYgxrsDMp4F9iSwYntZ9WjHa' },
      { ipfs: { deny: ['192.0.2.0/24', '12D3KooWHFrmLWTTDD4NodngtRMEVYgxrsDMp4F9iSwYntZ9WjHa'] } },
    ],
    [{ PINYON_IPFS_NETWORK: 'public' }, { ipfs: { network: 'public', listen: [] } }],
    [
      { PINYON_IPFS_LISTEN: '/ip6/::1/tcp/0, /ip4/10.0.0.1/tcp/1/ws' },
      { ipfs: { listen: ['/ip6/::1/tcp/0', '/ip4/10.0.0.1/tcp/1/ws'] } },
    ],
    [
      { PINYON_IPFS_ANNOUNCE: '/dns4/pin.example.org/tcp/443/wss' },
      { ipfs: { announce: ['/dns4/pin.example.org/tcp/443/wss'] } },
    ],
    [
      { PINYON_IPFS_GATEWAYS: 'https://g.example.org/, http://127.0.0.1:8080' },
      { ipfs: { gateways: ['https://g.example.org', 'http://127.0.0.1:8080'] } },
    ],
    [
      { PINYON_PIN_SLOTS: 'newest=8, retry=1', PINYON_PIN_IDLE: '30', PINYON_PIN_DEADLINE: '48' },
      { pinning: { slots: { new: 16, newest: 8, retry: 1 }, idleMs: 30_000, deadlineMs: 172_800_000 } },
    ],
    [{ PINYON_DIAL_PRIVATE: '10.0.0.0/8,fd00::/8' }, { ipfs: { dialPrivate: ['10.0.0.0/8', 'fd00::/8'] } }],
    [
      { PINYON_MAX_KEYVALUES: '1000', PINYON_MAX_GROUPS: '5', PINYON_MAX_UPLOAD: '1', PINYON_MAX_JSON: '64' },
      { limits: { keyvalues: 1_000, groups: 5, uploadBytes: 1_000_000, jsonBytes: 67_108_864 } },
    ],
    [{ PINYON_RATE_LIMITS: 'off' }, { rateLimits: {} }],
    [
      { PINYON_RATE_LIMITS: 'data=300/60, sign-in=5/60' },
      { rateLimits: { data: { points: 300, seconds: 60 }, 'sign-in': { points: 5, seconds: 60 }, setup: {} } },
    ],
    [{ PINYON_ROLES: 'worker,api,gateway,node' }, { roles: ['api', 'gateway', 'worker', 'node'] }],
    [
      { PINYON_ROLES: 'node, worker', PINYON_DATABASE_URL: 'postgres://h/d' },
      { roles: ['worker', 'node'], database: { kind: 'postgres' } },
    ],
    [{ PINYON_TEST_AUTHENTICATION: 'any' }, { testAuthentication: 'any' }],
    [{ PINYON_PSA_STATUS_DEFAULT: 'strict' }, { psaStatusDefault: 'strict' }],
    [{ PINYON_LINK_MAX_DAYS: '7' }, { linkMaxDays: 7 }],
    [{ PINYON_CONTACT: 'mailto:help@example.org' }, { contact: 'mailto:help@example.org' }],
    [{ PINYON_CONTACT: 'https://example.org/help?of=pinyon' }, { contact: 'https://example.org/help?of=pinyon' }],
    [{ PINYON_LOG: 'silent' }, { log: { level: 'silent' } }],
    [{ PINYON_SETUP_TOKEN: '4c1f0c5b8a7d4a30b1e2f3a4b5c6d7e8f9' }, {}],
    [{ PINYON_SETUP_TOKEN: 'setup-token-Zk3v9QpLx72mWcRt' }, {}],
    [{ PINYON_JWT: 'x', PINYON_API: 'y', PATH: '/bin' }, {}],
  ]
  it.each(taken)('reads %j', (env, expected) => {
    expect(read(env)).toMatchObject(expected as object) // the table holds objects
  })

  const refused: [Record<string, string>, RegExp][] = [
    [{ PINYON_DATADIR: '/x' }, /PINYON_DATADIR is not a setting.*docs\/settings\.md/],
    [{ PINYON_EXISTING: 'yes' }, /PINYON_EXISTING must be one of/],
    [{ PINYON_FAILPOINT: 'committed' }, /PINYON_FAILPOINT breaks this program on purpose/],
    [{ PINYON_FAILPOINT: 'nowhere:kill' }, /PINYON_FAILPOINT/],
    [{ PINYON_API_LISTEN: '8400' }, /PINYON_API_LISTEN must be host:port/],
    [{ PINYON_API_LISTEN: '127.0.0.1:65536' }, /PINYON_API_LISTEN/],
    [{ PINYON_GATEWAY_LISTEN: '::1:80' }, /PINYON_GATEWAY_LISTEN must be host:port/],
    [{ PINYON_METRICS_LISTEN: 'on' }, /PINYON_METRICS_LISTEN/],
    [{ PINYON_API_URL: 'pin.example.org' }, /PINYON_API_URL must be an address/],
    [{ PINYON_API_URL: 'ftp://pin.example.org' }, /PINYON_API_URL/],
    [{ PINYON_API_URL: 'https://pin.example.org/api' }, /without a path/],
    [{ PINYON_API_URL: 'https://me:secret@pin.example.org' }, /PINYON_API_URL/],
    [{ PINYON_GATEWAY_URL: 'https://g.example.org?x=1' }, /PINYON_GATEWAY_URL/],
    [
      { PINYON_API_URL: 'https://one.example.org/', PINYON_GATEWAY_URL: 'https://one.example.org:443' },
      /PINYON_GATEWAY_URL must be another origin than PINYON_API_URL/,
    ],
    [{ PINYON_TLS: 'on' }, /PINYON_TLS must be off, local, or files:/],
    [{ PINYON_TLS: 'files:cert.pem' }, /PINYON_TLS must be off, local, or files:/],
    [{ PINYON_TLS: 'local', PINYON_GATEWAY_URL: 'http://g.example.org' }, /PINYON_GATEWAY_URL begins with http:/],
    [{ PINYON_TRUSTED_PROXIES: 'proxy.example.org' }, /PINYON_TRUSTED_PROXIES/],
    [{ PINYON_TRUSTED_PROXIES: '10.0.0.0/33' }, /PINYON_TRUSTED_PROXIES/],
    [{ PINYON_TRUSTED_PROXIES: '10.0.0.0/8/8' }, /PINYON_TRUSTED_PROXIES/],
    [{ PINYON_DATABASE_URL: 'mysql://h/d' }, /PINYON_DATABASE_URL must begin with postgres/],
    [{ PINYON_BLOBS: 's3://bucket' }, /PINYON_BLOBS: object storage is not built yet/],
    [{ PINYON_IPFS: 'kubo' }, /PINYON_IPFS must be one of embedded, off/],
    [{ PINYON_IPFS_NETWORK: 'lan' }, /PINYON_IPFS_NETWORK must be one of local, public/],
    [{ PINYON_IPFS_LISTEN: '/ip4/0.0.0.0/udp/1/quic-v1' }, /PINYON_IPFS_LISTEN must be multiaddrs/],
    [{ PINYON_IPFS_LISTEN: '/ip4/localhost/tcp/1' }, /PINYON_IPFS_LISTEN must be multiaddrs/],
    [{ PINYON_IPFS_ANNOUNCE: 'pin.example.org:8401' }, /PINYON_IPFS_ANNOUNCE must be multiaddrs/],
    [{ PINYON_IPFS_GATEWAYS: 'https://g.example.org/ipfs/' }, /PINYON_IPFS_GATEWAYS must be an address/],
    [{ PINYON_PIN_SLOTS: 'old=1' }, /PINYON_PIN_SLOTS must be lane=fetches/],
    [{ PINYON_PIN_IDLE: '0' }, /PINYON_PIN_IDLE must be a whole number from 1 to 3600/],
    [{ PINYON_IPFS_DENY: 'somebody' }, /PINYON_IPFS_DENY must be addresses or CIDR/],
    [{ PINYON_DIAL_PRIVATE: '10.0.0.0/40' }, /PINYON_DIAL_PRIVATE must be addresses or CIDR/],
    [{ PINYON_MAX_KEYVALUES: '1001' }, /PINYON_MAX_KEYVALUES must be a whole number from 1 to 1000/],
    [{ PINYON_MAX_JSON: '257' }, /PINYON_MAX_JSON must be a whole number from 1 to 256/],
    [{ PINYON_RATE_LIMITS: 'data=300' }, /PINYON_RATE_LIMITS must be off, or class=requests\/seconds/],
    [{ PINYON_RATE_LIMITS: 'data=0/60' }, /PINYON_RATE_LIMITS/],
    [{ PINYON_RATE_LIMITS: 'free=1/1' }, /PINYON_RATE_LIMITS/],
    [{ PINYON_ROLES: 'api,console' }, /"console" is not a role/],
    [
      { PINYON_ROLES: 'api' },
      /PINYON_ROLES leaves out gateway, worker, node, which no other process can run.*PINYON_DATABASE_URL/,
    ],
    [{ PINYON_ROLES: 'api,gateway,worker' }, /PINYON_ROLES leaves out node/],
    ...[
      'secret',
      '8 bytes!',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      'changeme-changeme-changeme',
      'Put-your-own-Token-here-1',
      'w8K3vXz0Qm5w8K3vXz0Qm5w8K3vXz0',
      '0123456789abcdefghijklmnop',
      'zyxwvutsrqponmlkjihgfedcba',
    ].map((weak): [Record<string, string>, RegExp] => [{ PINYON_SETUP_TOKEN: weak }, /PINYON_SETUP_TOKEN is too weak/]),
    [{ PINYON_TEST_AUTHENTICATION: 'none' }, /PINYON_TEST_AUTHENTICATION must be one of admin, any/],
    [{ PINYON_GATEWAY_OPEN: 'yes' }, /PINYON_GATEWAY_OPEN must be one of off, on/],
    [{ PINYON_GATEWAY_OPEN: 'on', PINYON_IPFS: 'off' }, /PINYON_GATEWAY_OPEN=on has nobody to fetch from/],
    [{ PINYON_GATEWAY_OPEN_LIMITS: 'mib=0' }, /PINYON_GATEWAY_OPEN_LIMITS must be bound=number/],
    [{ PINYON_CONTACT: 'help@example.org' }, /PINYON_CONTACT must be an address/],
    [{ PINYON_CONTACT: 'javascript:alert(1)' }, /PINYON_CONTACT/],
    [{ PINYON_LOG: 'loud' }, /PINYON_LOG must be one of/],
  ]
  it.each(refused)('refuses %j in words that name the variable', (env, words) => {
    expect(() => read(env)).toThrow(ConfigError)
    expect(() => read(env)).toThrow(words)
  })

  it('bound the open mode, each bound by itself', () => {
    expect(read({ PINYON_GATEWAY_OPEN_LIMITS: 'blocks=7' }).gateway.open).toBeUndefined()
    expect(read({ PINYON_GATEWAY_OPEN: 'on', PINYON_GATEWAY_OPEN_LIMITS: 'blocks=7, seconds=9' }).gateway.open).toEqual(
      {
        cacheBytes: 1_073_741_824,
        fetches: 32,
        maxBytes: 2_147_483_648,
        maxBlocks: 7,
        maxDepth: 512,
        maxMs: 9_000,
      },
    )
  })

  it('never prints a secret', () => {
    const config = read({
      PINYON_DATABASE_URL: 'postgres://u:hunter22@h/d',
      PINYON_SETUP_TOKEN: 'canary-0123456789abcdef-xyz',
    })
    for (const text of [JSON.stringify(config), inspect(config, { depth: 9 }), String(config.setupToken)]) {
      expect(text).not.toMatch(/hunter22|canary/)
    }
    expect(config.setupToken?.reveal()).toBe('canary-0123456789abcdef-xyz')
    expect(new Secret('x').toString()).toBe('[secret]')
    expect(() => read({ PINYON_DATABASE_URL: 'mysql://u:hunter22@h/d' })).not.toThrow(/hunter22/)
    expect(() => read({ PINYON_SETUP_TOKEN: 'hunter22' })).not.toThrow(/hunter22/)
  })

  it('stand in docs/settings.md, each with its default', () => {
    const page = readFileSync(new URL('../../../../docs/settings.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| `(PINYON_\w+)` \| (.+?) \|/gm)]
    expect(rows.map(([, name = '']) => name).toSorted()).toEqual(settingNames.toSorted())
    const inForce = read()
    for (const [, name = '', shown = ''] of rows) {
      const value = /^`([^`]+)`$/.exec(shown)?.[1]
      // A default that stands there as a value changes nothing when it is set.
      if (value !== undefined) expect(read({ [name]: value }), name).toEqual(inForce)
    }
  })
})
