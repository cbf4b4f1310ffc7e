import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect, parseArgs } from 'node:util'
import type { Profile, Rig, RigContext, RigResult } from './rig.ts'
import { rigs } from './rigs/all.ts'
import { keepLogsIn } from './support/keep-log.ts'
import { openRandom } from './support/random.ts'
import { warmUp } from './support/warm-up.ts'

interface Options {
  readonly profile: Profile
  readonly rounds: number | undefined
  readonly seed: number
  readonly json: boolean
}

/** A line of the closing table. */
interface Row {
  readonly rig: string
  readonly outcome: 'holds' | 'BROKEN' | 'MISSING' | 'ENDED'
  readonly points: number
  readonly seconds: number
  readonly seed: number
  readonly control: 'fails, as it must' | 'PASSES' | 'not run'
  readonly violations: readonly string[]
  readonly figures: Readonly<Record<string, string | number>>
}

/** No rig takes so long unless something stands still, which is a fault like another. */
const limitMs = { short: 6 * 60_000, long: 4 * 3_600_000 }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string', default: 'short' },
    rounds: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    logs: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
})
const unknown = positionals.find((name) => !rigs.some((rig) => rig.name === name))
if (unknown !== undefined) fail(`There is no rig "${unknown}". There are: ${rigs.map(({ name }) => name).join(', ')}.`)
if (values.profile !== 'short' && values.profile !== 'long') fail('--profile is short or long.')
const options: Options = {
  profile: values.profile,
  rounds: wholeNumber('rounds', values.rounds),
  seed: wholeNumber('seed', values.seed) ?? Math.floor(Math.random() * 1e9),
  json: values.json,
}
if (values.logs !== undefined) keepLogsIn(values.logs)
// What is asked for as JSON is the only thing on stdout.
const say = (text: string) => void (options.json ? process.stderr : process.stdout).write(`${text}\n`)

if (values.list) for (const { name, proves } of rigs) say(`${name.padEnd(14)} ${proves}`)
else await runAll(rigs.filter(({ name }) => positionals.length === 0 || positionals.includes(name)))

async function runAll(chosen: readonly Rig[]): Promise<void> {
  say(`Profile ${options.profile}, seed ${options.seed}`)
  const rows: Row[] = []
  const warm = await warmUp()
  for (const rig of chosen) rows.push(await runOne(rig))
  await warm[Symbol.asyncDispose]()
  say('')
  for (const row of rows) say(lineOf(row))
  if (options.json) process.stdout.write(`${JSON.stringify({ ...options, rigs: rows }, null, 2)}\n`)
  const passed = rows.filter(isGood).length
  if (passed < rows.length) process.exitCode = 1
  process.stdout.write(options.json ? '' : `${passed} passed, ${rows.length - passed} failed\n`)
  // A rig that did not end still holds what would keep this process.
  process.exit()
}

/** A rig is good when its promise holds and the same with the promise broken is found out. */
function isGood({ outcome, control }: Row): boolean {
  return outcome === 'holds' && control === 'fails, as it must'
}

async function runOne(rig: Rig): Promise<Row> {
  say(`\n== ${rig.name}: ${rig.proves}`)
  const row = { rig: rig.name, points: 0, seconds: 0, seed: options.seed, violations: [], figures: {} }
  const missing = rig.needs.flatMap((need) => need.missing() ?? [])
  if (missing.length > 0) {
    for (const reason of missing) say(`   missing: ${reason}`)
    return { ...row, outcome: 'MISSING', control: 'not run', violations: missing }
  }
  const startedAt = performance.now()
  const seconds = () => Math.round((performance.now() - startedAt) / 100) / 10
  try {
    const result = await within(rig, 'run', (context) => rig.run(context))
    for (const violation of result.violations) say(`   violation: ${violation}`)
    for (const [name, value] of Object.entries(result.figures ?? {})) say(`   ${name}: ${value}`)
    say(`   control: ${rig.control.does}`)
    const found = await within(rig, 'control', (context) => rig.control.run(context))
    say(found.length === 0 ? '   the control passed: this rig proves nothing' : `   found, as it must be: ${found[0]}`)
    return {
      ...row,
      ...counted(result),
      seconds: seconds(),
      control: found.length === 0 ? 'PASSES' : 'fails, as it must',
    }
  } catch (error) {
    // With its causes: that a request failed says nothing by itself.
    const words = inspect(error)
    say(`   ended: ${words}`)
    return { ...row, outcome: 'ENDED', seconds: seconds(), control: 'not run', violations: [words] }
  }
}

function counted({ points, violations, figures = {} }: RigResult) {
  // A rig that put nothing to the test has not shown that anything holds.
  const outcome = violations.length > 0 || points === 0 ? ('BROKEN' as const) : ('holds' as const)
  return { outcome, points, violations, figures }
}

async function within<T>(rig: Rig, part: string, action: (context: RigContext) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), `pinyon-torture-${rig.name}-`))
  const { profile, rounds, seed } = options
  try {
    const random = openRandom(`${seed}/${rig.name}/${part}`)
    const signal = AbortSignal.timeout(limitMs[profile])
    return await Promise.race([
      action({ profile, rounds, seed, random, dir, log: (text) => say(`   ${text}`) }),
      once(signal, 'abort').then(() => {
        throw new Error(`${part} did not end within ${limitMs[profile] / 60_000} minutes`)
      }),
    ])
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 })
  }
}

function lineOf(row: Row): string {
  const columns = [row.rig.padEnd(14), row.outcome.padEnd(8), `${row.points} points`.padStart(12)]
  return `${columns.join(' ')} ${row.seconds.toFixed(1).padStart(7)} s  control ${row.control}`
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) fail(`--${name} is a whole number.`)
  return Number(text)
}

function fail(words: string): never {
  console.error(words)
  process.exit(2)
}
