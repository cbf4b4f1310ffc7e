import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { acknowledgedMore, actions, applyLoad } from '../load/apply.ts'
import type { Rig, RigContext } from '../rig.ts'
import { openInstallation, type Installation } from '../support/installation.ts'
import { fakeTime, fakeTimeLibrary } from '../support/needs.ts'

/** Recipe A8: the clock of the machine jumps while the process runs, and while it is down. */
export const clock: Rig = {
  name: 'clock',
  proves:
    'a clock that jumps two hours ahead or a day back, while the process runs or is down, loses nothing, revives nothing and leaves no job stuck',
  needs: [fakeTime],
  async run(context) {
    const { installation, set } = await openWithClock(context)
    try {
      const violations: string[] = []
      let furthest = 0
      for (const [at, hours] of [2, -24, 0, 72, -24].entries()) {
        const offset = `${hours < 0 ? '' : '+'}${hours}h`
        furthest = Math.max(furthest, hours)
        await loadWhile(installation, () => set(offset))
        if (at % 2 === 1) await installation.start()
        const found = await installation.check()
        violations.push(...found.map((words) => `clock at ${offset}: ${words}`))
        if (found.length > 0) break
      }
      await set(`+${furthest}h`)
      if (violations.length === 0) violations.push(...(await installation.check({ all: true })))
      return { points: 5, violations, figures: installation.driver.history.counts }
    } finally {
      await installation.close()
    }
  },
  control: {
    does: 'files expire in an hour, the clock goes two hours ahead, and the history knows nothing of it',
    async run(context) {
      const { installation, set } = await openWithClock(context)
      try {
        const { driver } = installation
        await loadWhile(installation, () => Promise.resolve())
        const files = driver.history.settled('file').slice(0, 3)
        for (const file of files) {
          const [state] = file.possible
          if (state === undefined || state === 'absent') continue
          const json = { expires_at: Math.floor(Date.now() / 1_000) + 3_600 }
          const path = `/v3/files/${String(state['network'])}/${file.id}`
          await driver.change(file, state, { method: 'PUT', path, json })
        }
        await set('+2h')
        return (await installation.check()).filter((words) => words.includes('it may be'))
      } finally {
        await installation.close()
      }
    },
  },
}

async function openWithClock({ dir, random }: RigContext) {
  const file = join(dir, 'clock')
  await writeFile(file, '+0')
  const env = {
    LD_PRELOAD: fakeTimeLibrary,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    // What is unfinished expires in its time; none of the jumps is that far.
    PINYON_UPLOADS_KEEP: '1000',
  }
  const installation = await openInstallation({ dir, random }, { env })
  return { installation, set: (offset: string) => writeFile(file, offset) }
}

/**
 * A link and a JWT hold from the moment that they name: what was signed on a later clock is rightly refused until then.
 * Here all that signs is left out.
 */
const withoutSigning = actions.filter(
  ({ covers }) =>
    !covers.some((row) => /^downloadLink$|^filesSign$|^keysCreate|^keysRegenerate$|^generateApiKey$/.test(row)),
)

async function loadWhile({ driver }: Installation, action: () => Promise<void>): Promise<void> {
  const stop = new AbortController()
  const load = applyLoad(driver, { signal: stop.signal, only: withoutSigning })
  await acknowledgedMore(driver.history, 25)
  await action()
  await acknowledgedMore(driver.history, 25)
  stop.abort()
  await load
}
