import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { openDatabase } from '../../packages/server/src/db/database.ts'
import { systemClock } from '../../packages/server/src/lib/clock.ts'
import { listStagings } from '../../packages/server/src/pins/queries.ts'
import { sendRequest } from '../../packages/server/test/support/app.ts'
import { makeMalformedWorld } from '../../packages/server/test/support/malformed/make-world.ts'
import { runMalformed } from '../../packages/server/test/support/malformed/run-malformed.ts'
import type { Rig, RigContext, RigResult } from '../rig.ts'
import {
  ownerEmail,
  ownerPassword,
  ServerEnded,
  startWatchedServer,
  type WatchedServer,
} from '../support/watched-server.ts'
import type { Watched } from '../support/watch-preload.ts'

const mebibyte = 1024 * 1024
const longestHoldMs = 250

/** Requests that are wrong in every way we could think of, over every route. */
export const malformed: Rig = {
  name: 'malformed',
  proves: 'No malformed request is answered by a fault of ours, holds others up, or leaves anything behind.',
  needs: [],
  run: (context) => torture(context, context.rounds ?? (context.profile === 'long' ? 50_000 : 2_000)),
  control: {
    does: 'a server that now and then holds the loop over JSON, or cannot write an answer',
    run: async (context) =>
      (await torture(context, 2_000, [join(import.meta.dirname, '../controls/break-json.mjs')])).violations,
  },
}

async function torture(context: RigContext, count: number, imports: string[] = []): Promise<RigResult> {
  const dataDir = join(context.dir, 'data')
  const server = await startWatchedServer(dataDir, { imports })
  const violations: string[] = []
  try {
    const key = await server.setUp()
    const { apiUrl, gatewayUrl } = server
    // What the requests name is used up by some of them, so each batch has a world of its own.
    const worldOf = (name: string) =>
      makeMalformedWorld({ apiUrl, gatewayUrl, key, email: ownerEmail, password: ownerPassword, name })
    const world = await worldOf('warm')
    // Its start is over; what held the loop then held nobody up.
    await server.watch()
    // What is made once (compiled schemas, statements, buffers) is no leak; the rest of memory comes back to this.
    const warm = Math.min(5_000, count)
    const began = performance.now()
    const reports = [await runMalformed(world, { seed: context.seed, to: warm, atOnce: 8 })]
    const before = await server.watch()
    context.log(`${warm} to warm up, RSS ${mib(before.rssBytes)}, then ${count}`)
    let held = before.longestHoldMs
    for (let from = warm; from < warm + count; from += 5_000) {
      const to = Math.min(from + 5_000, warm + count)
      reports.push(await runMalformed(await worldOf(String(from)), { seed: context.seed, from, to, atOnce: 8 }))
      const { longestHoldMs: longest, rssBytes, heapBytes } = await server.watch()
      held = Math.max(held, longest)
      context.log(`${to} sent, longest hold ${longest.toFixed(0)} ms, RSS ${mib(rssBytes)}, heap ${mib(heapBytes)}`)
    }
    const seconds = (performance.now() - began) / 1000
    violations.push(...reports.flatMap(({ problems }) => problems), ...server.errors())
    if (held > longestHoldMs) violations.push(`the event loop was held for ${held.toFixed(0)} ms of processor time`)
    violations.push(...(await leftBehind(server, key.accountId, before)))
    const after = await settledMemory(server, before)
    if (after.rssBytes - before.rssBytes > rssMayRise)
      violations.push(`RSS rose from ${mib(before.rssBytes)} to ${mib(after.rssBytes)}`)
    if (after.heapBytes - before.heapBytes > heapMayRise)
      violations.push(`the heap rose from ${mib(before.heapBytes)} to ${mib(after.heapBytes)}`)
    // As those of a world, on a connection of its own.
    const asked = { key, headers: { connection: 'close' } }
    if ((await sendRequest(`${apiUrl}/data/testAuthentication`, 'GET', asked)).status !== 200)
      violations.push('the key no longer works')
    const code = await server.stop()
    if (code !== 0) violations.push(`the server ended with ${String(code)}`)
    violations.push(...(await leftInTables(dataDir)))
    return {
      points: warm + count,
      violations,
      figures: {
        statuses: JSON.stringify(sumOf(reports.map(({ statuses }) => statuses))),
        'longest hold, ms of processor time': Math.round(held),
        'RSS before and after, MiB': `${mib(before.rssBytes)}, ${mib(after.rssBytes)}`,
        'heap before and after, MiB': `${mib(before.heapBytes)}, ${mib(after.heapBytes)}`,
        'requests per second': Math.round((warm + count) / seconds),
      },
    }
  } catch (error) {
    if (!(error instanceof ServerEnded)) throw error
    return { points: count, violations: [error.message, ...violations] }
  } finally {
    await server.stop()
  }
}

const rssMayRise = 64 * mebibyte
const heapMayRise = 32 * mebibyte

/** What it holds once that is back, or after a while: pages are given back some time after they are free. */
async function settledMemory(server: WatchedServer, before: Watched): Promise<Watched> {
  for (let tries = 0; ; tries++) {
    const now = await server.watch()
    const isBack = now.rssBytes - before.rssBytes <= rssMayRise && now.heapBytes - before.heapBytes <= heapMayRise
    if (isBack || tries === 30) return now
    await sleep(1_000)
  }
}

/** Sockets, descriptors and files that nobody asked to keep. */
async function leftBehind(
  server: WatchedServer,
  accountId: string,
  before: { descriptors: number; sockets: number },
): Promise<string[]> {
  const found: string[] = []
  const deadline = performance.now() + 60_000
  let now = await server.watch()
  // Files are opened for a moment by what the server does by itself.
  const isOpen = () => now.sockets > before.sockets + 2 || now.descriptors > before.descriptors + 16
  while (isOpen() && performance.now() < deadline) {
    await sleep(500)
    now = await server.watch()
  }
  if (now.sockets > before.sockets + 2) found.push(`${now.sockets} sockets are open, ${before.sockets} were`)
  if (now.descriptors > before.descriptors + 16)
    found.push(`${now.descriptors} descriptors are open, ${before.descriptors} were`)
  const strangers = async () => (await readdir(server.dataDir)).filter((name) => !known.test(name))
  let strange = await strangers()
  // A draft of the reserve for a full disk is there while it is written.
  while (strange.length > 0 && performance.now() < deadline) {
    await sleep(500)
    strange = await strangers()
  }
  if (strange.length > 0) found.push(`files are left of ${accountId}: ${strange.join(', ')}`)
  return found
}

/** Files of a data directory. */
const known =
  /^(keys|packs|lock\.db.*|(reclaim|node)\.lock|pinyon\.db.*|setup-token|writer.*|ledger.*|audit-head\.jws|reserve)$/

/** Uploads that nobody will go on with. */
async function leftInTables(dataDir: string): Promise<string[]> {
  const db = await openDatabase({ kind: 'sqlite', file: join(dataDir, 'pinyon.db') }, { clock: systemClock })
  try {
    const stagings = await listStagings(db.read)
    return stagings.length === 0 ? [] : [`${stagings.length} stagings are left`]
  } finally {
    await db.close()
  }
}

function sumOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const one of all) for (const [name, count] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + count
  return sums
}

function mib(bytes: number): number {
  return Math.round(bytes / mebibyte)
}
