// The queue of pins by CID: 100,000 of them queued by 1,000 accounts, half of them never answered for, fetched with the
// lanes and times of the program on SQLite: `npm run bench queue`. QUEUE_PINS, QUEUE_ACCOUNTS and QUEUE_SECONDS say
// otherwise. Tells how many accounts got something pinned, before and after a restart, how long a new pin takes that
// somebody has, and how long the event loop was held.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { insertInstallation } from '../packages/server/src/accounts/queries.ts'
import { openDiskPacks } from '../packages/server/src/blobs/disk.ts'
import { openDatabase } from '../packages/server/src/db/database.ts'
import { changePinCounts } from '../packages/server/src/files/pin-counts.ts'
import { type FileRow, insertFile } from '../packages/server/src/files/queries.ts'
import { type Cid, formatCid } from '../packages/server/src/ipfs/cid.ts'
import { sha256Multihash } from '../packages/server/src/ipfs/multihash.ts'
import { BlockMemory } from '../packages/server/src/ipfs/want-room.ts'
import { openJobs } from '../packages/server/src/jobs/jobs.ts'
import { createIdSource } from '../packages/server/src/lib/ids.ts'
import { openLog } from '../packages/server/src/lib/log.ts'
import { Denials } from '../packages/server/src/denials/denials.ts'
import { createMetrics } from '../packages/server/src/lib/metrics.ts'
import { BlocksInFlight } from '../packages/server/src/pins/blocks-in-flight.ts'
import { recoverPins } from '../packages/server/src/pins/recover.ts'
import { VerifiedBlocks } from '../packages/server/src/pins/verified-blocks.ts'
import { fetchPin } from '../packages/server/src/requests/fetch-pin.ts'
import { fetchTimes } from '../packages/server/src/requests/fetch-times.ts'
import { fetchJob } from '../packages/server/src/requests/queue-fetch.ts'
import { queuedPins } from '../packages/server/src/requests/queued-pins.ts'
import type { Services } from '../packages/server/src/services.ts'
import { Reservations } from '../packages/server/src/usage/reservations.ts'
import { ReachableHalf } from './support/reachable-half.ts'

const pins = Number(process.env['QUEUE_PINS'] ?? 100_000)
const accounts = Number(process.env['QUEUE_ACCOUNTS'] ?? 1_000)
const seconds = Number(process.env['QUEUE_SECONDS'] ?? 120)

const dir = await mkdtemp(join(tmpdir(), 'pinyon-bench-'))
const node = new ReachableHalf()
const clock = { now: () => Date.now() }
const newId = createIdSource(clock)
let made = 0

try {
  let place = await open()
  await queueAll(place)
  for (const run of ['before', 'after']) {
    const jobs = await startJobs(place)
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const newPins: number[] = []
    const until = performance.now() + (seconds * 1_000) / 2
    for (let i = 0; performance.now() < until; i++) {
      await wait(3_000)
      newPins.push(await timeNewPin(place, `new ${run} ${i}`))
    }
    delay.disable()
    await report(place, run, newPins, delay.max / 1e6)
    await jobs.close(0)
    await place.close()
    place = await open()
  }
  await place.close()
} finally {
  await rm(dir, { recursive: true })
}

async function open() {
  const db = await openDatabase({ kind: 'sqlite', file: join(dir, 'pinyon.db') }, { clock })
  await db.write((tx) => insertInstallation(tx, { id: 'installation', at: 1 }))
  const packs = await openDiskPacks({ dir: join(dir, 'packs'), writerId: `w${Date.now()}` })
  const log = openLog({ level: 'warn', readable: true })
  const ledger = {
    db,
    packs,
    clock,
    newId,
    // It is asked for nothing else here.
    node: node as unknown as Services['node'],
    denials: new Denials({ db, log }),
    log,
    metrics: createMetrics(),
    blocksInFlight: new BlocksInFlight(),
    verifiedBlocks: new VerifiedBlocks(),
    reservations: new Reservations(),
    installation: { id: 'installation', apiUrl: '', gatewayUrl: '' },
    async close() {
      await packs.close()
      await db.close()
    },
  }
  await recoverPins(ledger, { dir: join(dir, 'packs') })
  return ledger
}

type Place = Awaited<ReturnType<typeof open>>

