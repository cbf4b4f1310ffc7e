// How soon the bytes of unpinned content are back, and what uploads feel of it:
// `node bench/reclaim.ts [GiB [directory [scattered|whole [rounds]]]]`, 2 GiB in the folder for temporary files, scattered, 3 rounds unless told.
// Files of 8 MiB lie in packs of 1 GiB; nine in ten are deleted at once, so that most packs have live blocks among the
// dead ones and are compacted; with `whole` those that came first, so that most packs die as a whole. Uploads of 16 KiB
// go on all the time, at a steady rate; how long they take before, while files are deleted, and from then on until the bytes are back.
// Each round is a server of its own. Bytes count as back when neither a name nor an open descriptor of the server has them.
import { randomFillSync } from 'node:crypto'
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Server, startPinyon } from './support/processes.ts'
import { SteadyUploads, timeOf, type Times, uploadPrivate } from './support/steady-uploads.ts'

const [gibText = '2', directory = tmpdir(), how = 'scattered', roundsText = '3'] = process.argv.slice(2)
const fileBytes = 8 * 1024 * 1024
const files = Math.round((Number(gibText) * 1024 ** 3) / fileBytes)
const keptOf = 10
const uploadsPerSecond = 20
const calmMs = 20_000
const patienceMs = 300_000
const phases = ['before', 'deleting', 'compacting'] as const
const goal = { bytes: 38e9, seconds: 60, rise: 0.1 }

interface Round {
  readonly storedMb: number
  readonly backMb: number
  readonly deletedSeconds: number
  /** From the first delete on until the first bytes were back; until nine tenths were. */
  readonly firstSeconds: number
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
  await setTimeout(calmMs)
  const before = await load.take()
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
  let firstSeconds: number | undefined
  for (let mb = full; mb > goalMb; mb = heldMb(server, dataDir)) {
    if (seconds() * 1000 > patienceMs) throw new Error(`after ${patienceMs} ms ${mb} MiB are left, wanted: ${goalMb}`)
    // Uploads and copies add to it meanwhile, but less.
    if (mb < full) firstSeconds ??= seconds()
    await setTimeout(50)
  }
  const backSeconds = seconds()
  const compacting = await load.take()
  const cpuSeconds = server.cpuSeconds() - cpuBefore
  load.stop()
  await running
  const backMb = Math.round((full - liveMb) * 0.9)
  firstSeconds ??= backSeconds
  return { storedMb: full, backMb, deletedSeconds, firstSeconds, backSeconds, cpuSeconds, before, deleting, compacting }
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
    `deletes ${round.deletedSeconds.toFixed(1)} s, first bytes after ${round.firstSeconds.toFixed(1)} s`,
    `${round.cpuSeconds.toFixed(1)} s of processor`,
    ...phases.map((name) => `${name} ${show(round[name])}`),
  ].join('; ')
}

function show(times: Times): string {
  return `p50 ${timeOf(times, 0.5).toFixed(1)} p99 ${timeOf(times, 0.99).toFixed(1)} ms of ${times.length}`
}

function summarise(): void {
  const median = (of: (round: Round) => number) => rounds.map(of).toSorted((a, b) => a - b)[rounds.length >> 1] ?? NaN
  const back = median(({ backSeconds }) => backSeconds)
  const first = median(({ firstSeconds }) => firstSeconds)
  const rate = median(({ backMb, backSeconds }) => backMb / backSeconds)
  // The first pack is back by then; what comes behind it comes at this rate, however much there is.
  const goalMb = (goal.bytes / 1024 ** 2) * (1 - 1 / keptOf)
  console.log(`\nmedians of ${rounds.length} rounds, ${how}, ${gibText} GiB in files of ${fileBytes / 1024 ** 2} MiB`)
  console.log(`nine tenths of the dead bytes back after ${back.toFixed(1)} s, first ones after ${first.toFixed(1)} s`)
  console.log(
    `${Math.round(rate)} MiB a second; 38 GB would take ${Math.round(goalMb / rate)} s, wanted: ${goal.seconds}`,
  )
  const calm = median(({ before }) => timeOf(before, 0.99))
  console.log(`uploads of 16 KiB, ${uploadsPerSecond} a second; wanted: p99 rises by less than ${goal.rise * 100} %`)
  for (const name of phases) {
    const all = rounds.flatMap((round) => [...round[name]]).toSorted((a, b) => a - b)
    const p99 = median((round) => timeOf(round[name], 0.99))
    const rise = ((p99 - calm) / calm) * 100
    const p50 = median((round) => timeOf(round[name], 0.5)).toFixed(1)
    console.log(
      `  ${name.padEnd(10)} p50 ${p50}, p99 ${p99.toFixed(1)} ms (${rise.toFixed(0)} %); all rounds together ${show(all)}`,
    )
  }
}
