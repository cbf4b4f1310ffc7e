import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Load } from './upload-client.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A server under load, and what it costs. */
export interface Server {
  readonly url: string
  readonly gatewayUrl: string
  readonly headers: Readonly<Record<string, string>>
  /** Processor seconds used so far, by those that it started too. */
  cpuSeconds(): number
  /** Megabytes in memory now, of all together. */
  rssMb(): number
  /** Its processes. */
  pids(): number[]
  stop(): Promise<void>
}

/**
 * Starts this program on an empty directory, sets it up, and gives a key along. `under` is a command that runs it, such
 * as strace with its options; `env` are settings of its own.
 */
export async function startPinyon(
  dir: string,
  under: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const { child, url, gatewayUrl } = await spawnPinyon(dir, under, env)
  const token = (await readFile(join(dir, 'setup-token'), 'utf8')).trim()
  const reply = await fetch(`${url}/pinyon/v1/setup`, {
    method: 'POST',
    body: JSON.stringify({ token, email: 'bench@example.test', password: 'correct horse battery' }),
  })
  const { key } = (await reply.json()) as { key: { JWT: string } } // what set-up answers
  return { ...serverOf(child), url, gatewayUrl, headers: { authorization: `Bearer ${key.JWT}` } }
}

/** Starts this program on a directory as it is; resolves when it is ready. */
export async function restartPinyon(dir: string): Promise<Server> {
  const { child, url, gatewayUrl } = await spawnPinyon(dir, [])
  return { ...serverOf(child), url, gatewayUrl, headers: {} }
}

async function spawnPinyon(
  dir: string,
  under: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ child: ChildProcess; url: string; gatewayUrl: string }> {
  const main = [process.execPath, join(root, 'packages/server/src/main.ts')]
  const child = spawn(under[0] ?? process.execPath, [...under.slice(1), ...main.slice(under.length === 0 ? 1 : 0)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      PINYON_DATA_DIR: dir,
      PINYON_API_LISTEN: '127.0.0.1:0',
      PINYON_GATEWAY_LISTEN: '127.0.0.1:0',
      PINYON_METRICS_LISTEN: 'off',
      PINYON_IPFS: 'off',
      PINYON_LOG: 'info',
      ...env,
    },
  })
  const { api, gateway } = await new Promise<{ api: string; gateway: string }>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}`)))
    const lines = createInterface(child.stdout).on('line', (line) => {
      if (!line.includes('"ready"')) return
      resolve(JSON.parse(line) as { api: string; gateway: string }) // what the server logs when it is ready
      // What it logs of the load is taken and not looked at, which would cost as much as sending it.
      lines.close()
      child.stdout.resume()
    })
  })
  return { child, url: api, gatewayUrl: gateway }
}

/** Starts the Kubo at `IPFS_BIN` on an empty directory, offline; `isSynced`: flatfs syncs what it writes. */
export async function startKubo(bin: string, dir: string, isSynced: boolean): Promise<Server> {
  const env = { ...process.env, IPFS_PATH: dir }
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync(bin, args, { env })
    if (status !== 0) throw new Error(`ipfs ${args.join(' ')}: ${stderr.toString()}`)
  }
  run('init')
  run('config', 'Addresses.API', '/ip4/127.0.0.1/tcp/0')
  run('config', 'Addresses.Gateway', '/ip4/127.0.0.1/tcp/0')
  if (isSynced) {
    const file = join(dir, 'config')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replaceAll('"sync": false', '"sync": true'))
  }
  const child = spawn(bin, ['daemon', '--offline'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`Kubo ended with ${String(code)}`)))
    createInterface(child.stdout).on('line', (line) => line.includes('Daemon is ready') && resolve())
  })
  const address = (await readFile(join(dir, 'api'), 'utf8')).split('/')
  const gatewayUrl = (await readFile(join(dir, 'gateway'), 'utf8')).trim()
  return { ...serverOf(child), url: `http://${address[2]}:${address[4]}`, gatewayUrl, headers: {} }
}

/** A client in a process of its own. */
export class Client {
  readonly #child = fork(fileURLToPath(new URL('upload-client.ts', import.meta.url)))

  /** Sends the load; resolves with the seconds that took. */
  async send(load: Load): Promise<number> {
    const gone = new AbortController()
    const answered = once(this.#child, 'message', { signal: gone.signal })
    const ended = once(this.#child, 'exit', { signal: gone.signal }).then(() => {
      throw new Error('the client ended')
    })
    this.#child.send(load)
    try {
      const [answer] = await Promise.race([answered, ended])
      return (answer as { seconds: number }).seconds // what the client answers
    } finally {
      gone.abort()
      ended.catch(() => {}) // nobody waits for it any more
    }
  }

  stop(): void {
    this.#child.kill()
  }
}

function serverOf(child: ChildProcess): Pick<Server, 'cpuSeconds' | 'rssMb' | 'pids' | 'stop'> {
  const { pid = 0 } = child
  return {
    cpuSeconds: () => sum(treeOf(pid).map(cpuSecondsOf)),
    pids: () => treeOf(pid),
    rssMb: () => sum(treeOf(pid).map(rssMbOf)),
    async stop() {
      child.removeAllListeners('exit')
      const below = treeOf(pid).slice(1)
      child.kill('SIGTERM')
      await Promise.race([once(child, 'exit'), setTimeout(10_000)])
      child.kill('SIGKILL')
      // strace ends at once and leaves behind what it ran.
      for (const left of below.filter((id) => existsSync(`/proc/${id}`))) process.kill(left, 'SIGTERM')
    },
  }
}

/** A process and those that it started. */
function treeOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
  return [pid, ...children.filter((text) => text !== '').map(Number)]
}

function cpuSecondsOf(pid: number): number {
  // Fields 14 and 15 of proc(5): user and system time in hundredths of a second.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function rssMbOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0)
}
