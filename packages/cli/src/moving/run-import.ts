import { ApiError } from '@pinyon/contract/client.ts'
import type { Asked } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { describeFailure, PartlyDone } from '../exit.ts'
import { safeText } from '../output.ts'
import { awaitAsked, removeAsked } from './ask-by-cid.ts'
import { compareWithHere, fewFiles } from './compare-with-here.ts'
import { openCountProgress } from './count-progress.ts'
import { GroupsHere } from './groups-here.ts'
import { type ImportItem, type Outcome, SourceFailed, StillWaiting, type Way } from './import-item.ts'
import { inParallel } from './in-parallel.ts'
import { isFatal } from './is-fatal.ts'
import { rootName } from './manifest.ts'
import { presentOutcome } from './present-outcome.ts'
import { reportImport } from './report-import.ts'
import { requireScopes } from './require-scopes.ts'
import { emptyCar, sendImport } from './send-import.ts'

/** What is imported, and how its content is had. */
export interface Importing {
  readonly items: readonly ImportItem[]
  /** Tried one after another, for items whose content is not here. */
  readonly ways: readonly Way[]
  readonly atOnce: number
  /** Where content is asked for by CID when no way has it: how long it is waited for at the end. */
  readonly waitMs?: number
  /** What was refused before: told with what is missing. */
  readonly refused?: readonly Outcome[]
}

/**
 * Imports items, each with a result of its own, and compares at the end what was named with what is here. Nothing is
 * changed where they come from. Throws a CommandError when something is missing, and at once what would fail for all.
 */
export async function runImport(
  context: Context,
  { items, ways, atOnce, waitMs, refused = [] }: Importing,
): Promise<void> {
  await requireScopes(context, scopesOfImport(items, waitMs !== undefined))
  // By the place of the item in the list, whichever is done first.
  const done = new Map<number, Outcome>()
  const outcomes = () => [...done].toSorted(([a], [b]) => a - b).map(([, outcome]) => outcome)
  let begun = 0
  const underWay = new Map<string, Promise<void>>()
  const progress = openCountProgress('Files', items.length, context.out)
  const groups = new GroupsHere(context)
  const importOne = async (item: ImportItem, place: number): Promise<void> => {
    const outcome = await bring(context, item, ways, { groups, onBytes: (bytes) => progress.add(bytes) })
    done.set(place, outcome)
    progress.done()
    if (!context.out.json && !context.out.watched) context.out.result(outcome, lineOf(outcome))
  }
  try {
    await inParallel(items, atOnce, async (item) => {
      context.signal.throwIfAborted()
      const place = begun++
      // One after another for one root: the second then finds what the first has brought.
      const root = safeRoot(item.cid)
      const before = underWay.get(root)
      const turn = (before ?? Promise.resolve()).then(() => importOne(item, place))
      const settled = turn.catch(() => undefined) // told by the turn itself
      underWay.set(root, settled)
      try {
        await turn
      } finally {
        if (underWay.get(root) === settled) underWay.delete(root)
      }
    })
    if (waitMs !== undefined) await settleAsked(context, done, { waitMs, groups })
  } catch (error) {
    progress.stop()
    if (context.signal.aborted || done.size > 0)
      context.out.note(`${done.size} of ${items.length} files are done. Run the same command again to go on.`)
    throw new PartlyDone(error, outcomes().map(presentOutcome))
  }
  progress.stop()
  reportImport(context, outcomes(), await compareWithHere(context, outcomes()), refused)
}

/** What an import surely asks of the server; to make a group, or ask by CID, may not come to it. */
export function scopesOfImport(items: readonly ImportItem[], asksByCid: boolean): readonly Asked[] {
  return [
    routes.filesImport,
    routes.filesGetAny,
    ...(items.length > fewFiles ? [routes.filesManifest] : []),
    ...(items.some(({ group }) => group != null) ? [routes.groupsList] : []),
    ...(asksByCid ? [routes.psaList] : []),
  ]
}

/** Waits for what was asked for by CID, and removes what was asked for and is imported. */
async function settleAsked(
  context: Context,
  done: Map<number, Outcome>,
  { waitMs, groups }: { readonly waitMs: number; readonly groups: GroupsHere },
): Promise<void> {
  const asked = [...done.values()].flatMap(({ item, requestId }) =>
    requestId === undefined ? [] : { item, requestId },
  )
  const settled = await awaitAsked(context, asked, waitMs, (item) =>
    bring(context, item, [], { groups, onBytes: () => undefined }),
  )
  for (const [place, { item }] of done) {
    const outcome = settled.get(item)
    if (outcome !== undefined) done.set(place, outcome)
  }
  const isHere = ({ state }: Outcome) => state === 'imported' || state === 'here'
  await removeAsked(context, new Set([...done.values()].filter(isHere).map(({ item }) => item.cid)))
}

type Sending = Parameters<typeof sendImport>[3]

async function bring(context: Context, item: ImportItem, ways: readonly Way[], how: Sending): Promise<Outcome> {
  const failures: string[] = []
  try {
    return await send(context, item, emptyCar(item.cid), { ...how, onBytes: () => undefined })
  } catch (error) {
    if (!isMissingBlocks(error)) return failed(item, error)
  }
  for (const way of ways) {
    try {
      const car = await way(item)
      if (car === undefined) continue
      try {
        return await send(context, item, car, how)
      } finally {
        await car.close?.()
      }
    } catch (error) {
      if (error instanceof StillWaiting)
        return {
          item,
          state: 'waiting',
          error: [...failures, error.message].join(' Then: '),
          requestId: error.requestId,
        }
      if (!(error instanceof SourceFailed) && !isBadContent(error)) return failed(item, error)
      failures.push(describeFailure(error).message.replace(/\n.*/s, ''))
    }
  }
  const why = failures.length === 0 ? 'Its content is nowhere to be had.' : failures.join(' Then: ')
  return { item, state: 'failed', error: why }
}

async function send(
  context: Context,
  item: ImportItem,
  car: Parameters<typeof sendImport>[2],
  how: Sending,
): Promise<Outcome> {
  const { file, imported } = await sendImport(context, item, car, how)
  return { item, state: imported ? 'imported' : 'here', id: file.id }
}

function failed(item: ImportItem, error: unknown): Outcome {
  if (isFatal(error) || !(error instanceof Error)) throw error
  return { item, state: 'failed', error: describeFailure(error).message.replace(/\n.*/s, '') }
}

function isMissingBlocks(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'INCOMPLETE_DAG'
}

/** What the server says of content that is not what it claims to be: another source may have it whole. */
function isBadContent(error: unknown): boolean {
  return error instanceof ApiError && badReasons.has(error.reason)
}

const badReasons = new Set(['INCOMPLETE_DAG', 'INVALID_CAR', 'INVALID_BLOCK', 'BLOCK_TOO_LARGE', 'UNSUPPORTED_HASH'])

/** What is no CID is told by the server, per item. */
function safeRoot(cid: string): string {
  try {
    return rootName(cid)
  } catch {
    return cid
  }
}

function lineOf({ item, state, error }: Outcome): string {
  const name = item.name === null ? '' : `  ${safeText(item.name)}`
  return `${state.padEnd(8)}  ${safeText(item.cid)}${name}${error === undefined ? '' : `\n          ${safeText(error)}`}`
}
