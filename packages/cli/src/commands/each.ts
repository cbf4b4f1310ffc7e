import { ApiError, Unreachable } from '@pinyon/contract/client.ts'
import type { Context } from '../context.ts'
import { CommandError, describeFailure, exitCodeOf, exitCodes, PartlyDone } from '../exit.ts'
import { safeText } from '../output.ts'

interface Failure {
  readonly item: string
  readonly error: unknown
}

/**
 * Does something with each of those that were named and says so, and goes on after one that failed. Throws `PartlyDone`,
 * which names each that failed. What would fail with all of them alike (no server, no such key, Ctrl-C) ends it.
 */
export async function doEach<T>(
  context: Context,
  which: readonly string[],
  act: (one: string) => Promise<T>,
  describe: (result: T, one: string) => string,
): Promise<void> {
  // Without a key none could be done: that is said once.
  await context.client()
  const done: T[] = []
  const failures: Failure[] = []
  for (const [at, item] of which.entries()) {
    try {
      const result = await act(item)
      done.push(result)
      if (!context.out.json) context.out.result(result, describe(result, item))
    } catch (error) {
      failures.push({ item, error })
      if (!failsAlike(error)) continue
      if (failures.length > 1) throw new PartlyDone(someFailed(failures, which.length, which.slice(at + 1)), done)
      throw new PartlyDone(error, done)
    }
  }
  const [first] = failures
  if (first !== undefined)
    throw new PartlyDone(which.length === 1 ? first.error : someFailed(failures, which.length, []), done)
  if (context.out.json) context.out.result(done, '')
}

/** Whether the next one would fail too. */
function failsAlike(error: unknown): boolean {
  if (error instanceof ApiError) return [401, 403, 429, 503].includes(error.status)
  return error instanceof Unreachable || (error instanceof Error && error.name === 'AbortError')
}

function someFailed(failures: readonly Failure[], total: number, left: readonly string[]): CommandError {
  const all = failures.map(({ item, error }) => {
    const message = error instanceof Error ? error.message : String(error)
    const { reason } = describeFailure(error).json['error'] as { reason: string } // each failure has one
    return { item, message, reason }
  })
  const lines = all.map(({ item, message }) =>
    safeText(message.includes(item) ? `  ${message}` : `  ${item}: ${message}`),
  )
  if (left.length > 0) lines.push(`Not tried: ${left.map(safeText).join(', ')}`)
  const codes = new Set(failures.map(({ error }) => exitCodeOf(error)))
  const [code = exitCodes.failed] = codes
  return new CommandError([`${failures.length} of ${total} failed:`, ...lines].join('\n'), {
    reason: all[0]?.reason ?? 'FAILED',
    exitCode: codes.size === 1 ? code : exitCodes.failed,
    facts: { failures: all, ...(left.length === 0 ? {} : { notTried: left }) },
  })
}
