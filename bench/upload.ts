// What uploads over HTTP cost: `node bench/upload.ts [file] [folder] [json] [--in directory]`. The client runs in a
// process of its own. Beside ours, in the same run: the disk itself, the JavaScript importer with blockstore-fs, and
// with IPFS_BIN a Kubo by RPC. Median of five pairs. What the disk is asked for is one plain loop: 1 GiB into a file that
// stays until the end, as uploads do (a file that is removed and written again finds its pages in memory, and says
// several times what a disk can do for files that are kept), buffered and past the page cache.
import { randomBytes, randomFillSync } from 'node:crypto'
import { closeSync, constants, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FsBlockstore } from 'blockstore-fs'
import { importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { Client, startKubo, startPinyon, type Server } from './support/processes.ts'
import type { Load } from './support/upload-client.ts'

const pairs = 5
const GiB = 1024 ** 3
const args = process.argv.slice(2)
const inAt = args.indexOf('--in')
const base = inAt === -1 ? tmpdir() : (args[inAt + 1] ?? tmpdir())
const asked = args.filter((arg) => ['file', 'folder', 'json'].includes(arg))
const isAsked = (name: string) => asked.length === 0 || asked.includes(name)
const kuboBin = process.env['IPFS_BIN']

const place = await mkdtemp(join(base, 'pinyon-bench-'))
const client = new Client()
try {
  const pinyon = await startPinyon(join(place, 'pinyon'))
  const kubo = kuboBin === undefined ? undefined : await startKubo(kuboBin, join(place, 'kubo'), false)
  const synced = kuboBin === undefined ? undefined : await startKubo(kuboBin, join(place, 'kubo-synced'), true)
  const rivals = { kubo, 'kubo, synced': synced }
  const add = '/api/v0/add?cid-version=1&raw-leaves=true&chunker=size-262144&quieter=true&progress=false'
  if (isAsked('file')) {
    const load = { kind: 'file', amount: GiB } as const
    await compare('1 GiB, v3 multipart, CIDv1', 'MB/s', GiB / 1e6, {
      pinyon: upload(pinyon, { ...load, url: '/v3/files' }),
      ...kubos(rivals, { ...load, url: add }),
      'importer + blockstore-fs': importToFiles,
      'disk, buffered': writeAndSync(0),
      ...(process.platform === 'linux' ? { 'disk, direct': writeAndSync(constants.O_DIRECT) } : {}),
    })
  }
  if (isAsked('folder')) {
    const load = { kind: 'folder', amount: 10_000 } as const
    await compare('10,000 files of 2 KiB in one folder', 'files/s', 10_000, {
      pinyon: upload(pinyon, { ...load, url: '/v3/files' }),
      ...kubos(rivals, { ...load, url: `${add}&wrap-with-directory=true` }),
    })
    await compare('100,000 files of 2 KiB in one folder', 'files/s', 100_000, {
      pinyon: upload(pinyon, { kind: 'folder', amount: 100_000, url: '/v3/files' }),
    })
  }
  if (isAsked('json')) {
    const load = { kind: 'small', clients: 16 } as const
    await compare('4 KiB JSON, 16 clients', 'pins/s', undefined, {
      pinyon: upload(pinyon, { ...load, amount: 10_000, as: 'json', url: '/pinning/pinJSONToIPFS' }),
      ...kubos(rivals, { ...load, amount: 3_000, as: 'form', url: add }),
      'disk, 4 KiB and a sync': syncs,
    })
  }
  await pinyon.stop()
  await kubo?.stop()
  await synced?.stop()
} finally {
  client.stop()
  await rm(place, { recursive: true, force: true })
}

/** One run of one way. */
interface Run {
  readonly seconds: number
  /** How much was done when that is not the same for all ways. */
  readonly amount?: number
  readonly cpuSeconds?: number
  /** How much memory grew at most while it ran. */
  readonly grewMb?: number
}

type Way = () => Promise<Run> | Run

function upload(server: Server, load: Omit<Load, 'headers'>): Way {
  return async () => {
    const cpu = server.cpuSeconds()
    const rss = server.rssMb()
    let peak = rss
    const timer = setInterval(() => (peak = Math.max(peak, server.rssMb())), 20)
    const seconds = await client.send({ ...load, url: server.url + load.url, headers: server.headers })
    clearInterval(timer)
    return { seconds, amount: load.amount, cpuSeconds: server.cpuSeconds() - cpu, grewMb: peak - rss }
  }
}

function kubos(servers: Record<string, Server | undefined>, load: Omit<Load, 'headers'>): Record<string, Way> {
  return Object.fromEntries(
    Object.entries(servers).flatMap(([name, server]) => (server === undefined ? [] : [[name, upload(server, load)]])),
  )
}

async function importToFiles(): Promise<Run> {
  const dir = join(place, 'importer')
  const blocks = new FsBlockstore(dir)
  await blocks.open()
  const source = randomBytes(16 * 1024 * 1024)
  const content = (function* () {
    for (let at = 0; at < GiB; at += 65_536) {
      const piece = Buffer.from(source.subarray(at % source.length, (at % source.length) + 65_536))
      piece.writeDoubleLE(at + Math.random())
      yield piece
    }
  })()
  const options = { cidVersion: 1, rawLeaves: true, chunker: fixedSize({ chunkSize: 262_144 }) } as const
  const cpu = process.cpuUsage()
  const began = performance.now()
  for await (const _ of importer([{ content }], blocks, options));
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  await blocks.close()
  await rm(dir, { recursive: true })
  return { seconds, cpuSeconds: (user + system) / 1e6 }
}

/** Written in pieces of 1 MiB, from memory that begins at a page, which direct writes ask for. */
function writeAndSync(flag: number): Way {
  const source = new Uint8Array(new WebAssembly.Memory({ initial: 256 }).buffer)
  randomFillSync(source)
  return () =>
    inFile(flag, (fd) => {
      for (let at = 0; at < GiB; at += 1024 * 1024) writeSync(fd, source, at % source.length, 1024 * 1024)
      fdatasyncSync(fd)
      return GiB / 1e6
    })
}

function syncs(): Run {
  const source = randomBytes(4096)
  return inFile(0, (fd) => {
    for (let i = 0; i < 2_000; i++) {
      writeSync(fd, source)
      fdatasyncSync(fd)
    }
    return 2_000
  })
}

function inFile(flag: number, work: (fd: number) => number): Run {
  const fd = openSync(
    join(place, `plain-${randomBytes(8).toString('hex')}`),
    constants.O_WRONLY | constants.O_CREAT | flag,
  )
  const cpu = process.cpuUsage()
  const began = performance.now()
  const amount = work(fd)
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  closeSync(fd)
  return { seconds, amount, cpuSeconds: (user + system) / 1e6 }
}

/** Runs all ways one after the other, five times, and prints medians and the median of the ratios to ours. */
async function compare(title: string, unit: string, amount: number | undefined, ways: Record<string, Way>) {
  const runs = new Map<string, Run[]>(Object.keys(ways).map((name) => [name, []]))
  for (let pair = 0; pair < pairs; pair++) {
    for (const [name, way] of Object.entries(ways)) runs.get(name)?.push(await way())
  }
  console.log(`\n${title}`)
  const rate = (run: Run) => (amount ?? run.amount ?? 0) / run.seconds
  const ours = runs.get('pinyon') ?? []
  for (const [name, all] of runs) {
    const cpu = median(all.map(({ cpuSeconds }) => cpuSeconds ?? 0))
    const grew = Math.max(...all.map(({ grewMb }) => grewMb ?? 0))
    const ratio = median(all.map((run, i) => rate(ours[i] ?? run) / rate(run)))
    console.log(
      `  ${name.padEnd(26)} ${Math.round(median(all.map(rate)))} ${unit}`.padEnd(46) +
        (cpu > 0 ? `${cpu.toFixed(2)} CPU s` : '').padEnd(14) +
        (grew > 0 ? `RSS +${Math.round(grew)} MB` : '').padEnd(14) +
        (name === 'pinyon' ? '' : `pinyon is ${ratio.toFixed(2)} x`),
    )
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
