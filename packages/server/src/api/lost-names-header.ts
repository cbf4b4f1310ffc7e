import type { Caller } from '../caller.ts'
import { warnOfLost } from '../names/name-warnings.ts'
import type { Services } from '../services.ts'

/** Warnings that are written out; of more only the number is said, or some clients would refuse the answer. */
const shownWarnings = 3

/**
 * What `/v3/files` says in the body, for dialects whose bodies are not ours to change: the header of an answer that ended
 * content to which names of the account lead. No header when there are none.
 */
export async function lostNamesHeader(
  services: Pick<Services, 'db' | 'clock'>,
  caller: Caller,
  content: Parameters<typeof warnOfLost>[2],
): Promise<Record<string, string>> {
  const warnings = await warnOfLost(services, caller, content)
  if (warnings.length === 0) return {}
  const more = warnings.length - shownWarnings
  const words = warnings.slice(0, shownWarnings).map(({ code, message }) => `${code}: ${message}`)
  return { 'x-pinyon-warning': [...words, ...(more > 0 ? [`And ${more} more names.`] : [])].join(' ') }
}