function startJobs(place: Place) {
  const options = { memory: new BlockMemory(), times: fetchTimes }
  return openJobs({
    db: place.db,
    clock,
    log: place.log,
    handlers: {
      [fetchJob]: {
        lanes: { new: 16, newest: 4, retry: 32 },
        source: queuedPins({ deadlineMs: 86_400_000, newId }),
        attempts: Infinity,
        stopsAtOnce: true,
        run: (job, signal) => fetchPin(place, job, { signal, ...options }),
      },
    },
  })
}

async function queueAll(place: Place): Promise<void> {
  const began = performance.now()
  for (let account = 0; account < accounts; account++) {
    await place.db.write(async (tx) => {
      const row = { id: `a${account}`, name: '', email: '', created_at: 1, disabled_at: null, quota_bytes: null }
      await tx
        .insertInto('accounts')
        .values({ ...row, public_content: 'allowed' })
        .execute()
    })
  }
  for (let from = 0; from < pins; from += 200) {
    const slice = Array.from({ length: Math.min(200, pins - from) }, (_, i) => from + i)
    await Promise.all(
      slice.map((i) => {
        // All pins of an account stand together, as when one after another floods the queue.
        const account = `a${Math.floor((i / pins) * accounts)}`
        const root = i % 2 === 0 ? node.have(`pin ${i}`) : unknown(i)
        return ask(place, account, root)
      }),
    )
  }
  const tookS = (performance.now() - began) / 1_000
  console.log(`${pins} pins of ${accounts} accounts queued in ${tookS.toFixed(0)} s`)
}

function unknown(i: number): Cid {
  return { version: 1, codec: 0x55, multihash: sha256Multihash([Buffer.from(`nobody has ${i} ${dir}`)]) }
}

async function ask({ db }: Place, accountId: string, root: Cid): Promise<string> {
  const id = newId()
  const createdAt = clock.now() + made++
  const nothing = {
    pin_id: null,
    name: null,
    name_folded: null,
    group_id: null,
    created_by_key: null,
    expires_at: null,
  }
  const file: FileRow = {
    ...nothing,
    id,
    account_id: accountId,
    network: 1,
    state: 'waiting',
    source: 'cid',
    cid: formatCid(root),
    multihash: root.multihash,
    codec: root.codec,
    size_bytes: 0,
    number_of_files: 0,
    mime_type: '',
    created_at: createdAt,
    updated_at: createdAt,
    released_at: null,
    pin_status: 0,
    pin_policy: null,
    queued_origins: '[]',
  }
  await db.write(async (tx) => {
    await insertFile(tx, file)
    await changePinCounts(tx, accountId, [{ status: 0, createdAt, pins: 1 }])
  })
  return id
}

/** Seconds until a pin is pinned that comes now, from an account that has a hundred in the queue. */
async function timeNewPin(place: Place, text: string): Promise<number> {
  const began = performance.now()
  const id = await ask(place, 'a0', node.have(text))
  for (;;) {
    const row = await place.db.read.selectFrom('files').select('pin_status').where('id', '=', id).executeTakeFirst()
    if (row?.pin_status === 2) return (performance.now() - began) / 1_000
    await wait(50)
  }
}

async function report({ db }: Place, run: string, newPins: readonly number[], heldMs: number): Promise<void> {
  const rows = await db.read
    .selectFrom('pin_counts')
    .select(['account_id', 'pin_status', 'pins'])
    .where('level', '=', 3)
    .execute()
  const sum = (status: number) =>
    rows.filter(({ pin_status }) => pin_status === status).reduce((total, { pins: count }) => total + count, 0)
  const begun = new Set(rows.filter(({ pin_status, pins: n }) => pin_status > 0 && n > 0).map((row) => row.account_id))
  const held = new Set(rows.filter(({ pin_status, pins: n }) => pin_status === 2 && n > 0).map((row) => row.account_id))
  const slowest = Math.max(...newPins)
  console.log(
    `${run} a restart: ${sum(2)} pinned, ${sum(1)} looked for, ${sum(0)} queued; ${begun.size} accounts had a turn, ${held.size} have something pinned; ` +
      `${newPins.length} new pins took at most ${slowest.toFixed(1)} s; the loop was held for ${heldMs.toFixed(0)} ms at most`,
  )
}
