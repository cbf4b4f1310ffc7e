import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer } from '../../acceptance/support/server.ts'
import { acknowledgedMore, applyLoad } from '../load/apply.ts'
import type { Rig, RigContext } from '../rig.ts'
import { openInstallation, type Installation } from '../support/installation.ts'

/** F14 and its neighbours: two processes and one data directory, and locks that nobody holds any more. */
export const processes: Rig = {
  name: 'processes',
  proves:
    'one data directory is served by one main process: a second one refuses in words, and neither kill -9, a reused process id nor a copy of the directory leaves a lock behind (F14)',
  needs: [],
  async run(context) {
    const installation = await openInstallation(context)
    try {
      const violations: string[] = []
      violations.push(...(await loadBeside(context, installation, () => startSecond(installation.dataDir))))
      // Of one that was killed no lock stays; nor does the id of a process that lives now, as in a container, mean anything.
      for (let time = 0; time < 3; time++) {
        await installation.server.kill()
        await installation.start()
      }
      violations.push(...(await installation.check()))
      violations.push(...(await startCopy(context, installation)))
      violations.push(...(await startBoth(installation)))
      violations.push(...(await installation.check({ all: true })))
      const ready = Math.round(Math.max(...installation.startsMs))
      return { points: 7, violations, figures: { 'ready again, ms at most': ready } }
    } finally {
      await installation.close()
    }
  },
  control: {
    does: 'the lock is removed while it is held',
    async run(context) {
      const installation = await openInstallation(context)
      try {
        await rm(join(installation.dataDir, 'lock.db'))
        return await startSecond(installation.dataDir)
      } finally {
        await installation.close()
      }
    },
  },
}

async function loadBeside(
  { random }: RigContext,
  { driver }: Installation,
  action: () => Promise<string[]>,
): Promise<string[]> {
  const stop = new AbortController()
  const load = applyLoad(driver, { signal: stop.signal })
  await acknowledgedMore(driver.history, 5 + random.below(10))
  const wrong = [...(await action()), ...(await action())]
  await acknowledgedMore(driver.history, 5)
  stop.abort()
  await load
  return wrong
}

/** A second process on the same directory: it ends, and says why. */
async function startSecond(dataDir: string): Promise<string[]> {
  try {
    const second = await startServer({ dataDir })
    await second.kill()
    return ['a second process started on the data directory of another']
  } catch (error) {
    const words = String(error)
    return /Another Pinyon process uses/.test(words) ? [] : [`the second process does not say why it ends: ${words}`]
  }
}

/** A copy of the directory, made after a kill -9, is an installation of its own. */
async function startCopy({ dir }: RigContext, installation: Installation): Promise<string[]> {
  await installation.server.kill()
  const copy = join(dir, 'copy')
  await cp(installation.dataDir, copy, { recursive: true })
  await installation.start()
  const other = await startServer({ dataDir: copy }).catch((error: unknown) => String(error))
  if (typeof other === 'string') return [`a copy of the directory does not start: ${other}`]
  const answer = await fetch(`${other.apiUrl}/health/ready`)
  await other.kill()
  return answer.status === 200 ? [] : [`a copy of the directory is not ready: ${answer.status}`]
}

/** Two that start at the same moment: exactly one of them serves. */
async function startBoth(installation: Installation): Promise<string[]> {
  await installation.server.kill()
  const { dataDir } = installation
  const started = await Promise.allSettled([startServer({ dataDir }), startServer({ dataDir })])
  const servers = started.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  for (const server of servers) await server.kill()
  await installation.start()
  return servers.length === 1 ? [] : [`of two processes that start at once ${servers.length} serve`]
}
