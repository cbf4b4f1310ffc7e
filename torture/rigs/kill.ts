import { setTimeout } from 'node:timers/promises'
import { acknowledgedMore, applyLoad } from '../load/apply.ts'
import type { Rig, RigContext } from '../rig.ts'
import { lossOfEarlyAnswers } from '../support/answers-early.ts'
import { openInstallation, type Installation } from '../support/installation.ts'

/** F1, F4 to F7: the process ends without a word while it works. */
export const kill: Rig = {
  name: 'kill',
  proves:
    'nothing acknowledged is lost and nothing is half done when the process is killed at a random moment (F1, F4-F7)',
  needs: [],
  async run(context) {
    const rounds = context.rounds ?? (context.profile === 'short' ? 12 : 200)
    const installation = await openInstallation(context)
    try {
      const violations: string[] = []
      let round = 0
      for (; round < rounds && violations.length === 0; round++) {
        await killOnce(context, installation)
        const found = await installation.check({ all: round === rounds - 1 })
        violations.push(...found.map((words) => `round ${round}: ${words}`))
        if (round % 10 === 9) context.log(`${round + 1} of ${rounds} rounds`)
      }
      const { counts, things } = installation.driver.history
      return {
        points: round,
        violations,
        figures: {
          'things made': things.length,
          ...counts,
          'ready again, ms at most': Math.round(Math.max(...installation.startsMs)),
        },
      }
    } finally {
      await installation.close()
    }
  },
  control: {
    does: 'commits are answered a tenth of a second before they are made',
    run: (context) =>
      lossOfEarlyAnswers(context, async (installation, node) => {
        await installation.start({ node })
        await killOnce(context, installation)
      }),
  },
}

async function killOnce({ random }: RigContext, installation: Installation): Promise<void> {
  const { driver, server } = installation
  const stop = new AbortController()
  const load = applyLoad(driver, { signal: stop.signal })
  // After so many answers, and then at any moment: however slow the machine is, there is something to lose.
  await acknowledgedMore(driver.history, 2 + random.below(60))
  await setTimeout(random.below(60))
  await server.kill()
  await load
  stop.abort()
  await installation.start()
}
