import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { inject } from 'vitest'
import type { RoleName } from '../../src/config/config.ts'
import { type Answered, type Ask, type KeyValues, sendRequest } from './app.ts'
import { createDatabase } from './postgres.ts'

/** A process of an installation, as an operator would have it run. */
export interface Process {
  readonly apiUrl: string
  readonly gatewayUrl: string
  readonly child: ChildProcess
  /** What it has printed. */
  output(): string
  ask(method: string, path: string, ask?: Ask): Promise<Answered>
  /** SIGKILL: what a crash does. */
  kill(): Promise<void>
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>
}

/** One installation with a data directory that its processes share; several only on PostgreSQL. */
export interface Installation {
  readonly dataDir: string
  readonly databaseUrl: string
  /** Starts a process with these roles on free ports; resolves when it is ready. */
  start(roles: readonly RoleName[], env?: Record<string, string>): Promise<Process>
  /** Sets it up by a process that has the role `api`. */
  setUp(api: Process): Promise<KeyValues & { readonly accountId: string }>
  /** Kills what still runs and removes everything. */
  close(): Promise<void>
}

const main = join(import.meta.dirname, '../../src/main.ts')

/** Makes the place for an installation; nothing is started. On SQLite there is no address of a database. */
export async function makeInstallation(kind: 'postgres' | 'sqlite' = 'postgres'): Promise<Installation> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pinyon-processes-'))
  const databaseUrl = kind === 'postgres' ? await createDatabase(inject('postgresUrl')) : ''
  const started: Process[] = []
  return {
    dataDir,
    databaseUrl,
    async start(roles, env = {}) {
      const process = await startProcess({
        PINYON_DATA_DIR: dataDir,
        ...(kind === 'postgres' ? { PINYON_DATABASE_URL: databaseUrl } : {}),
        PINYON_ROLES: roles.join(','),
        ...env,
      })
      started.push(process)
      return process
    },
    async setUp(api) {
      const token = (await readFile(join(dataDir, 'setup-token'), 'utf8')).trim()
      const { status, body } = await api.ask('POST', '/pinyon/v1/setup', {
        json: { token, email: 'owner@example.test', password: 'correct horse battery' },
      })
      if (status !== 201) throw new Error(`set-up answered ${status}: ${JSON.stringify(body)}`)
      return { ...body.key, accountId: body.account.id }
    },
    async close() {
      await Promise.all(started.map((process) => process.kill()))
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function startProcess(env: Record<string, string>): Promise<Process> {
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'],
      PINYON_API_LISTEN: '127.0.0.1:0',
      PINYON_GATEWAY_LISTEN: '127.0.0.1:0',
      PINYON_METRICS_LISTEN: 'off',
      PINYON_IPFS: 'off',
      PINYON_GATEWAY_PROCESSES: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ready = Promise.withResolvers<{ api: string; gateway: string }>()
  createInterface(child.stdout).on('line', (line) => {
    output += `${line}\n`
    if (line.includes('"msg":"ready"')) ready.resolve(JSON.parse(line) as { api: string; gateway: string }) // our own log
  })
  child.once('exit', (code) => ready.reject(new Error(`it ended with ${String(code)}:\n${output}`)))
  const { api, gateway } = await ready.promise
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await once(child, 'exit')
    }
    return child.exitCode
  }
  return {
    apiUrl: api,
    gatewayUrl: gateway,
    child,
    output: () => output,
    ask: (method, path, ask) => sendRequest(`${api}${path}`, method, ask),
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  }
}
