import type { Rig, RigContext } from '../rig.ts'
import { acknowledgedMore, applyLoad } from '../load/apply.ts'
import { lossOfEarlyAnswers } from '../support/answers-early.ts'
import { openInstallation } from '../support/installation.ts'
import { type Line, type LossyLink, openLossyLink } from '../support/lossy-link.ts'
import { networkTools } from './network-tools.ts'
import { slowLineKilobits, slowTransfer } from './slow-transfer.ts'
import { loadFor, recovery } from './under-fault.ts'

/** A slow line that loses some, and a fast one that loses so much that connections take seconds to begin. */
const slow: Line = { lostPercent: 3, kilobitsPerSecond: slowLineKilobits }
const bad: Line = { lostPercent: 20, kilobitsPerSecond: 100_000 }

/** A machine of its own for the server, with a wire to it on which the kernel loses packets. */
export const packets: Rig = {
  name: 'packets',
  proves:
    'packets that the kernel drops on the way to the server, up to a fifth of them, and a line of 1 Mbit, lose nothing acknowledged and leave nothing half done (I1 to I9); who is slow is served to the end',
  needs: networkTools,
  async run(context) {
    const seconds = context.rounds ?? (context.profile === 'short' ? 8 : 120)
    const link = await openLossyLink()
    try {
      return await overLink(context, { link, seconds })
    } finally {
      await link.close()
    }
  },
  control: {
    does: 'commits are answered before they are made, and the process is killed',
    async run(context) {
      const link = await openLossyLink()
      try {
        return await lossOfEarlyAnswers(context, async (installation, node) => {
          await link.set('good')
          await installation.start({ ...placedAt(link), node })
          await link.set({ ...bad, lostPercent: 3 })
          const stop = new AbortController()
          const load = applyLoad(installation.driver, { signal: stop.signal })
          await acknowledgedMore(installation.driver.history, 2 + context.random.below(60))
          await installation.server.kill()
          await load
          stop.abort()
          await installation.start(here)
        })
      } finally {
        await link.close()
      }
    },
  },
}

/** Whatever else a start had: on this machine. */
const here = { under: [], env: { PINYON_API_LISTEN: '127.0.0.1:0', PINYON_GATEWAY_LISTEN: '127.0.0.1:0' } }

function placedAt({ under, address }: LossyLink) {
  return { under, env: { PINYON_API_LISTEN: `${address}:0`, PINYON_GATEWAY_LISTEN: `${address}:0` } }
}

async function overLink(context: RigContext, { link, seconds }: { link: LossyLink; seconds: number }) {
  const installation = await openInstallation(context, placedAt(link))
  try {
    const figures: Record<string, string> = {}
    const found: string[] = []
    let points = 0
    const lines = { 'slow line': slow, 'bad line': bad }
    for (const [name, line] of Object.entries(lines)) {
      await link.set(line)
      if (line === slow) {
        const transfer = await slowTransfer(installation, context.profile === 'short' ? 1_500_000 : 6_000_000)
        figures['there and back over the slow line, s'] = String(transfer.seconds)
        found.push(...transfer.found)
      }
      // TCP that loses a fifth waits twice as long each time before it sends again.
      await loadFor(installation, seconds * 1_000, { tolerance: line === bad ? 'late' : 'nothing' })
      const counts = await link.counts()
      figures[name] = JSON.stringify(counts)
      points += counts.dropped
      if (counts.dropped === 0 || !(counts.sentAgain > 0))
        found.push(`${name}: no packet was lost, so nothing was shown`)
    }
    await link.set('good')
    const { exitCode, signalCode } = installation.server.process
    if (exitCode !== null || signalCode !== null)
      found.push(`the process ended: ${installation.server.output().slice(-1_500)}`)
    else found.push(...(await recovery(installation)).violations, ...(await installation.check({ all: true })))
    figures['acknowledged'] = String(installation.driver.history.counts.acknowledged)
    return { points, violations: found, figures }
  } finally {
    await installation.close()
  }
}
