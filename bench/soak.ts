// What a server holds while it works for half an hour (F73): `node bench/soak.ts [minutes [directory [restMs]]]`. Heap
// after a forced collection and memory of the process at the end are held against those of a third of the time; the bound
// is 16 MiB. What grows is shown by parts, for each process apart, at each third of the time. A client rests `restMs` (100)
// between two actions, in the first fifth of the time a fifth of that: caches that have a bound are full sooner.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { memoryParts, processesUnder } from './support/memory-parts.ts'
import { SoakLoad, type SoakTarget } from './support/soak-load.ts'
import type { Holdings } from './support/watched-server.ts'

const [minutesText = '30', directory = tmpdir(), restText = '100'] = process.argv.slice(2)
const minutes = Number(minutesText)
const boundMb = 16
const clients = 6
const restMs = Number(restText)

const place = await mkdtemp(join(directory, 'pinyon-soak-'))
let server: ChildProcess | undefined
try {
  const started = await start(join(place, 'data'), join(place, 'tmp'))
  server = started.child
  const load = new SoakLoad(started.target)
  const stop = new AbortController()
  const warmUntil = performance.now() + (minutes / 5) * 60_000
  const rest = () => (performance.now() < warmUntil ? Math.ceil(restMs / 5) : restMs)
  const running = Array.from({ length: clients }, () => load.run(stop.signal, rest))
  console.log('minute  heap MiB  taken  external  rss MiB  descriptors  temporary  packs MiB  requests')
  const taken = []
  for (let minute = 1; minute <= minutes; minute++) {
    await setTimeout(60_000)
    const sample = { ...(await measure(started.child)), temporary: await countTemporary(place) }
    taken.push(sample)
    const { heapMb, heapTotalMb, externalMb, rssMb, descriptors, temporary } = sample
    const sizes = [heapMb, heapTotalMb, externalMb, rssMb].map((mb) => mb.toFixed(1))
    const shown = [...sizes, descriptors, temporary]
    console.log([minute, ...shown, started.packsMb(), load.requests].map((one) => String(one).padStart(8)).join(' '))
    if (minute % Math.ceil(minutes / 3) === 0) showParts(started.child.pid!, sample) // it runs
  }
  stop.abort()
  await Promise.all(running)
  for (const [what, times] of load.failures) console.log(`not as it should be, ${times} times: ${what}`)
  console.log(`reads cut off because what they read was deleted: ${load.cut}`)
  judge(taken)
} finally {
  server?.kill('SIGTERM')
  if (server !== undefined && server.exitCode === null) await once(server, 'exit')
  await rm(place, { recursive: true, force: true })
}

interface Sample extends Holdings {
  readonly temporary: number
}

function showParts(pid: number, { spaces }: Sample): void {
  for (const one of [pid, ...processesUnder(pid)]) {
    const parts = Object.entries(memoryParts(one)).map(([name, mb]) => `${name} ${Number(mb).toFixed(1)}`)
    console.log(`  ${one === pid ? 'main' : `child ${one}`}: ${parts.join(', ')}`)
  }
  const shown = Object.entries(spaces).map(([name, [used, taken]]) => `${name} ${used.toFixed(1)}/${taken.toFixed(1)}`)
  console.log(`  heap of main, alive/taken: ${shown.join(', ')}`)
}

/** Says whether the end is where a third of the time was, and ends with 1 when it is not. */
function judge(taken: readonly Sample[]): void {
  const early = taken[Math.ceil(taken.length / 3) - 1]
  const late = taken.at(-1)
  if (early === undefined || late === undefined) return
  const grown = { heap: late.heapMb - early.heapMb, rss: late.rssMb - early.rssMb }
  const more = { descriptors: late.descriptors - early.descriptors, temporary: late.temporary - early.temporary }
  console.log(
    `from minute ${Math.ceil(taken.length / 3)} to ${taken.length}: heap ${signed(grown.heap)} MiB, rss ${signed(grown.rss)} MiB ` +
      `(bound ${boundMb}), descriptors ${signed(more.descriptors)}, temporary files ${signed(more.temporary)}`,
  )
  // Connections of clients and reads under way come and go.
  const isFlat = grown.heap <= boundMb && grown.rss <= boundMb && more.descriptors <= 20 && more.temporary <= 8
  if (!isFlat) process.exitCode = 1
}

function signed(number: number): string {
  return `${number >= 0 ? '+' : ''}${Number.isInteger(number) ? number : number.toFixed(1)}`
}

async function start(dataDir: string, tmp: string) {
  await mkdir(tmp)
  const child = fork(fileURLToPath(new URL('support/watched-server.ts', import.meta.url)), {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      ...(process.env['MALLOC_ARENA_MAX'] === undefined ? {} : { MALLOC_ARENA_MAX: process.env['MALLOC_ARENA_MAX'] }),
      TMPDIR: tmp,
      PINYON_DATA_DIR: dataDir,
      PINYON_API_LISTEN: '127.0.0.1:0',
      PINYON_GATEWAY_LISTEN: '127.0.0.1:0',
      PINYON_METRICS_LISTEN: 'off',
      PINYON_IPFS: 'off',
      PINYON_LOG: 'info',
    },
  })
  const ready = Promise.withResolvers<{ api: string; gateway: string }>()
  child.once('exit', (code) => ready.reject(new Error(`the server ended with ${String(code)}`)))
  if (child.stdout === null) throw new Error('the log of the server is a pipe')
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.includes('"msg":"ready"')) ready.resolve(JSON.parse(line) as { api: string; gateway: string }) // our own log
    else if (/"level":"?(warn|error|fatal|[456]0)/.test(line)) console.log(`the server says: ${line.slice(0, 500)}`)
  })
  const { api, gateway } = await ready.promise
  const token = (await readFile(join(dataDir, 'setup-token'), 'utf8')).trim()
  const answer = await fetch(`${api}/pinyon/v1/setup`, {
    method: 'POST',
    body: JSON.stringify({ token, email: 'soak@example.test', password: 'correct horse battery' }),
  })
  const { key } = (await answer.json()) as { key: { JWT: string } } // what set-up answers
  const target: SoakTarget = { api, gateway, headers: { authorization: `Bearer ${key.JWT}` } }
  return { child, target, packsMb: () => sizeMb(join(dataDir, 'packs')) }
}

async function measure(child: ChildProcess): Promise<Holdings> {
  child.send('measure')
  const [holdings] = (await once(child, 'message')) as [Holdings] // what the server answers
  return holdings
}

/** Files that are neither packs nor the database. */
async function countTemporary(dir: string): Promise<number> {
  const all = await readdir(dir, { recursive: true, withFileTypes: true })
  return all.filter((one) => one.isFile() && !one.name.endsWith('.car')).length
}

function sizeMb(dir: string): number {
  const sizes = readdirSync(dir).map((name) => statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0)
  return Math.round(sizes.reduce((sum, one) => sum + one, 0) / 1024 / 1024)
}
