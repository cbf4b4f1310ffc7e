import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { inject } from 'vitest'
import { openApp, type App } from '../../src/app.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { NameSource } from '../../src/ipfs/names/names.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { openLog } from '../../src/lib/log.ts'
import { createDatabase } from './postgres.ts'
import { PresetNames } from './preset-names.ts'

/** Both databases, for `describe.each(databases)`. */
export const databases = ['sqlite', 'postgres'] as const

/** The three values that a key's creation shows once. */
export interface KeyValues {
  readonly JWT: string
  readonly pinata_api_key: string
  readonly pinata_api_secret: string
}

/** What came back: status, headers, and the body parsed where it is JSON. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: any // oxlint-disable-line no-explicit-any -- tests look into bodies of every shape
}

/** How a test asks. */
export interface Ask {
  /** A key, or just its JWT; left out: nobody asks. */
  readonly key?: KeyValues | string | undefined
  readonly json?: unknown
  readonly form?: FormData
  readonly body?: RequestInit['body']
  readonly headers?: Record<string, string>
}

/** The whole program in this process, over real HTTP, in a directory of its own. */
export interface TestApp {
  readonly app: App
  readonly services: App['services']
  readonly dataDir: string
  readonly apiUrl: string
  readonly gatewayUrl: string
  /** Everything that was logged. */
  log(): string
  ask(method: string, path: string, ask?: Ask): Promise<Answered>
  /** Sets the installation up. Answers the first key (admin and operator). */
  setUp(): Promise<KeyValues & { readonly accountId: string }>
  /** Makes a key with these permissions by Pinata's route. */
  makeKey(admin: KeyValues, permissions: unknown, more?: Record<string, unknown>): Promise<KeyValues>
  /** Makes a second account with its owner's key. */
  makeAccount(
    operator: KeyValues,
    name: string,
    more?: Record<string, unknown>,
  ): Promise<KeyValues & { readonly accountId: string }>
  /** Closes the program and opens it again on the same directory and database. */
  reopen(): Promise<void>
  close(): Promise<void>
}

/** Starts it. `env` are settings beside the directory (a new one unless given), the database and free ports. */
export async function startTestApp(
  options: {
    database?: (typeof databases)[number]
    env?: Record<string, string>
    clock?: Clock
    /** The folder of the console's build; left out: the one of this checkout. */
    consoleDir?: string
    dataDir?: string | undefined
    /** What names lead to; left out: nowhere. `system`: what the node, gateways and the DNS say. */
    nameSource?: NameSource | 'system'
    /** How many processes serve the gateway, this one among them. */
    gatewayProcesses?: number
  } = {},
): Promise<TestApp> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'pinyon-test-')))
  const databaseUrl = options.database === 'postgres' ? await createDatabase(inject('postgresUrl')) : undefined
  let logged = ''
  const log = openLog({
    level: 'info',
    readable: false,
    to: new Writable({
      write(chunk: Buffer, _encoding, done) {
        logged += chunk.toString()
        done()
      },
    }),
  })
  const config = readConfig(
    {
      PINYON_DATA_DIR: dataDir,
      PINYON_API_LISTEN: '127.0.0.1:0',
      PINYON_GATEWAY_LISTEN: '127.0.0.1:0',
      PINYON_METRICS_LISTEN: 'off',
      PINYON_IPFS: 'off',
      ...(databaseUrl === undefined ? {} : { PINYON_DATABASE_URL: databaseUrl }),
      ...options.env,
    },
    { cwd: dataDir, terminal: false },
  )
  const open = () =>
    openApp(config, log, {
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      ...(options.consoleDir === undefined ? {} : { consoleDir: options.consoleDir }),
      ...(options.nameSource === 'system' ? {} : { nameSource: options.nameSource ?? new PresetNames() }),
      ...(options.gatewayProcesses === undefined ? {} : { gatewayProcesses: options.gatewayProcesses }),
    })
  let app = await open()
  const test: TestApp = {
    get app() {
      return app
    },
    get services() {
      return app.services
    },
    dataDir,
    get apiUrl() {
      return app.services.installation.apiUrl
    },
    get gatewayUrl() {
      return app.services.installation.gatewayUrl
    },
    log: () => logged,
    ask: (method, path, ask) => sendRequest(`${app.services.installation.apiUrl}${path}`, method, ask),
    async setUp() {
      const token = (await readFile(join(dataDir, 'setup-token'), 'utf8')).trim()
      const { status, body } = await test.ask('POST', '/pinyon/v1/setup', {
        json: { token, email: 'owner@example.test', password: 'correct horse battery' },
      })
      if (status !== 201) throw new Error(`set-up answered ${status}: ${JSON.stringify(body)}`)
      return { ...body.key, accountId: body.account.id }
    },
    async makeKey(admin, permissions, more = {}) {
      const { status, body } = await test.ask('POST', '/v3/pinata/keys', {
        key: admin,
        json: { keyName: 'test key', permissions, ...more },
      })
      if (status !== 200) throw new Error(`key creation answered ${status}: ${JSON.stringify(body)}`)
      return body
    },
    async makeAccount(operator, name, more = {}) {
      const made = await test.ask('POST', '/pinyon/v1/accounts', {
        key: operator,
        json: { name, email: `${name}@example.test`, ...more },
      })
      if (made.status !== 201) throw new Error(`account creation answered ${made.status}: ${JSON.stringify(made.body)}`)
      const accepted = await test.ask('POST', '/pinyon/v1/invites/accept', {
        json: { token: made.body.invite.token, password: 'another horse battery' },
      })
      if (accepted.status !== 201)
        throw new Error(`the invite answered ${accepted.status}: ${JSON.stringify(accepted.body)}`)
      return { ...accepted.body.key, accountId: made.body.account.id }
    },
    async reopen() {
      await app.close()
      app = await open()
    },
    async close() {
      await app.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  return test
}

/** One request; the body is parsed where the answer says JSON. */
export async function sendRequest(
  url: string,
  method: string,
  { key, json, form, body, headers = {} }: Ask = {},
): Promise<Answered> {
  const jwt = typeof key === 'string' ? key : key?.JWT
  const sent = json === undefined ? (form ?? body) : JSON.stringify(json)
  const answer = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(jwt === undefined ? {} : { authorization: `Bearer ${jwt}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent === undefined || sent === null ? {} : { body: sent, duplex: 'half' }),
  })
  const text = isEndless(answer) ? await readBeginning(answer) : await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    body:
      // A line of NDJSON is JSON, all of it is not.
      /[/+]json\b/.test(answer.headers.get('content-type') ?? '') && text !== '' ? (JSON.parse(text) as unknown) : text,
  }
}

/** Live events go on until somebody leaves. */
function isEndless({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') === true
}

async function readBeginning({ body }: Response): Promise<string> {
  const reader = body?.getReader()
  const first = await reader?.read()
  await reader?.cancel()
  return first?.value === undefined ? '' : new TextDecoder().decode(first.value)
}
