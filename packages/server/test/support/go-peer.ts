import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('./go-peer/', import.meta.url))

/** A peer of another implementation (boxo on go-libp2p), in a process of its own, on loopback. */
export interface GoPeer {
  readonly peerId: string
  /** TCP first, then WebSocket. */
  readonly addresses: readonly string[]
  /** Makes a file of random bytes that only it has. */
  add(size: number, options?: { seed?: number; chunk?: number }): Promise<{ cid: string; sha256: string }>
  /** Gives it one block. */
  put(cid: string, bytes: Uint8Array): Promise<void>
  connect(address: string): Promise<void>
  /** Leaves everybody. */
  disconnect(): Promise<void>
  /** Reads a whole file from who is connected. Rejects when it cannot in time. */
  fetch(cid: string, ms: number): Promise<{ size: number; sha256: string }>
  /** Fetches one block from who is connected. Rejects when it cannot in time. */
  block(cid: string, ms: number): Promise<Uint8Array>
  peers(): Promise<string[]>
  /** Seconds of CPU that the process has used. */
  cpuSeconds(): Promise<number>
  close(): void
}

/** Builds the program when its source is not what was built last, and starts it. */
export async function startGoPeer(): Promise<GoPeer> {
  const child = spawn(build(), { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const read = async () => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('The Go peer ended')
    const answer = JSON.parse(value) as Record<string, any> // oxlint-disable-line no-explicit-any -- each command answers its own
    if (answer['error'] !== undefined) throw new Error(answer['error'])
    return answer
  }
  const started = await read()
  // One after another: answers come in the order of the commands.
  let last: Promise<unknown> = Promise.resolve()
  const ask = (command: Record<string, unknown>) => {
    const answer = last.then(() => {
      child.stdin.write(`${JSON.stringify(command)}\n`)
      return read()
    })
    last = answer.catch(() => undefined)
    return answer
  }
  return {
    peerId: started['peerId'],
    addresses: (started['addresses'] as string[]).toSorted((a, b) => a.length - b.length),
    add: async (size, options = {}) => {
      const { cid, sha256 } = await ask({ do: 'add', size, seed: 1, ...options })
      return { cid, sha256 }
    },
    put: async (cid, bytes) => void (await ask({ do: 'put', cid, bytes: Buffer.from(bytes).toString('base64') })),
    connect: async (address) => void (await ask({ do: 'connect', address, ms: 10_000 })),
    disconnect: async () => void (await ask({ do: 'disconnect' })),
    fetch: async (cid, ms) => {
      const { size, sha256 } = await ask({ do: 'fetch', cid, ms })
      return { size, sha256 }
    },
    block: async (cid, ms) => Buffer.from((await ask({ do: 'block', cid, ms }))['bytes'], 'base64'),
    peers: async () => (await ask({ do: 'peers' }))['peers'],
    cpuSeconds: async () => (await ask({ do: 'cpu' }))['seconds'],
    close: () => void child.kill(),
  }
}

/** Where the program is, built from the modules that `go.sum` names. */
function build(): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(source).toSorted()) hash.update(readFileSync(join(source, name)))
  const folder = join(tmpdir(), 'pinyon-go-peer')
  const program = join(folder, hash.digest('hex').slice(0, 16))
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  const built = `${program}.${process.pid}`
  const { status, stderr, error } = spawnSync('go', ['build', '-o', built, '.'], {
    cwd: source,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The Go peer could not be built: ${error?.message ?? stderr}`)
  renameSync(built, program)
  return program
}
