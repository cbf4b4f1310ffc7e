// What a resumable upload costs beside one in a single request: `node bench/tus.ts [--in directory] [--pairs n]`. 1 GiB each
// way, one after the other on the same server, n times (3); the client runs in a process of its own. By TUS once in the
// chunks of Pinata's SDK (50 MiB and a byte) and once in a single PATCH.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, startPinyon } from './support/processes.ts'
import type { Load } from './support/upload-client.ts'

const GiB = 1024 ** 3
const args = process.argv.slice(2)
const option = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined)
const pairs = Number(option('--pairs') ?? 3)
const ways = {
  multipart: { kind: 'file' },
  'TUS, 50 MiB + 1': { kind: 'resumable', chunkBytes: 50 * 1024 * 1024 + 1 },
  'TUS, one PATCH': { kind: 'resumable' },
} as const satisfies Record<string, Partial<Load>>

const place = await mkdtemp(join(option('--in') ?? tmpdir(), 'pinyon-bench-'))
const client = new Client()
try {
  const server = await startPinyon(join(place, 'pinyon'))
  const seconds = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]))
  const grew = new Map<string, number>()
  for (let pair = 0; pair < pairs; pair++) {
    for (const [name, way] of Object.entries(ways)) {
      const rss = server.rssMb()
      let peak = rss
      const timer = setInterval(() => (peak = Math.max(peak, server.rssMb())), 20)
      const load = { ...way, amount: GiB, url: `${server.url}/v3/files`, headers: server.headers }
      seconds.get(name)?.push(await client.send(load))
      clearInterval(timer)
      grew.set(name, Math.max(grew.get(name) ?? 0, peak - rss))
    }
  }
  const multipart = seconds.get('multipart') ?? []
  for (const [name, all] of seconds) {
    const rate = Math.round(GiB / 1e6 / median(all))
    const ratio = median(all.map((each, i) => (multipart[i] ?? each) / each))
    const beside = name === 'multipart' ? '' : `${ratio.toFixed(2)} of multipart`
    console.log(`${name.padEnd(18)} ${rate} MB/s`.padEnd(32) + `RSS +${Math.round(grew.get(name) ?? 0)} MB   ${beside}`)
  }
  await server.stop()
} finally {
  client.stop()
  await rm(place, { recursive: true, force: true })
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
