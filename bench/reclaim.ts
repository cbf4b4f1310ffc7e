// How soon the bytes of unpinned content are back, and what uploads feel of it: `node bench/reclaim.ts [GiB [directory [whole]]]`.
// Files of 8 MiB lie in packs of 1 GiB; nine in ten are deleted at once, so that most packs have live blocks among the
// dead ones and are compacted; with `whole` those that came first, so that most packs die as a whole. Uploads of 16 KiB go on all the time, at a steady rate; their p99 before and meanwhile.
import { randomFillSync } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startPinyon } from './support/processes.ts'
import { SteadyUploads, type Times, uploadPrivate } from './support/steady-uploads.ts'

const [gibText = '2', directory = tmpdir(), how = 'scattered'] = process.argv.slice(2)
const fileBytes = 8 * 1024 * 1024
const files = Math.round((Number(gibText) * 1024 ** 3) / fileBytes)
const keptOf = 10
const uploadsPerSecond = 20
const calmMs = 20_000

const place = await mkdtemp(join(directory, 'pinyon-bench-'))
const dataDir = join(place, 'data')
const server = await startPinyon(dataDir)
try {
  const ids = await fill()
  const full = storedMb()
  const load = new SteadyUploads(server, uploadsPerSecond)
  const running = load.run()
  await setTimeout(calmMs)
  const before = load.take()
  const began = performance.now()
  const deleted = ids.filter((_, i) => (how === 'whole' ? i < ids.length * (1 - 1 / keptOf) : i % keptOf !== 0))
  await deleteAll(deleted)
  const deletedMs = performance.now() - began
  const liveMb = full * (1 - deleted.length / ids.length)
  // What is below the bound of dead bytes stays: up to half of a pack by design.
  const goalMb = liveMb + (full - liveMb) * 0.1
  let backMs: number | undefined
  for (const until = began + 180_000; performance.now() < until; await setTimeout(250)) {
    if (storedMb() > goalMb) continue
    backMs = performance.now() - began
    break
  }
  const meanwhile = load.take()
  await setTimeout(5_000)
  load.stop()
  await running
  report({ full, deletedMs, backMs, before, meanwhile, deleted: deleted.length })
} finally {
  await server.stop()
  await rm(place, { recursive: true, force: true })
}

function report(m: {
  full: number
  deletedMs: number
  backMs: number | undefined
  before: Times
  meanwhile: Times
  deleted: number
}): void {
  const seconds = (ms: number) => (ms / 1000).toFixed(1)
  const show = ({ count, p50, p99 }: Times) => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms of ${count}`
  console.log(`${m.full} MiB stored in ${files} files, ${m.deleted} of them deleted in ${seconds(m.deletedMs)} s`)
  console.log(
    m.backMs === undefined
      ? `nine tenths of their bytes were not back after 180 s: ${storedMb()} MiB are left`
      : `nine tenths of their bytes back after ${seconds(m.backMs)} s (${Math.round((m.full * 0.9) / (m.backMs / 1000))} MiB a second)`,
  )
  console.log(`uploads before:    ${show(m.before)}`)
  console.log(`uploads meanwhile: ${show(m.meanwhile)}`)
  console.log(`p99 rises by ${(((m.meanwhile.p99 - m.before.p99) / m.before.p99) * 100).toFixed(0)} %`)
}

async function fill(): Promise<string[]> {
  const ids: string[] = []
  const buffer = Buffer.alloc(fileBytes)
  for (let i = 0; i < files; i++) ids.push(await uploadPrivate(server, randomFillSync(buffer)))
  return ids
}

async function deleteAll(ids: readonly string[]): Promise<void> {
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

function storedMb(): number {
  const dir = join(dataDir, 'packs')
  const sizes = readdirSync(dir).map((name) => statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0)
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1024 ** 2)
}
