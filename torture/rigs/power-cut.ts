import { setTimeout } from 'node:timers/promises'
import type { StartOptions } from '../../acceptance/support/server.ts'
import { acknowledgedMore, applyLoad } from '../load/apply.ts'
import type { Rig, RigContext } from '../rig.ts'
import type { Installation } from '../support/installation.ts'
import { madeUpDisk, strace } from './disks/needs.ts'
import { onVolatileDisk } from './disks/on-volatile-disk.ts'
import type { VolatileDisk } from './disks/volatile-disk.ts'
import { withoutSyncs } from './without-syncs.ts'

/** F16: the power is cut, and what no flush had moved from the disk's cache is gone. */
export const powerCut: Rig = {
  name: 'power-cut',
  proves: 'nothing acknowledged is lost when the power is cut and the cache of the disk with it (F16)',
  needs: [...madeUpDisk, strace],
  async run(context) {
    const rounds = context.rounds ?? (context.profile === 'short' ? 2 : 60)
    return onVolatileDisk(context, {}, async (installation, disk) => {
      const violations: string[] = []
      let points = 0
      for (let round = 0; round < rounds && violations.length === 0; round++) {
        await cutOnce(context, installation, disk)
        points++
        const found = await installation.check({ all: round === rounds - 1 })
        violations.push(...found.map((words) => `round ${round}: ${words}`))
        if (round % 10 === 9) context.log(`${round + 1} of ${rounds} cuts`)
      }
      const { counts } = installation.driver.history
      const recovery = Math.round(Math.max(...installation.startsMs))
      return { points, violations, figures: { ...counts, 'ready again, ms at most': recovery } }
    })
  },
  control: {
    does: 'the same while fsync and fdatasync do nothing and say that they did',
    run: (context) =>
      onVolatileDisk(context, { under: withoutSyncs }, async (installation, disk) => {
        for (let round = 0; round < 5; round++) {
          try {
            // The start after the cut is the program as it is.
            await cutOnce(context, installation, disk, { under: [] })
          } catch (error) {
            // A database or packs that are torn, or older than each other, are refused: it was lost all the same.
            return [`no start after the cut: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`]
          }
          const found = await installation.check()
          if (found.length > 0) return found
          await installation.start()
        }
        return []
      }),
  },
}

async function cutOnce(
  { random }: RigContext,
  installation: Installation,
  disk: VolatileDisk,
  restart: StartOptions = {},
): Promise<void> {
  const stop = new AbortController()
  const load = applyLoad(installation.driver, { signal: stop.signal })
  // After so many answers, and then at any moment: however slow the machine is, there is something to lose.
  await acknowledgedMore(installation.driver.history, 2 + random.below(40))
  await setTimeout(random.below(80))
  // In this order, in one turn: a server that lives on without its disk refuses what comes, which no power cut does.
  const killed = installation.server.kill()
  disk.cutPower()
  await killed
  stop.abort()
  await load
  await disk.powerOn()
  await installation.start(restart)
}
