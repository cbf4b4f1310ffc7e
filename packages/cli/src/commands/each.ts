import { ApiError, Unreachable } from '@pinyon/contract/client.ts'
import type { Context } from '../context.ts'
import { CommandError, describeFailure, exitCodeOf, exitCodes, PartlyDone } from '../exit.ts'
import { safeText } from '../output.ts'

/** One that could not be done, and why. */
interface Failure {
  readonly item: string
  readonly error: unknown
}

/** What came of those that were named. */
export interface Tried<T> {
  readonly done: readonly T[]
  readonly failures: readonly Failure[]
  /** Not tried, because something had failed that would have failed with all of them alike. */
  readonly left: readonly string[]
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
  const tried = await tryEach(which, async (item) => {
    const result = await act(item)
    if (!context.out.json) context.out.result(result, describe(result, item))
    return result
  })
  const failure = failureOf(tried, which.length)
  if (failure !== undefined) throw new PartlyDone(failure, tried.done)
  if (context.out.json) context.out.result(tried.done, '')
}

/** Does something with each, and goes on after one that failed unless all would. Says nothing. */
export async function tryEach<T>(
  which: readonly string[],
  act: (one: string, at: number) => Promise<T>,
): Promise<Tried<T>> {
  const done: T[] = []
  const failures: Failure[] = []
  for (const [at, item] of which.entries()) {
    try {
      done.push(await act(item, at))
    } catch (error) {
      failures.push({ item, error })
      if (failsAlike(error)) return { done, failures, left: which.slice(at + 1) }
    }
  }
  return { done, failures, left: [] }
}

/** Why not all of `total` were done: each that failed by name, or the one reason where it is one. Undefined when all were. */
export function failureOf({ failures, left }: Omit<Tried<unknown>, 'done'>, total: number): unknown {
  const [first] = failures
  if (first === undefined) return undefined
  const isAlone = failures.length === 1 && (total === 1 || failsAlike(first.error))
  return isAlone ? first.error : someFailed(failures, total, left)
}

/** Whether the next one would fail too. */
function failsAlike(error: unknown): boolean {
  if (error instanceof ApiError)
    return [401, 403, 429, 503].includes(error.status) || error.reason === 'INSUFFICIENT_FUNDS'
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
