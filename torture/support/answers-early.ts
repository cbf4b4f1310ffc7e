import { openInstallation, type Installation } from './installation.ts'
import type { RigContext } from '../rig.ts'

const early = new URL('../controls/answer-early.mjs', import.meta.url).pathname

/**
 * The control of rigs that kill: ten rounds at most of a program that answers commits a moment before it makes them.
 * `killOnce` starts it with these options of Node, kills it and starts it again. What was lost, in words; nothing when
 * no loss was found.
 */
export async function lossOfEarlyAnswers(
  context: RigContext,
  killOnce: (installation: Installation, node: readonly string[]) => Promise<unknown>,
): Promise<readonly string[]> {
  const installation = await openInstallation(context)
  try {
    for (let round = 0; round < 10; round++) {
      try {
        await killOnce(installation, ['--import', early])
      } catch (error) {
        return lossSeenByStart(error)
      }
      // Refusals come of it too, but only a loss is what such a rig looks for.
      const found = (await installation.check()).filter((words) => words.includes('it may be'))
      if (found.length > 0) return found
    }
    return []
  } finally {
    await installation.close()
  }
}

/** What a start says that refuses because packs know more than the database: it found the loss itself. Throws other errors on. */
function lossSeenByStart(error: unknown): readonly string[] {
  if (String(error).includes('older than the packs')) return ['the start refused: the database is older than the packs']
  throw error
}
