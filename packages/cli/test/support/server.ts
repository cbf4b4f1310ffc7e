import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { runCli, type CliRun } from './cli.ts'

const main = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url))

/** Password of the owner that `setUp` makes. */
export const ownerPassword = 'correct horse battery'

/** A server process in a directory of its own, and the command line that talks to it. */
export interface TestServer {
  readonly apiUrl: string
  readonly gatewayUrl: string
  readonly dataDir: string
  /** A new folder for the test's files; it goes with the server. */
  readonly workDir: string
  /** Runs `./pinyon` with a config directory of this server. */
  run(args: readonly string[], how?: { stdin?: string | Uint8Array; env?: Record<string, string> }): Promise<CliRun>
  /** As `run` with `--json`: what it printed, when it ended well. Throws otherwise. */
  json(args: readonly string[], how?: { stdin?: string | Uint8Array }): Promise<any> // oxlint-disable-line no-explicit-any -- tests look into results of every shape
  /** Sets up with the command line. */
  setUp(): Promise<CliRun>
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>
  /** Stops, and removes what is left. */
  close(): Promise<void>
}

/** Starts the program as a user has it run, on free ports. `env` are settings beside these; no IPFS network unless told. */
export async function startServer(env: Record<string, string> = {}): Promise<TestServer> {
  const workDir = await mkdtemp(join(tmpdir(), 'pinyon-cli-'))
  const dataDir = join(workDir, 'data')
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'],
      PINYON_GATEWAY_PROCESSES: '1',
      PINYON_DATA_DIR: dataDir,
      PINYON_API_LISTEN: '127.0.0.1:0',
      PINYON_GATEWAY_LISTEN: '127.0.0.1:0',
      PINYON_METRICS_LISTEN: 'off',
      PINYON_IPFS: 'off',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const urls = await Promise.race([
    readReady(child.stdout),
    once(child, 'exit').then(() => {
      throw new Error(`the server ended before it was ready:\n${printed}`)
    }),
  ])
  const run: TestServer['run'] = (args, { stdin, env: more } = {}) =>
    runCli(args, {
      cwd: workDir,
      stdin,
      env: {
        PINYON_CONFIG_DIR: join(workDir, 'config'),
        PINYON_DATA_DIR: dataDir,
        PINYON_API: urls.apiUrl,
        ...more,
      },
    })
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  return {
    ...urls,
    dataDir,
    workDir,
    run,
    async json(args, how) {
      const { code, stdout, stderr } = await run(['--json', ...args], how)
      if (code !== 0) throw new Error(`pinyon ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`)
      return JSON.parse(stdout) as unknown
    },
    setUp: () =>
      run(['setup', '--email', 'owner@example.test', '--password-stdin', '--data-dir', dataDir], {
        stdin: `${ownerPassword}\n`,
      }),
    stop,
    async close() {
      await stop()
      await rm(workDir, { recursive: true, force: true })
    },
  }
}

async function readReady(stdout: NodeJS.ReadableStream): Promise<{ apiUrl: string; gatewayUrl: string }> {
  for await (const line of createInterface({ input: stdout })) {
    if (!line.startsWith('{')) continue
    const { msg, api, gateway } = JSON.parse(line) as { msg?: string; api?: string; gateway?: string } // a line of the log
    if (msg !== 'ready' || api === undefined || gateway === undefined) continue
    stdout.resume()
    return { apiUrl: api, gatewayUrl: gateway }
  }
  throw new Error('the server closed its output before it was ready')
}
