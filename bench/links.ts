// How many upload links are signed a second, each durable, on both databases: `npm run bench links`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../packages/server/test/support/postgres.ts'
import { accept } from './support/accept-pins.ts'
import { startPinyon } from './support/processes.ts'

const clients = 32
const seconds = 5
const place = await mkdtemp(join(tmpdir(), 'pinyon-bench-'))
const postgres = await startPostgres()

try {
  console.log(`${clients} clients, POST /v3/files/sign with bounds, ${seconds} s`)
  await measure('SQLite', {})
  await measure('PostgreSQL', { PINYON_DATABASE_URL: await postgres.createDatabase() })
} finally {
  await postgres.stop()
  await rm(place, { recursive: true })
}

async function measure(name: string, env: Readonly<Record<string, string>>): Promise<void> {
  const server = await startPinyon(join(place, name), [], env)
  try {
    const load = {
      url: `${server.url}/v3/files/sign`,
      authorizations: [server.headers['authorization'] ?? ''],
      clients,
      body: JSON.stringify({
        expires: 600,
        network: 'private',
        filename: 'photo.jpg',
        keyvalues: { user: '17' },
        max_file_size: 5_000_000,
        allow_mime_types: ['image/*'],
      }),
    }
    await accept({ ...load, seconds: 2 })
    const before = server.cpuSeconds()
    const { accepted, seconds: took, p50Ms, p99Ms } = await accept({ ...load, seconds })
    const cpu = ((server.cpuSeconds() - before) * 1e6) / accepted
    console.log(
      `${name}: ${(accepted / took).toFixed(0)} links/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ${cpu.toFixed(0)} µs of processor each`,
    )
  } finally {
    await server.stop()
  }
}
