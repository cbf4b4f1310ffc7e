// What a fetch by bitswap costs: `node bench/fetch.ts [MiB] [rounds]`, 1,024 MiB and three rounds unless told. One Go
// peer (boxo) has the file; each way fetches it in a process of its own, one after another in each round, and its
// blocks stay in memory, but for Helia with blockstore-fs. Beside them a stream of libp2p with nothing on it. Then the
// Go peer fetches from this program (whole server, blocks in packs) and from Helia. Medians.
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openNodeKey } from '../packages/server/src/ipfs/node/node-key.ts'
import { type GoPeer, startGoPeer } from '../packages/server/test/support/go-peer.ts'
import { startPinyon } from './support/processes.ts'

const [mebibytes = 1024, rounds = 3] = process.argv.slice(2).map(Number)
const sizeBytes = mebibytes * 1024 ** 2
const client = fileURLToPath(new URL('support/fetch-client.ts', import.meta.url))

interface Figure {
  readonly seconds: number
  readonly cpuSeconds: number
}

const place = await mkdtemp(join(tmpdir(), 'pinyon-bench-'))
try {
  await fetching()
  await serving()
} finally {
  await rm(place, { recursive: true, force: true })
}

async function fetching(): Promise<void> {
  const go = await startGoPeer()
  const ways = ['pinyon', 'helia-memory', 'helia-fs', 'raw'] as const
  const figures = new Map<string, Figure[]>(ways.map((way) => [way, []]))
  try {
    const { cid } = await go.add(sizeBytes)
    for (let round = 0; round < rounds; round++) {
      for (const way of ways) {
        const dir = await mkdtemp(join(place, `${way}-`))
        figures.get(way)?.push(await runClient([way, go.addresses[0] ?? '', cid, String(sizeBytes), dir]))
        await rm(dir, { recursive: true })
      }
    }
  } finally {
    go.close()
  }
  const ours = median(figures.get('pinyon') ?? [], 'seconds')
  for (const way of ways) {
    const seconds = median(figures.get(way) ?? [], 'seconds')
    const ratio = (seconds / ours).toFixed(2)
    print(
      `fetch ${mebibytes} MiB, ${way}`,
      figures.get(way) ?? [],
      way === 'pinyon' ? '' : `, pinyon ${ratio} x as fast`,
    )
  }
}

async function serving(): Promise<void> {
  const figures: Figure[] = []
  const port = await freePort()
  const dir = join(place, 'server')
  const server = await startPinyon(dir, [], {
    PINYON_IPFS: 'embedded',
    PINYON_IPFS_LISTEN: `/ip4/127.0.0.1/tcp/${port}`,
  })
  try {
    const { cid, sha256 } = await upload(server.url, server.headers)
    const { peerId } = await openNodeKey(join(dir, 'keys'))
    for (let round = 0; round < rounds; round++) {
      const address = `/ip4/127.0.0.1/tcp/${port}/p2p/${peerId}`
      figures.push(await fetchByGo({ address, cid, sha256, cpuSeconds: async () => server.cpuSeconds() }))
    }
  } finally {
    await server.stop()
  }
  print(`serve ${mebibytes} MiB, pinyon`, figures)

  const helia: Figure[] = []
  const child = spawnClient(['serve-helia', '', '', String(sizeBytes)])
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]() // spawned with a pipe
  const read = async () => JSON.parse((await lines.next()).value ?? '{}') as Record<string, string> // what it prints
  try {
    const { address = '', cid = '', sha256 = '' } = await read()
    const cpuSeconds = async () => {
      child.stdin?.write('\n')
      return Number((await read())['cpuSeconds'])
    }
    for (let round = 0; round < rounds; round++) helia.push(await fetchByGo({ address, cid, sha256, cpuSeconds }))
  } finally {
    child.kill()
  }
  print(`serve ${mebibytes} MiB, helia-memory`, helia)
}

/** A new Go peer fetches the file and holds it against its hash; what the server used meanwhile. */
async function fetchByGo(from: {
  address: string
  cid: string
  sha256: string
  cpuSeconds: () => Promise<number>
}): Promise<Figure> {
  const go: GoPeer = await startGoPeer()
  try {
    await go.connect(from.address)
    const before = await from.cpuSeconds()
    const begun = performance.now()
    const { sha256 } = await go.fetch(from.cid, 600_000)
    const seconds = (performance.now() - begun) / 1000
    if (sha256 !== from.sha256) throw new Error('The Go peer read other bytes')
    return { seconds, cpuSeconds: (await from.cpuSeconds()) - before }
  } finally {
    go.close()
  }
}

async function upload(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ cid: string; sha256: string }> {
  const content = Buffer.alloc(sizeBytes)
  for (let at = 0; at < sizeBytes; at += 1024 ** 2) randomBytes(1024 ** 2).copy(content, at)
  const form = new FormData()
  form.append('network', 'public')
  form.append('file', new Blob([content]), 'file.bin')
  const reply = await fetch(`${url}/v3/files`, { method: 'POST', headers, body: form })
  const { data } = (await reply.json()) as { data: { cid: string } } // what an upload answers
  return { cid: data.cid, sha256: createHash('sha256').update(content).digest('hex') }
}

function spawnClient(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [client, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function runClient(args: readonly string[]): Promise<Figure> {
  const child = spawnClient(args)
  let printed = ''
  child.stdout?.on('data', (piece: Buffer) => (printed += piece.toString()))
  const [code] = (await once(child, 'close')) as [number | null] // the event's own type
  if (code !== 0) throw new Error(`${args[0]} ended with ${String(code)}`)
  return JSON.parse(printed) as Figure // what it prints
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  server.close()
  await once(server, 'close')
  return port
}

function median(figures: readonly Figure[], of: keyof Figure): number {
  const sorted = figures.map((figure) => figure[of]).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function print(name: string, figures: readonly Figure[], more = ''): void {
  const seconds = median(figures, 'seconds')
  const perGiB = (median(figures, 'cpuSeconds') / sizeBytes) * 1024 ** 3
  const rates = figures.map((figure) => Math.round(sizeBytes / 1e6 / figure.seconds)).join(' ')
  console.log(
    `${name}: ${Math.round(sizeBytes / 1e6 / seconds)} MB/s (${rates}), ${perGiB.toFixed(1)} CPU s/GiB${more}`,
  )
}
