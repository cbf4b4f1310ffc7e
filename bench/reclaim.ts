// How soon the bytes of unpinned content are back, and what uploads feel of it:
// `node bench/reclaim.ts [GiB [directory [scattered|whole [rounds]]]]`, 2 GiB in the folder for temporary files, scattered, 12 rounds unless told, 20 s each.
// Files of 8 MiB lie in packs of 1 GiB; nine in ten are deleted at once, so that most packs have live blocks among the
// dead ones and are compacted; with `whole` those that came first, so that most packs die as a whole. Uploads of 16 KiB
// go on all the time, at a steady rate; how long they take before, while files are deleted, and from then on until the bytes are back.
// What packs take is looked at equally often before and after, since that costs too. A phase of one round has too few
// uploads for a p99, so those of all rounds are taken together.
// Each round is a server of its own. Bytes count as back when neither a name nor an open descriptor of the server has them.
import { randomFillSync } from 'node:crypto'
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Server, startPinyon } from './support/processes.ts'
import { SteadyUploads, timeOf, type Times, uploadPrivate } from './support/steady-uploads.ts'

const [gibText = '2', directory = tmpdir(), how = 'scattered', roundsText = '12'] = process.argv.slice(2)
const fileBytes = 8 * 1024 * 1024
const files = Math.round((Number(gibText) * 1024 ** 3) / fileBytes)
const keptOf = 10
const uploadsPerSecond = 50
const calmMs = 10_000
const lookMs = 50
/** How long reclaim waits for further deletes, however much there is (`quietMs` of `pins/reclaimer.ts`). */
const quietSeconds = 0.25
/** More than uploads bring in `lookMs`: when packs grow or shrink by this, reclaim works. */
const workMb = 8
const patienceMs = 300_000
const phases = ['before', 'deleting', 'compacting'] as const
const goal = { bytes: 38e9, seconds: 60, rise: 0.1 }

interface Round {
  readonly storedMb: number
  readonly backMb: number
  readonly deletedSeconds: number
  /** From the first delete on until packs grew by copies or shrank; until nine tenths were back. */
  readonly beganSeconds: number
  readonly backSeconds: number
  readonly cpuSeconds: number
  readonly before: Times
  readonly deleting: Times
  readonly compacting: Times
}

const rounds: Round[] = []
for (let i = 0; i < Number(roundsText); i++) {
  const place = await mkdtemp(join(directory, 'pinyon-bench-'))
  const dataDir = join(place, 'data')
  const server = await startPinyon(dataDir)
  try {
    const round = await run(server, dataDir)
    rounds.push(round)
    console.log(`round ${i + 1}: ${words(round)}`)
  } finally {
    await server.stop()
    await rm(place, { recursive: true, force: true })
  }
}
summarise()

async function run(server: Server, dataDir: string): Promise<Round> {
  const ids: string[] = []
  const buffer = Buffer.alloc(fileBytes)
  for (let i = 0; i < files; i++) ids.push(await uploadPrivate(server, randomFillSync(buffer)))
  const full = heldMb(server, dataDir)
  const load = new SteadyUploads(server, uploadsPerSecond)
  const running = load.run()
  for (const end = performance.now() + calmMs; performance.now() < end; await setTimeout(lookMs))
    heldMb(server, dataDir)
  const before = await load.take()
  const calm = heldMb(server, dataDir)
  const cpuBefore = server.cpuSeconds()
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  const deleted = ids.filter((_, i) => (how === 'whole' ? i < ids.length * (1 - 1 / keptOf) : i % keptOf !== 0))
  await deleteAll(server, deleted)
  const deletedSeconds = seconds()
  const deleting = await load.take()
  const liveMb = full * (1 - deleted.length / ids.length)
  // What is below the bound of dead bytes stays: up to half of a pack by design.
  const goalMb = liveMb + (full - liveMb) * 0.1
  let beganSeconds: number | undefined
  for (let mb = full; mb > goalMb; mb = heldMb(server, dataDir)) {
    if (seconds() * 1000 > patienceMs) throw new Error(`after ${patienceMs} ms ${mb} MiB are left, wanted: ${goalMb}`)
    if (Math.abs(mb - calm) > workMb) beganSeconds ??= seconds()
    await setTimeout(lookMs)
  }
  const backSeconds = seconds()
  const compacting = await load.take()
  const cpuSeconds = server.cpuSeconds() - cpuBefore
  load.stop()
  await running
  const backMb = Math.round((full - liveMb) * 0.9)
  beganSeconds ??= backSeconds
  return { storedMb: full, backMb, deletedSeconds, beganSeconds, backSeconds, cpuSeconds, before, deleting, compacting }
}

