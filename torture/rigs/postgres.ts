import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres, type TestPostgres } from '../../packages/server/test/support/postgres.ts'
import { acknowledgedMore, applyLoad } from '../load/apply.ts'
import type { Rig, RigContext } from '../rig.ts'
import { openInstallation, type Installation } from '../support/installation.ts'

/** F39, F40: the database goes away and comes back, and the process lives. */
export const postgres: Rig = {
  name: 'postgres',
  proves:
    'while PostgreSQL is restarted (fast, immediate, kill -9) or cuts idle and busy connections the process lives, answers 503 with Retry-After, is back by itself, and loses nothing (F39, F40)',
  needs: [],
  async run(context) {
    const rounds = context.rounds ?? (context.profile === 'short' ? 1 : 6)
    const server = await startPostgres()
    try {
      const installation = await openWith(context, server)
      try {
        const violations: string[] = []
        const outagesMs: number[] = []
        for (let round = 0; round < rounds && violations.length === 0; round++) {
          for (const how of ['fast', 'immediate', 'kill'] as const) {
            outagesMs.push(await restartUnder(context, installation, server, how))
            violations.push(...(await look(installation)).map((words) => `after ${how}: ${words}`))
          }
          await cutConnections(context, installation, server)
          violations.push(...(await look(installation)).map((words) => `after connections were cut: ${words}`))
        }
        violations.push(...(await installation.check({ all: true })))
        const backMs = Math.round(Math.max(...outagesMs))
        if (backMs > backWithinMs) violations.push(`back only ${backMs} ms after PostgreSQL was (F40)`)
        return {
          points: rounds * 4,
          violations,
          figures: { ...installation.driver.history.counts, 'back after PostgreSQL was, ms at most': backMs },
        }
      } finally {
        await installation.close()
      }
    } finally {
      await server.stop()
    }
  },
  control: {
    does: 'PostgreSQL answers commits before they are durable (synchronous_commit=off), and is ended by kill -9',
    async run(context) {
      const server = await startPostgres()
      try {
        await ask(server.url, 'alter system set synchronous_commit = off')
        await ask(server.url, "alter system set wal_writer_delay = '10s'")
        await server.restart('fast')
        const installation = await openWith(context, server)
        // Or the tables themselves would be lost, and the checker could not begin.
        await ask(server.url, 'checkpoint')
        try {
          for (let round = 0; round < 5; round++) {
            await restartUnder(context, installation, server, 'kill')
            const found = (await look(installation)).filter((words) => words.includes('it may be'))
            if (found.length > 0) return found
          }
          return []
        } finally {
          await installation.close()
        }
      } finally {
        await server.stop()
      }
    },
  },
}

/** How soon after PostgreSQL everything works again. */
const backWithinMs = 5_000

async function openWith(context: RigContext, server: TestPostgres): Promise<Installation> {
  const url = await server.createDatabase()
  const installation = await openInstallation(context, { env: { PINYON_DATABASE_URL: url } })
  installation.driver.tolerance = 'unavailable'
  return installation
}

/** Restarts PostgreSQL while the load runs. Answers how long after it the process took to be ready. */
async function restartUnder(
  { random }: RigContext,
  installation: Installation,
  server: TestPostgres,
  how: 'fast' | 'immediate' | 'kill',
): Promise<number> {
  const { driver } = installation
  return whileLoaded(installation, async () => {
    await acknowledgedMore(driver.history, 10 + random.below(30))
    await server.restart(how)
    const startedAt = performance.now()
    await ready(installation)
    return performance.now() - startedAt
  })
}

/** Cuts every connection of the process again and again, those that wait and those that work. */
async function cutConnections({ random }: RigContext, installation: Installation, server: TestPostgres): Promise<void> {
  await whileLoaded(installation, async () => {
    for (let time = 0; time < 12; time++) {
      await setTimeout(random.below(200))
      await ask(
        server.url,
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pinyon%'`,
      )
    }
    await ready(installation)
  })
}

/** Does something while the load runs, and lets it go on for a moment. A process that ends meanwhile ends the load: it would be refused for ever. */
async function whileLoaded<T>({ driver, server }: Installation, action: () => Promise<T>): Promise<T> {
  const stop = new AbortController()
  server.process.once('exit', () => stop.abort())
  const load = applyLoad(driver, { signal: stop.signal, patient: true })
  const result = await action()
  if (!stop.signal.aborted) await acknowledgedMore(driver.history, 10)
  stop.abort()
  await load
  return result
}

/** The checker tolerates nothing, and the process must still be the same one. */
async function look(installation: Installation): Promise<string[]> {
  const { driver, server } = installation
  driver.tolerance = 'nothing'
  const ended = server.process.exitCode !== null || server.process.signalCode !== null
  const found = ended ? [`the process ended: ${server.output().slice(-1_500)}`] : await installation.check()
  driver.tolerance = 'unavailable'
  return found
}

async function ready({ server }: Installation): Promise<void> {
  const until = performance.now() + 30_000
  while (performance.now() < until && server.process.exitCode === null) {
    const answer = await fetch(`${server.apiUrl}/health/ready`).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.status === 200) return
    await setTimeout(20)
  }
}

async function ask(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
