import type { AnswerOf, CallInput } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { type BulkResult, maxBulkIds } from '@pinyon/contract/schemas/bulk.ts'
import { plural } from '../lib/plural.ts'
import { cidIn } from './cid-in.ts'
import { client } from './client.ts'
import type { FileFilter } from './files.ts'
import { type PinFilter, pinStatuses } from './pins.ts'

/** An operation over many files as it stands. */
export type BulkJob = AnswerOf<typeof routes.bulkGet>

/** What is done with every file that a filter lets through. */
export type BulkWork = { readonly kind: 'unpin' } | { readonly kind: 'move'; readonly groupId: string | null }

/** The filter of a list as bulk operations take it. */
export function bulkFilterOf({ text = '', keyvalues = {}, mimeType, group }: FileFilter): BulkFilter {
  const cid = cidIn(text)
  const filter = {
    ...(cid === undefined ? (text.trim() === '' ? {} : { name: text.trim() }) : { cid }),
    ...(Object.keys(keyvalues).length === 0 ? {} : { keyvalues: { ...keyvalues } }),
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(group === undefined ? {} : { group: group === 'none' ? null : group }),
  }
  return Object.keys(filter).length === 0 ? { all: true } : filter
}

type BulkFilter = NonNullable<NonNullable<CallInput<typeof routes.bulkUnpin>['body']>['filter']>

/** What became of all of it. */
export interface BulkEnd {
  readonly doneCount: number
  /** Those that it could not be done with, at most so many as are asked for at once. */
  readonly failures: readonly BulkResult[]
  /** Items that were done, where they are to be known. */
  readonly doneItems: readonly string[]
  /** It was stopped before its end. */
  readonly isCancelled: boolean
}

interface Following {
  readonly onProgress?: (job: BulkJob) => void
  /** Aborted when nobody looks any more: the operation goes on without them. */
  readonly signal?: AbortSignal
  /** Whether what was done is to be known, for a way back. */
  readonly wantsDone?: boolean
}

/** Does it with every file that the filter lets through, and follows it to its end. */
export async function runOverFilter(filter: FileFilter, work: BulkWork, following: Following): Promise<BulkEnd> {
  const which = { network: filter.network, filter: bulkFilterOf(filter) }
  const started =
    work.kind === 'unpin'
      ? await client.call(routes.bulkUnpin, { body: which })
      : await client.call(routes.bulkMove, { body: { ...which, group_id: work.groupId } })
  return followStarted(started, following)
}

/** Removes pins by CID, or tries them again, and follows it to its end. */
export async function runOverPins(kind: 'remove' | 'retry', which: PinChoice, following: Following): Promise<BulkEnd> {
  const row = kind === 'remove' ? routes.bulkRemovePins : routes.bulkRetryPins
  return followStarted(await client.call(row, { body: which }), following)
}

/** Pins by their ids, or all that a filter lets through. */
export type PinChoice = NonNullable<CallInput<typeof routes.bulkRemovePins>['body']>

/** The filter of the list of pins as bulk operations take it. */
export function bulkPinFilterOf({ status, q = '' }: PinFilter): NonNullable<PinChoice['filter']> {
  const cid = cidIn(q)
  const asked = status?.split(',')
  const filter = {
    ...(asked === undefined ? {} : { status: pinStatuses.filter((each) => asked.includes(each)) }),
    ...(cid === undefined ? (q.trim() === '' ? {} : { name: q.trim() }) : { cid }),
  }
  return Object.keys(filter).length === 0 ? { all: true } : filter
}

async function followStarted(
  { job, results }: AnswerOf<typeof routes.bulkUnpin>,
  following: Following,
): Promise<BulkEnd> {
  if (job !== null) return followBulk(job.id, following)
  const isDone = ({ state }: BulkResult) => state === 'done'
  const done = results.filter(isDone)
  return {
    doneCount: done.length,
    failures: results.filter((result) => !isDone(result)),
    doneItems: done.map(({ item }) => item),
    isCancelled: false,
  }
}

const askEveryMs = 500

/** Follows an operation to its end. */
export async function followBulk(
  id: string,
  { onProgress, signal, wantsDone = false }: Following = {},
): Promise<BulkEnd> {
  const asked = signal === undefined ? {} : { signal }
  for (;;) {
    const job = await client.call(routes.bulkGet, { params: { id }, ...asked })
    onProgress?.(job)
    if (job.state === 'done' || job.state === 'cancelled') {
      return {
        doneCount: job.done,
        failures: job.failed === 0 ? [] : await allResults(id, 'failed', asked),
        doneItems: wantsDone ? (await allResults(id, 'done', asked)).map(({ item }) => item) : [],
        isCancelled: job.state === 'cancelled',
      }
    }
    await new Promise((resolve) => setTimeout(resolve, askEveryMs))
    signal?.throwIfAborted()
  }
}

/** Stops an operation: what is done stays done. */
export function cancelBulk(id: string): Promise<BulkJob> {
  return client.call(routes.bulkCancel, { params: { id } })
}

async function allResults(
  id: string,
  state: 'done' | 'failed',
  asked: { readonly signal?: AbortSignal },
): Promise<BulkResult[]> {
  const all: BulkResult[] = []
  let pageToken: string | undefined
  do {
    const query = { state, limit: 1_000, pageToken }
    const page = await client.call(routes.bulkResults, { params: { id }, query, ...asked })
    all.push(...page.results)
    pageToken = page.nextPageToken ?? undefined
  } while (pageToken !== undefined)
  return all
}

/** Puts files into a group, or out of theirs. Throws where some could not be, saying how many. */
export async function putIntoGroup(
  network: FileFilter['network'],
  ids: readonly string[],
  groupId: string | null,
): Promise<void> {
  for (let at = 0; at < ids.length; at += maxBulkIds) {
    const some = ids.slice(at, at + maxBulkIds)
    const { job, results } = await client.call(routes.bulkMove, { body: { network, ids: some, group_id: groupId } })
    const bad = job === null ? results.filter(({ state }) => state !== 'done') : (await followBulk(job.id)).failures
    if (bad.length > 0) throw new Error(`${plural(bad.length, 'file')} could not be moved. ${bad[0]?.message ?? ''}`)
  }
}
