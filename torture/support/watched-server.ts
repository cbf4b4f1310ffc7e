import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sendRequest, type KeyValues } from '../../packages/server/test/support/app.ts'
import { keepLog } from './keep-log.ts'
import type { Watched } from './watch-preload.ts'

/** A server in a process of its own that tells what it holds. */
export interface WatchedServer {
  readonly pid: number
  readonly apiUrl: string
  readonly gatewayUrl: string
  readonly dataDir: string
  /** The first key; made once. */
  setUp(): Promise<KeyValues & { readonly accountId: string }>
  /** What it holds now, after a collection. */
  watch(): Promise<Watched>
  /** Lines of its log at the level of errors. */
  errors(): readonly string[]
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>
}

/** The server is gone, and nobody had ended it. */
export class ServerEnded extends Error {
  override readonly name = 'ServerEnded'
}

export const ownerEmail = 'owner@example.test'
export const ownerPassword = 'correct horse battery'

const main = join(import.meta.dirname, '../../packages/server/src/main.ts')
const preload = join(import.meta.dirname, 'watch-preload.ts')

/** Starts it on free ports with SQLite. Resolves when it is ready; rejects with what it printed when it ends before. */
export async function startWatchedServer(
  dataDir: string,
  { env = {}, imports = [], wrap = [] }: { env?: Record<string, string>; imports?: string[]; wrap?: string[] } = {},
): Promise<WatchedServer> {
  const command = [...wrap, process.execPath, ...[preload, ...imports].flatMap((file) => ['--import', file]), main]
  const child = spawn(command[0] ?? process.execPath, command.slice(1), {
    env: {
      PATH: process.env['PATH'],
      PINYON_DATA_DIR: dataDir,
      PINYON_API_LISTEN: '127.0.0.1:0',
      PINYON_GATEWAY_LISTEN: '127.0.0.1:0',
      PINYON_METRICS_LISTEN: 'off',
      PINYON_IPFS: 'off',
      // What is broken here is storage; a process less that holds files open when a disk is taken away.
      PINYON_GATEWAY_PROCESSES: '1',
      PINYON_RATE_LIMITS: 'off',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  keepLog(child)
  let output = ''
  const errors: string[] = []
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString().slice(0, 10_000)))
  const ready = Promise.withResolvers<{ api: string; gateway: string }>()
  if (child.stdout === null) throw new Error('its output is piped')
  createInterface(child.stdout).on('line', (line) => {
    if (line.includes('"msg":"ready"')) ready.resolve(JSON.parse(line) as { api: string; gateway: string }) // our own log
    if (line.includes('"level":50') || line.includes('"level":60')) errors.push(line)
  })
  child.once('exit', (code) => ready.reject(new Error(`it ended with ${String(code)}:\n${output}`)))
  const { api, gateway } = await ready.promise
  return {
    pid: child.pid ?? 0,
    apiUrl: api,
    gatewayUrl: gateway,
    dataDir,
    async setUp() {
      const token = (await readFile(join(dataDir, 'setup-token'), 'utf8')).trim()
      const { status, body } = await sendRequest(`${api}/pinyon/v1/setup`, 'POST', {
        json: { token, email: ownerEmail, password: ownerPassword },
      })
      if (status !== 201) throw new Error(`set-up answered ${status}: ${JSON.stringify(body)}`)
      return { ...body.key, accountId: body.account.id }
    },
    async watch() {
      const isOver = child.exitCode !== null || child.signalCode !== null
      if (isOver) throw new ServerEnded(`the server ended with ${child.exitCode ?? child.signalCode}`)
      const over = new AbortController()
      const { signal } = over
      const told = once(child, 'message', { signal }).then(([watched]) => watched as Watched) // what the preload sends
      const ended = once(child, 'exit', { signal }).then(([code, killed]) => {
        throw new ServerEnded(`the server ended with ${code ?? killed}`)
      })
      // A channel that is closed already: its end is on its way.
      child.send('watch', () => undefined)
      try {
        return await Promise.race([told, ended])
      } finally {
        // Whichever did not come is not waited for any more.
        over.abort()
        await Promise.allSettled([told, ended])
      }
    },
    errors: () => errors,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      child.kill('SIGTERM')
      await once(child, 'exit')
      return child.exitCode
    },
  }
}
