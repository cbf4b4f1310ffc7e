// What uploads cost that nobody finishes (promises T136): 10,000 of a gigabyte each, with one byte sent, of which the account
// may have so many, or as many as it may have by default: `node bench/unfinished.ts [uploads]`, on both databases.
import { lstatSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startPostgres } from '../packages/server/test/support/postgres.ts'
import { type Server, startPinyon } from './support/processes.ts'

const count = Number(process.argv[2] ?? 10_000)
const clients = 32
const gigabyte = 1_000_000_000
const place = await mkdtemp(join(tmpdir(), 'pinyon-bench-'))
const postgres = await startPostgres()
const all = { PINYON_RATE_LIMITS: 'off', PINYON_UPLOADS_UNFINISHED: String(count) }

try {
  await measure('SQLite, all allowed', all)
  await measure('SQLite, 1,000 allowed', { PINYON_RATE_LIMITS: 'off' })
  await measure('PostgreSQL, all allowed', { ...all, PINYON_DATABASE_URL: await postgres.createDatabase() })
} finally {
  await postgres.stop()
  await rm(place, { recursive: true })
}

async function measure(name: string, env: Readonly<Record<string, string>>): Promise<void> {
  const dir = join(place, name)
  const server = await startPinyon(dir, [], env)
  try {
    const before = { disk: diskMb(dir), rss: server.rssMb() }
    const probe = startProbe(server)
    const began = performance.now()
    const { locations, statuses } = await beginAll(server)
    const seconds = (performance.now() - began) / 1_000
    const held = { disk: diskMb(dir), rss: server.rssMb() }
    const ended = performance.now()
    await together(locations, async (location) => {
      const headers = { ...server.headers, 'tus-resumable': '1.0.0' }
      const { status } = await fetch(location, { method: 'DELETE', headers })
      if (status !== 204) throw new Error(`giving an upload up answered ${status}`)
    })
    const worst = await probe.stop()
    console.log(
      `${name}: ${count} begun in ${seconds.toFixed(0)} s, ${JSON.stringify(statuses)}; ` +
        `disk +${(held.disk - before.disk).toFixed(0)} MB, RSS +${(held.rss - before.rss).toFixed(0)} MB; ` +
        `given up in ${((performance.now() - ended) / 1_000).toFixed(0)} s; another request waited ${worst.toFixed(0)} ms at most`,
    )
  } finally {
    await server.stop()
  }
}

/** Begins them all, each with one byte; how they were answered. */
async function beginAll({ url, headers }: Server): Promise<{ locations: string[]; statuses: Record<number, number> }> {
  const locations: string[] = []
  const statuses: Record<number, number> = {}
  await together(Array.from({ length: count }), async (_, i) => {
    const answer = await fetch(`${url}/v3/files`, {
      method: 'POST',
      headers: {
        ...headers,
        'tus-resumable': '1.0.0',
        'upload-length': String(gigabyte),
        'upload-metadata': `filename ${Buffer.from(`${i}.bin`).toString('base64')}`,
        'content-type': 'application/offset+octet-stream',
      },
      body: new Uint8Array([i % 256]),
    })
    await answer.arrayBuffer()
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
    const location = answer.headers.get('location')
    if (answer.status === 201 && location !== null) locations.push(location)
  })
  return { locations, statuses }
}

async function together<T>(items: readonly T[], act: (item: T, i: number) => Promise<void>): Promise<void> {
  const left = items.entries()
  const one = async () => {
    for (const [i, item] of left) await act(item, i)
  }
  await Promise.all(Array.from({ length: clients }, one))
}

/** Asks for something small again and again: the longest wait says how long the server's loop was held. */
function startProbe({ url }: Server): { stop(): Promise<number> } {
  let worst = 0
  let isOver = false
  const probing = (async () => {
    while (!isOver) {
      const asked = performance.now()
      await (await fetch(`${url}/health/live`)).arrayBuffer()
      worst = Math.max(worst, performance.now() - asked)
      await setTimeout(20)
    }
  })()
  return {
    async stop() {
      isOver = true
      await probing
      return worst
    },
  }
}

/** What the files of a directory take on the disk. */
function diskMb(dir: string): number {
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' })
  return files.reduce((sum, file) => sum + lstatSync(join(dir, file)).blocks * 512, 0) / 1_048_576
}
