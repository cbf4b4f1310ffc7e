// What reading by HTTP costs, whole and under load: `node bench/gateway.ts [seconds] [rounds]`, by wrk from 16
// connections. Beside it in the same run nginx with the same files, and with IPFS_BIN the gateway of a Kubo. What is
// asked for is in the cache of verified bytes, but where it says otherwise. Medians; each round has all of them in turn.
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatCid } from '../packages/server/src/ipfs/cid.ts'
import { startKubo, startPinyon, type Server } from './support/processes.ts'
import { startStaticNginx } from './support/static-nginx.ts'
import { loadWith, type Measured, requireWrk, scriptOver } from './support/wrk.ts'

const KiB = 1024
const MiB = 1024 * KiB
const [seconds = 3, rounds = 3] = process.argv
  .slice(2)
  .filter((arg) => /^\d+$/.test(arg))
  .map(Number)
const kuboBin = process.env['IPFS_BIN']
/** Twice what the caches of verified bytes of two processes hold. */
const largeSet = { files: 768, bytes: 256 * KiB }

type Files = readonly (readonly [name: string, bytes: Uint8Array])[]

requireWrk()
const place = await mkdtemp(join(tmpdir(), 'pinyon-bench-'))
const stops: (() => Promise<void>)[] = []
try {
  const pinyon = await startPinyon(join(place, 'pinyon'))
  stops.push(() => pinyon.stop())
  const kubo = kuboBin === undefined ? undefined : await startKubo(kuboBin, join(place, 'kubo'), false)
  if (kubo !== undefined) stops.push(() => kubo.stop())
  const files = join(place, 'files')
  await mkdir(files)
  await mkdir(join(place, 'nginx'))
  const nginx = await startStaticNginx(join(place, 'nginx'), files)
  if (nginx !== undefined) stops.push(() => nginx.stop())

  /** Gives the same bytes to all, and says where each has them. */
  const share = async (name: string, content: Files, isFolder = false) => {
    const [, bytes = new Uint8Array()] = content[0] ?? []
    if (!isFolder) await writeFile(join(files, name), bytes)
    const end = isFolder ? '/' : ''
    return {
      pinyon: `${pinyon.gatewayUrl}/ipfs/${await addTo(pinyon, content)}${end}`,
      ...(nginx === undefined || isFolder ? {} : { nginx: `${nginx.url}/${name}` }),
      ...(kubo === undefined
        ? {}
        : { kubo: `${kubo.gatewayUrl}/ipfs/${await addToKubo(kubo, content, isFolder)}${end}` }),
    }
  }
  const one = (bytes: number): Files => [['file.bin', randomBytes(bytes)]]
  const folder = (count: number): Files =>
    Array.from({ length: count }, (_, i) => [`folder/${i}.txt`, Buffer.from(`file ${i}`)] as const)
  const large = await share('10m', one(10 * MiB))
  await compare('1 KiB file', await share('1k', one(KiB)))
  await compare('100 KiB file', await share('100k', one(100 * KiB)))
  await compare('10 MiB file', large)
  await compare('100 kB range of 10 MiB', large, { range: 'bytes=5000000-5099999' })
  await compare('listing of 1,000 entries', await share('folder', folder(1_000), true))
  await unreachable('1 KiB file', pinyon)
  const opened = await startPinyon(join(place, 'opened'), [], { PINYON_GATEWAY_OPEN: 'on', PINYON_IPFS: 'embedded' })
  stops.push(() => opened.stop())
  await unreachable('1 KiB file in open mode', opened)
  await misses()
  await stream('CAR of a folder of 10,000 files', await share('many', folder(10_000), true), '?format=car', 5)
  await stream('1 GiB file', await share('1g', [['1g', Buffer.alloc(1024 * MiB, randomBytes(MiB + 1))]]), '', 3)

  async function compare(
    work: string,
    at: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<void> {
    const runs: Record<string, (Measured & { cpuUs: number })[]> = {}
    for (let round = 0; round < rounds; round++) {
      for (const [name, url] of Object.entries(at)) {
        await loadWith(url, { seconds: 1, headers })
        const cpu = pinyon.cpuSeconds()
        const measured = await loadWith(url, { seconds, headers })
        const cpuUs = ((pinyon.cpuSeconds() - cpu) / measured.requests) * 1e6
        ;(runs[name] ??= []).push({ ...measured, cpuUs })
      }
    }
    const median = (name: string, of: (run: Measured & { cpuUs: number }) => number) =>
      (runs[name] ?? []).map(of).toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0
    const ours = median('pinyon', ({ perSecond }) => perSecond)
    const rivals = ['nginx', 'kubo']
      .filter((name) => name in at)
      .map((name) => {
        const theirs = median(name, ({ perSecond }) => perSecond)
        return `, ${(ours / theirs).toFixed(2)} of ${name} (${Math.round(theirs)})`
      })
    const told = [
      `${Math.round(ours)} req/s`,
      `${Math.round(median('pinyon', ({ megabytesPerSecond }) => megabytesPerSecond))} MB/s`,
      `p99 ${median('pinyon', ({ p99Ms }) => p99Ms).toFixed(1)} ms`,
      `${Math.round(median('pinyon', ({ cpuUs }) => cpuUs))} us of processor each`,
    ]
    console.log(`${work}: ${told.join(', ')}${rivals.join('')}`)
  }

  /** What is here, while others ask for what is nowhere. */
  async function unreachable(work: string, server: Server): Promise<void> {
    const url = `${server.gatewayUrl}/ipfs/${await addTo(server, one(KiB))}`
    await loadWith(url, { seconds: 1 })
    const cids = Array.from({ length: 5_000 }, () =>
      formatCid({ version: 1, codec: 0x55, multihash: Buffer.concat([Buffer.from([0x12, 32]), randomBytes(32)]) }),
    )
    const began = performance.now()
    const asking = Promise.all(cids.map((cid) => answered(`${server.gatewayUrl}/ipfs/${cid}`)))
    const { perSecond, p99Ms } = await loadWith(url, { seconds })
    const statuses = new Map<number | undefined, number>()
    for (const status of await asking) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    const took = `${[...statuses].map(([status, count]) => `${count} x ${status}`).join(', ')} in ${((performance.now() - began) / 1000).toFixed(1)} s`
    console.log(
      `${work} during 5,000 requests for CIDs that nobody has (${took}): ${Math.round(perSecond)} req/s, p99 ${p99Ms.toFixed(1)} ms`,
    )
  }

  /** Every request reads the disk and hashes. */
  async function misses(): Promise<void> {
    const paths: string[] = []
    for (let i = 0; i < largeSet.files; i++) paths.push(`/ipfs/${await addTo(pinyon, one(largeSet.bytes))}`)
    const script = join(place, 'misses.lua')
    await writeFile(script, scriptOver(paths))
    await loadWith(pinyon.gatewayUrl, { seconds, script })
    const { perSecond, megabytesPerSecond, p99Ms } = await loadWith(pinyon.gatewayUrl, { seconds, script })
    console.log(
      `256 KiB files in turn, more than the caches hold: ${Math.round(perSecond)} req/s, ${Math.round(megabytesPerSecond)} MB/s, p99 ${p99Ms.toFixed(1)} ms`,
    )
  }

  /** One after another, each read as it comes, and what the server holds meanwhile. */
  async function stream(work: string, at: Record<string, string>, query: string, times: number): Promise<void> {
    const before = pinyon.rssMb()
    let most = before
    const timer = setInterval(() => (most = Math.max(most, pinyon.rssMb())), 50)
    const told: string[] = []
    for (const [name, address] of Object.entries(at)) {
      const url = `${address.replace(/\/$/, '')}${query}`
      await bytesOf(url)
      const began = performance.now()
      let bytes = 0
      for (let i = 0; i < times; i++) bytes += await bytesOf(url)
      told.push(`${name} ${Math.round(bytes / 1e3 / (performance.now() - began))} MB/s`)
    }
    clearInterval(timer)
    console.log(`${work}: ${told.join(', ')}; memory ${Math.round(before)} MB before, ${Math.round(most)} MB at most`)
  }
} finally {
  for (const stop of stops.toReversed()) await stop()
  await rm(place, { recursive: true, force: true })
}

async function addTo({ url, headers }: Server, files: Files): Promise<string> {
  const form = new FormData()
  form.append('network', 'public')
  for (const [name, bytes] of files) form.append('file', new Blob([Buffer.from(bytes)]), name)
  const reply = await fetch(`${url}/v3/files`, { method: 'POST', headers, body: form })
  if (!reply.ok) throw new Error(`the upload was answered ${reply.status}: ${await reply.text()}`)
  return ((await reply.json()) as { data: { cid: string } }).data.cid // what an upload answers
}

async function addToKubo({ url }: Server, files: Files, isFolder: boolean): Promise<string> {
  const form = new FormData()
  for (const [name, bytes] of files) form.append('file', new Blob([Buffer.from(bytes)]), encodeURIComponent(name))
  const options = 'cid-version=1&raw-leaves=true&chunker=size-262144&quieter=true&progress=false'
  const reply = await fetch(`${url}/api/v0/add?${options}`, { method: 'POST', body: form })
  const lines = (await reply.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { Name: string; Hash: string }) // a line for each
  const found = isFolder ? lines.find(({ Name }) => Name === 'folder') : lines.at(-1)
  if (found === undefined) throw new Error('Kubo answered without a CID')
  return found.Hash
}

function answered(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, (reply) => reply.resume().on('end', () => resolve(reply.statusCode))).on('error', reject)
  })
}

function bytesOf(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, (reply) => {
      let bytes = 0
      reply.on('data', (piece: Buffer) => (bytes += piece.length))
      reply.on('end', () => resolve(bytes)).on('error', reject)
    }).on('error', reject)
  })
}