async function deleteAll(server: Server, ids: readonly string[]): Promise<void> {
  const waiting = [...ids]
  const one = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const answer = await fetch(`${server.url}/v3/files/private/${id}`, { method: 'DELETE', headers: server.headers })
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`a file could not be deleted: ${answer.status}`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, one))
}

/** What packs take: those that have names, and those that the server still has open without one. */
function heldMb(server: Server, dataDir: string): number {
  const dir = join(dataDir, 'packs')
  let bytes = 0
  for (const name of readdirSync(dir)) bytes += sizeOf(join(dir, name))
  for (const pid of server.pids()) {
    const fds = join('/proc', String(pid), 'fd')
    for (const fd of readdirSync(fds)) {
      const target = linkOf(join(fds, fd))
      if (target.startsWith(dir) && target.endsWith(' (deleted)')) bytes += sizeOf(join(fds, fd))
    }
  }
  return Math.round(bytes / 1024 ** 2)
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** Descriptors come and go while they are looked at. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function words(round: Round): string {
  return [
    `${round.backMb} of ${round.storedMb} MiB back after ${round.backSeconds.toFixed(1)} s`,
    `deletes ${round.deletedSeconds.toFixed(1)} s, seen at work after ${round.beganSeconds.toFixed(1)} s`,
    `${round.cpuSeconds.toFixed(1)} s of processor`,
    ...phases.map((name) => `${name} ${show(round[name])}`),
  ].join('; ')
}

function show(times: Times): string {
  const [p50, p95, p99, most] = [0.5, 0.95, 0.99, 1].map((share) => timeOf(times, share).toFixed(1))
  return `p50 ${p50} p95 ${p95} p99 ${p99} most ${most} ms of ${times.length}`
}

function summarise(): void {
  const median = (of: (round: Round) => number) => rounds.map(of).toSorted((a, b) => a - b)[rounds.length >> 1] ?? NaN
  const back = median(({ backSeconds }) => backSeconds)
  // The wait comes once; deleting, collecting, copying and freeing come as often as there are bytes.
  const wait = median(({ beganSeconds, deletedSeconds }) =>
    Math.min(quietSeconds, Math.max(0, beganSeconds - deletedSeconds)),
  )
  const times = ((goal.bytes / 1024 ** 2) * (1 - 1 / keptOf)) / median(({ backMb }) => backMb)
  const deletes = median(({ deletedSeconds }) => deletedSeconds)
  const work = back - wait - deletes
  console.log(`\nmedians of ${rounds.length} rounds, ${how}, ${gibText} GiB in files of ${fileBytes / 1024 ** 2} MiB`)
  console.log(
    `nine tenths of the dead bytes back after ${back.toFixed(1)} s: deletes ${deletes.toFixed(2)}, wait ${wait.toFixed(2)}, work ${work.toFixed(2)}`,
  )
  const all = [deletes * times, wait, work * times]
  const [deletes38, , work38] = all.map((seconds) => seconds.toFixed(1))
  const total = all.reduce((sum, seconds) => sum + seconds, 0)
  console.log(
    `38 GB would take ${total.toFixed(0)} s, wanted: ${goal.seconds}; that is ${times.toFixed(1)} times the deletes (${deletes38}) and the work (${work38}), and the wait once`,
  )
  console.log(`uploads of 16 KiB, ${uploadsPerSecond} a second; wanted: p99 rises by less than ${goal.rise * 100} %`)
  const together = (name: (typeof phases)[number]) =>
    rounds.flatMap((round) => [...round[name]]).toSorted((a, b) => a - b)
  const calm = timeOf(together('before'), 0.99)
  for (const name of phases) {
    const p99 = timeOf(together(name), 0.99)
    console.log(`  ${name.padEnd(10)} ${show(together(name))} (p99 ${(((p99 - calm) / calm) * 100).toFixed(0)} %)`)
  }
}
