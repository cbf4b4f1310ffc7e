import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres } from '../../packages/server/test/support/postgres.ts'
import { acknowledgedMore, applyLoad } from '../load/apply.ts'
import type { Rig, RigContext } from '../rig.ts'
import { lossOfEarlyAnswers } from '../support/answers-early.ts'
import { openInstallation, type Installation } from '../support/installation.ts'
import { recovery } from './under-fault.ts'

/** What happens to a process, or to its database, while the load runs; words for what does not go as it must. */
interface Case {
  readonly name: string
  during(installation: Installation, database: string): Promise<string[]>
}

const preload = new URL('../controls/fail-on-signal.mjs', import.meta.url).pathname
const onSignal = ['--import', preload, '--max-old-space-size=256']

/** Faults of section 6 that are no kill: a process that stands still or ends by itself, a database that does not answer. */
export const stalls: Rig = {
  name: 'stalls',
  proves:
    'a process that stands still, has a fifth of a processor, runs out of memory or throws where nobody catches, and a database that hangs, is locked or has no connection left, lose nothing; it goes on by itself',
  needs: [],
  async run(context) {
    const few = context.rounds ?? Infinity
    const violations = [...(await onSqlite(context, few)), ...(await onPostgres(context, few))]
    return { points: Math.min(few, ofProcess.length) + Math.min(few, ofPostgres.length), violations }
  },
  control: {
    does: 'commits are answered before they are made, and the process ends by an exception',
    run: (context) =>
      lossOfEarlyAnswers(context, async (installation, node) => {
        await installation.start({ node: [...node, ...onSignal] })
        await whileLoaded(installation, (one) => endsBy(one, 'SIGWINCH'))
        await installation.start()
      }),
  },
}

const ofProcess: readonly Case[] = [
  { name: 'stands still for 6 s', during: (installation) => standStill(installation, [[6_000, 10]]) },
  {
    name: 'has a fifth of a processor',
    during: (installation) =>
      standStill(
        installation,
        Array.from({ length: 40 }, () => [80, 20] as const),
      ),
  },
  {
    name: 'another process holds the lock of the database for 8 s',
    during: (_, file) => withOther(file, ['begin immediate'], () => setTimeout(8_000)),
  },
  {
    name: 'another process reads the database for long',
    during: ({ driver }, file) =>
      withOther(file, ['begin', 'select count(*) from files'], () => acknowledgedMore(driver.history, 40)),
  },
  { name: 'a rejection that nobody handles', during: (installation) => livesThrough(installation, 'SIGUSR2') },
  { name: 'an exception that nobody catches', during: (installation) => endsBy(installation, 'SIGWINCH') },
  { name: 'no memory left', during: (installation) => endsBy(installation, 'SIGPWR') },
]

const ofPostgres: readonly Case[] = [
  { name: 'PostgreSQL hangs for 12 s', during: (_, data) => hang(data, 12_000) },
  { name: 'PostgreSQL has no connection left', during: (_, url) => takeConnections(url, 5_000) },
]

async function onSqlite(context: RigContext, few: number): Promise<string[]> {
  const installation = await openInstallation(context, { node: onSignal })
  try {
    const file = join(installation.dataDir, 'pinyon.db')
    return await each(context, installation, ofProcess.slice(0, few), () => file)
  } finally {
    await installation.close()
  }
}

async function onPostgres(context: RigContext, few: number): Promise<string[]> {
  // PostgreSQL refuses to run as root, and whoever it runs as has to get through.
  chmodSync(context.dir, 0o711)
  const data = join(context.dir, 'postgres')
  mkdirSync(data, { mode: 0o700 })
  const server = await startPostgres({ data })
  try {
    const env = { PINYON_DATABASE_URL: await server.createDatabase() }
    const installation = await openInstallation({ ...context, dir: join(context.dir, 'beside') }, { env })
    try {
      return await each(context, installation, ofPostgres.slice(0, few), ({ name }) =>
        name.includes('hangs') ? data : server.url,
      )
    } finally {
      await installation.close()
    }
  } finally {
    await server.stop()
  }
}

async function each(
  context: RigContext,
  installation: Installation,
  cases: readonly Case[],
  placeOf: (one: Case) => string,
): Promise<string[]> {
  const violations: string[] = []
  for (const one of cases) {
    const found = await whileLoaded(installation, (which) => one.during(which, placeOf(one)))
    const { process: child } = installation.server
    if (child.exitCode !== null || child.signalCode !== null) await installation.start()
    found.push(...(await recovery(installation)).violations, ...(await installation.check()))
    context.log(`${one.name}: ${found.length === 0 ? 'holds' : found.join('; ')}`)
    violations.push(...found.map((words) => `${one.name}: ${words}`))
  }
  return violations
}

async function whileLoaded(
  installation: Installation,
  action: (installation: Installation) => Promise<string[]>,
): Promise<string[]> {
  const { driver, server } = installation
  driver.tolerance = 'unavailable'
  const stop = new AbortController()
  server.process.once('exit', () => stop.abort())
  const load = applyLoad(driver, { clients: 4, signal: stop.signal, patient: true })
  await acknowledgedMore(driver.history, 10)
  const wrong = await action(installation)
  stop.abort()
  await load
  driver.tolerance = 'nothing'
  return wrong
}

async function standStill({ server }: Installation, turns: readonly (readonly [number, number])[]): Promise<string[]> {
  for (const [stoppedMs, runsMs] of turns) {
    server.process.kill('SIGSTOP')
    await setTimeout(stoppedMs)
    server.process.kill('SIGCONT')
    await setTimeout(runsMs)
  }
  return []
}

async function withOther(
  file: string,
  statements: readonly string[],
  action: () => Promise<unknown>,
): Promise<string[]> {
  const other = new DatabaseSync(file)
  try {
    other.exec('pragma busy_timeout = 20000')
    for (const text of statements) other.exec(text)
    await action()
  } finally {
    other.close()
  }
  return []
}

async function livesThrough({ server, driver }: Installation, signal: NodeJS.Signals): Promise<string[]> {
  server.process.kill(signal)
  await acknowledgedMore(driver.history, 10)
  const told = server.output().includes('a rejection that nobody handled') ? [] : ['the log says nothing of it']
  return server.process.exitCode === null ? told : ['the process ended']
}

/** It ends by itself, and whoever looks after it starts it again. */
async function endsBy({ server }: Installation, signal: NodeJS.Signals): Promise<string[]> {
  const ended = once(server.process, 'exit') as Promise<[number | null, string | null]>
  server.process.kill(signal)
  const [code] = await ended
  return code === 0 ? ['it ended as if all were well'] : []
}

/** All processes of PostgreSQL stand still: connections are open, and nobody answers on them. */
async function hang(data: string, ms: number): Promise<string[]> {
  const [postmaster = ''] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(' ')
  const pids = [postmaster, ...children].map(Number)
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  try {
    await setTimeout(ms)
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT')
  }
  return []
}

/** Takes every connection there is, and cuts those of the program, so that it asks for new ones. */
async function takeConnections(url: string, ms: number): Promise<string[]> {
  const taken: pg.Client[] = []
  const take = async () => {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    await client.connect()
    taken.push(client)
  }
  try {
    await take()
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pinyon%'`
    const until = performance.now() + ms
    while (performance.now() < until) {
      await taken[0]?.query(cut)
      while (
        await take().then(
          () => true,
          () => false,
        )
      );
    }
  } finally {
    await Promise.all(taken.map((client) => client.end()))
  }
  return taken.length > 1 ? [] : ['no connection could be taken']
}
