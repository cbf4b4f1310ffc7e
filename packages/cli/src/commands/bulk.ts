import { setTimeout as wait } from 'node:timers/promises'
import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { BulkResult } from '@pinyon/contract/schemas/bulk.ts'
import type { Context } from '../context.ts'
import { CommandError, exitCodes, PartlyDone } from '../exit.ts'
import { readKeyvalues } from '../keyvalue.ts'
import { openCountProgress } from '../moving/count-progress.ts'
import { safeText } from '../output.ts'

/** Options that say which files a command means, without naming them. */
export interface SelectOptions {
  readonly name?: string
  readonly mimeType?: string
  readonly keyvalue: readonly string[]
  readonly all?: boolean
}

/** A filter as the server takes it. */
interface Filter {
  readonly name?: string | undefined
  readonly mimeType?: string | undefined
  readonly keyvalues?: Record<string, string> | undefined
  readonly group?: string | undefined
  readonly all?: true | undefined
}

/** Files by id, or by a filter. */
export interface BulkSelection {
  readonly ids?: string[]
  readonly filter?: Filter
}

/** The filter of the options; undefined when they say nothing. */
export function readFilter({ name, mimeType, keyvalue, all }: SelectOptions): Filter | undefined {
  const keyvalues = readKeyvalues(keyvalue)
  const hasKeyvalues = Object.keys(keyvalues).length > 0
  if (name === undefined && mimeType === undefined && !hasKeyvalues) return all === true ? { all } : undefined
  return { name, mimeType, keyvalues: hasKeyvalues ? keyvalues : undefined }
}

/** How often a job is asked how far it is. */
const askEveryMs = 300
/** Failures that are shown one by one. */
const shownFailures = 20

/** Waits for the end of a bulk operation and tells what became of it. Throws when an item failed. */
export async function followBulk(
  context: Context,
  started: AnswerOf<typeof routes.bulkMove>,
  describe: (count: string) => string,
  noun: 'file' | 'pin' = 'file',
): Promise<void> {
  const results = started.job === null ? started.results : await waitForJob(context, started.job, noun)
  const failed = results.filter(({ state }) => state !== 'done')
  const done = results.length - failed.length
  if (failed.length > 0) throw new PartlyDone(someFailed(failed, results.length), context.out.json ? results : [])
  context.out.result(results, describe(done === 1 ? `1 ${noun}` : `${done} ${noun}s`))
}

async function waitForJob(
  context: Context,
  { id, total }: NonNullable<AnswerOf<typeof routes.bulkMove>['job']>,
  noun: 'file' | 'pin',
): Promise<BulkResult[]> {
  const client = await context.client()
  const progress = openCountProgress(noun === 'pin' ? 'Pins' : 'Files', total === 0 ? undefined : total, context.out)
  try {
    for (let shown = 0; ;) {
      const job = await client.call(routes.bulkGet, { params: { id }, signal: context.signal })
      for (; shown < job.done + job.failed; shown++) progress.done()
      if (job.state === 'done' || job.state === 'cancelled') break
      await wait(askEveryMs, undefined, { signal: context.signal })
    }
  } finally {
    progress.stop()
  }
  const results: BulkResult[] = []
  for (let pageToken: string | undefined; ;) {
    const query = { limit: 1_000, pageToken }
    const page = await client.call(routes.bulkResults, { params: { id }, query, signal: context.signal })
    results.push(...page.results)
    if (page.nextPageToken === null) return results
    pageToken = page.nextPageToken
  }
}

function someFailed(failed: readonly BulkResult[], total: number): CommandError {
  const shown = failed.slice(0, shownFailures).map(({ item, name, message, state }) => {
    const why = message ?? (state === 'waiting' ? 'cancelled before its turn' : 'failed')
    return `  ${safeText(item)}${name === null ? '' : ` ${safeText(name)}`}: ${safeText(why)}`
  })
  const more = failed.length > shown.length ? [`  and ${failed.length - shown.length} more`] : []
  return new CommandError([`${failed.length} of ${total} failed:`, ...shown, ...more].join('\n'), {
    reason: failed[0]?.reason ?? 'FAILED',
    exitCode: failed.every(({ reason }) => reason === 'OBJECT_NOT_FOUND') ? exitCodes.notFound : exitCodes.failed,
  })
}
