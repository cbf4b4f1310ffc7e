import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres, type TestPostgres } from '../../packages/server/test/support/postgres.ts'
import { acknowledgedMore, applyLoad } from '../load/apply.ts'
import type { Rig, RigContext } from '../rig.ts'
import { openInstallation, type Installation } from '../support/installation.ts'
import { run } from './disks/command.ts'
import { madeUpDisk } from './disks/needs.ts'
import { makeVolatileDisk, type VolatileDisk } from './disks/volatile-disk.ts'

/** F18: the power is cut for PostgreSQL and the packs at once, which lie on one disk with a volatile cache. */
export const postgresPowerCut: Rig = {
  name: 'postgres-power-cut',
  proves:
    'nothing acknowledged is lost when the power is cut under PostgreSQL and the packs, and the cache of their disk with it (F18)',
  needs: madeUpDisk,
  async run(context) {
    const rounds = context.rounds ?? (context.profile === 'short' ? 2 : 30)
    return onOneDisk(context, [], async (machine) => {
      const violations: string[] = []
      let points = 0
      for (let round = 0; round < rounds && violations.length === 0; round++) {
        await cutOnce(context, machine)
        points++
        const found = await machine.installation.check({ all: round === rounds - 1 })
        violations.push(...found.map((words) => `round ${round}: ${words}`))
      }
      const { driver, startsMs } = machine.installation
      const ready = Math.round(Math.max(...startsMs))
      return { points, violations, figures: { ...driver.history.counts, 'ready again, ms at most': ready } }
    })
  },
  control: {
    does: 'the same while PostgreSQL does not sync (fsync=off), which a start warns of',
    run: (context) =>
      onOneDisk(context, ['alter system set fsync = off'], async (machine) => {
        if (!machine.installation.server.output().includes('fsync=off'))
          throw new Error('PostgreSQL does not sync, and the log has no warning of it')
        for (let round = 0; round < 5; round++) {
          try {
            await cutOnce(context, machine)
          } catch (error) {
            // PostgreSQL whose files are torn, or older than the packs: it was lost all the same.
            return [`no start after the cut: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`]
          }
          const found = await machine.installation.check()
          if (found.length > 0) return found
        }
        return []
      }),
  },
}

interface Machine {
  readonly disk: VolatileDisk
  readonly postgres: TestPostgres
  readonly installation: Installation
}

async function onOneDisk<T>(
  context: RigContext,
  settings: readonly string[],
  use: (machine: Machine) => Promise<T>,
): Promise<T> {
  // PostgreSQL refuses to run as root, and whoever it runs as has to get through.
  chmodSync(context.dir, 0o711)
  const disk = await makeVolatileDisk(join(context.dir, 'disk'), { sizeMiB: 1_024 })
  try {
    const data = join(disk.path, 'postgres')
    mkdirSync(data, { mode: 0o700 })
    const postgres = await startPostgres({ data })
    try {
      for (const setting of settings) await ask(postgres.url, setting)
      await postgres.restart('fast')
      const env = { PINYON_DATABASE_URL: await postgres.createDatabase() }
      const installation = await openInstallation(context, { env, dataDir: join(disk.path, 'data') })
      try {
        // Files that initdb and the copy of a template made are there to stay: what comes now is looked at.
        await run('sync', '-f', disk.path)
        return await use({ disk, postgres, installation })
      } finally {
        await installation.close()
      }
    } finally {
      await postgres.stop()
    }
  } finally {
    await disk.close()
  }
}

async function cutOnce({ random }: RigContext, { disk, postgres, installation }: Machine): Promise<void> {
  const stop = new AbortController()
  const load = applyLoad(installation.driver, { signal: stop.signal })
  await acknowledgedMore(installation.driver.history, 5 + random.below(30))
  await setTimeout(random.below(200))
  // In this order, in one turn: a server that lives on without its disk refuses what comes, which no power cut does.
  const killed = installation.server.kill()
  disk.cutPower()
  await killed
  stop.abort()
  await load
  await postgres.down()
  await disk.powerOn()
  await within(60_000, postgres.up())
  await installation.start()
}

/** It tries again and again where its files are torn. */
async function within(ms: number, action: Promise<void>): Promise<void> {
  const stop = new AbortController()
  const late = setTimeout(ms, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`PostgreSQL did not start within ${ms} ms`)
  })
  late.catch(() => {})
  await Promise.race([action, late])
  stop.abort()
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
