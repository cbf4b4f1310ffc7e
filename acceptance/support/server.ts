import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The three values that a key's creation shows once. */
export interface KeyValues {
  readonly JWT: string
  readonly pinata_api_key: string
  readonly pinata_api_secret: string
}

/** A server process of this test, in a directory of its own. */
export interface TestServer {
  readonly apiUrl: string
  readonly gatewayUrl: string
  readonly dataDir: string
  readonly process: ChildProcess
  /** Everything the process has printed. */
  output(): string
  /** SIGTERM, and waits for the end. Answers the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL: what a crash does. */
  kill(): Promise<void>
}

/** How to start it. */
export interface StartOptions {
  /** Kept; without it a new one is made. */
  readonly dataDir?: string
  readonly env?: Readonly<Record<string, string>>
  readonly ports?: { readonly api: number; readonly gateway: number }
  /** A command that runs it, such as strace with its options. */
  readonly under?: readonly string[]
  /** Options of Node itself. */
  readonly node?: readonly string[]
}

/** Starts the program as a user would have it run, on free ports. Throws with its words when it ends before it is ready. */
export async function startServer(options: StartOptions = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'pinyon-acceptance-')))
  const [command, ...args] = [
    ...(options.under ?? []),
    process.execPath,
    ...(options.node ?? []),
    join(root, 'packages/server/src/main.ts'),
  ]
  const child = spawn(command, args, {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TMPDIR: process.env['TMPDIR'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      PINYON_DATA_DIR: dataDir,
      PINYON_API_LISTEN: `127.0.0.1:${options.ports?.api ?? 0}`,
      PINYON_GATEWAY_LISTEN: `127.0.0.1:${options.ports?.gateway ?? 0}`,
      PINYON_METRICS_LISTEN: 'off',
      PINYON_IPFS: 'off',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const collect = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const ready = await Promise.race([
    readReady(child),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the server ended with ${String(code)} before it was ready:\n${output}`)
    }),
  ])
  return {
    ...ready,
    dataDir,
    process: child,
    output: () => output,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      return child.exitCode
    },
    async kill() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    },
  }
}

async function readReady(child: ChildProcess): Promise<{ apiUrl: string; gatewayUrl: string }> {
  const stdout = child.stdout
  if (stdout === null) throw new Error('the server was started without a pipe')
  for await (const line of createInterface({ input: stdout })) {
    if (!line.startsWith('{')) continue
    const entry = JSON.parse(line) as { msg?: string; api?: string; gateway?: string } // a line of the log
    if (entry.msg === 'ready' && entry.api !== undefined && entry.gateway !== undefined) {
      stdout.resume()
      return { apiUrl: entry.api, gatewayUrl: entry.gateway }
    }
  }
  // Its end says more, with what it printed.
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  throw new Error('the server closed its output before it was ready')
}

/** Sets a new server up by the route that the console and the CLI use. Answers its first key. */
export async function setUp(server: TestServer): Promise<KeyValues> {
  const token = (await readFile(join(server.dataDir, 'setup-token'), 'utf8')).trim()
  const answer = await fetch(`${server.apiUrl}/pinyon/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, email: 'owner@example.test', password: 'correct horse battery' }),
  })
  const body = (await answer.json()) as { key: KeyValues } // the shape is what the tests go on to use
  if (answer.status !== 201) throw new Error(`set-up answered ${answer.status}: ${JSON.stringify(body)}`)
  return body.key
}

/** Removes what a server left on disk. */
export async function removeData(server: TestServer): Promise<void> {
  await rm(server.dataDir, { recursive: true, force: true })
}
