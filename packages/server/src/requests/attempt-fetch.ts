import { setInterval } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Reach } from '../caller.ts'
import { codecs } from '../ipfs/codecs.ts'
import type { Cid } from '../ipfs/cid.ts'
import { type DagPlaces, fetchDag } from '../ipfs/fetch-dag.ts'
import type { SizedBlockSource } from '../ipfs/find-block.ts'
import { measureDag } from '../ipfs/measure-dag.ts'
import type { BlockFetch, Tried } from '../ipfs/node/node.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import { PbBlock } from '../ipfs/pb-block.ts'
import { type BlockMemory, WantRoom } from '../ipfs/want-room.ts'
import { type BlockWriter, openBlockWriter } from '../pins/block-writer.ts'
import type { WriteServices } from '../pins/upload-blocks.ts'
import { countPinBlocks } from '../pins/ledger-queries.ts'
import type { WrittenBlocks } from '../pins/written-blocks.ts'
import type { Job } from '../jobs/queue.ts'
import type { Services } from '../services.ts'
import { findDagType } from '../uploads/dag-type.ts'
import { getAccountRoom, quotaReached, requirePublicAllowed, UploadRoom } from '../usage/quota.ts'
import { FetchProgress } from './fetch-progress.ts'
import { type FetchRow, isForReachesOnly, isStillOurs, keepStaging, updateProgress } from './fetch-queries.ts'
import { SearchEnded, Stalled } from './fetch-reason.ts'
import type { FetchTimes } from './fetch-times.ts'

/** What fetching needs. */
export type FetchServices = WriteServices & Pick<Services, 'reservations' | 'node'>

/** Nodes kept in memory while a DAG is fetched, because it is measured right afterwards. */
const nodeBytes = 16 * 1024 * 1024

/** One attempt at a fetch. */
export interface Attempt {
  readonly job: Job
  readonly fetch: FetchRow
  readonly root: Cid
  readonly origins: readonly string[]
  readonly memory: BlockMemory
  readonly times: FetchTimes
  readonly signal: AbortSignal
}

/** What an attempt came to. `content` is there when it is whole; it is used before the attempt is disposed of. */
export interface Attempted extends AsyncDisposable {
  readonly content: FetchedDag | undefined
  /** Why it is not whole. */
  readonly error: unknown
  readonly tried: readonly Tried[]
  readonly blocks: number
  readonly bytes: number
  readonly lastBlockAt: number | null
  /** Blocks came in this attempt. */
  readonly isMoving: boolean
}

/** A DAG of which every block is here, was held against its hash, and is durable. */
export interface FetchedDag {
  readonly written: WrittenBlocks
  readonly sizeBytes: number
  readonly numberOfFiles: number
  readonly mimeType: string
}

/** The fetch is not wanted any more, or another worker has it: nothing of it may be changed. */
export class NotOurs extends Error {
  override readonly name = 'NotOurs'
}

/** It is the turn of others; this one goes on afterwards. */
export class SliceEnded extends Error {
  override readonly name = 'SliceEnded'
}

/** The time in which the content had to be here is over. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed'
}

/**
 * Fetches what is missing of a DAG, going on where the attempt before ended. Blocks that a public pin or a pin of the
 * account holds are used, all others come from the node, which has held them against their hash (`BlockFetch.get`). What
 * came is kept when it ends early, unless `NotOurs`. Never rejects.
 */
export async function attemptFetch(services: FetchServices, attempt: Attempt): Promise<Attempted> {
  const stack = new AsyncDisposableStack()
  const stop = new AbortController()
  const onStop = () => stop.abort(attempt.signal.reason)
  attempt.signal.addEventListener('abort', onStop)
  if (attempt.signal.aborted) onStop()
  stack.defer(() => attempt.signal.removeEventListener('abort', onStop))
  const progress = new FetchProgress(attempt.fetch)
  const watching = watch(services, attempt, progress, stop).catch((error: unknown) => stop.abort(error))
  let source: BlockFetch | undefined
  let writer: BlockWriter | undefined
  let content: FetchedDag | undefined
  let error: unknown
  try {
    writer = stack.use(await openWriter(services, attempt))
    const openSource = () => (source ??= services.node.openFetch({ ...attempt, signal: stop.signal }))
    content = await bring(services, attempt, { writer, openSource, progress, signal: stop.signal })
  } catch (failure) {
    error = stop.signal.aborted ? stop.signal.reason : failure
    if (!(error instanceof NotOurs)) await writer?.save().catch(() => {}) // it is fetched again then
  } finally {
    if (!stop.signal.aborted) stop.abort(new Error('The attempt is over'))
    await watching
    await source?.[Symbol.asyncDispose]()
  }
  return {
    content,
    error,
    tried: source?.tried ?? [],
    blocks: progress.blocks,
    bytes: progress.bytes,
    lastBlockAt: progress.lastBlockAt,
    isMoving: progress.isMoving,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** What nobody made: public content is visible all the same. */
const nothingPrivate: Reach = { owner: { keyId: '', level: 1 }, groups: undefined }

async function openWriter(services: FetchServices, { fetch, job }: Attempt): Promise<BlockWriter> {
  const { id, account_id: accountId, staging_id: pinId } = fetch
  const staging = pinId === null ? undefined : { pinId, numberOfBlocks: await countPinBlocks(services.db.read, pinId) }
  // What others of the account hold privately is none of the business of keys that see only their own files.
  const reach = (await isForReachesOnly(services.db.read, id)) ? nothingPrivate : undefined
  return openBlockWriter(services, {
    accountId,
    reach,
    network: 'public',
    staging,
    async onStaging(tx, stagingId) {
      if (!(await keepStaging(tx, { id, job, pinId: stagingId }))) throw new NotOurs()
    },
  })
}

interface Tools {
  readonly writer: BlockWriter
  readonly openSource: () => BlockFetch
  readonly progress: FetchProgress
  readonly signal: AbortSignal
}

async function bring(
  services: FetchServices,
  { fetch, root, memory, times }: Attempt,
  { writer, openSource, progress, signal }: Tools,
): Promise<FetchedDag> {
  const account = await getAccountRoom(services.db.read, fetch.account_id)
  requirePublicAllowed(account)
  const room = new UploadRoom(services, fetch.account_id, account.quota_bytes !== null)
  try {
    const nodes = new LRUCache<string, Uint8Array>({
      maxSize: nodeBytes,
      sizeCalculation: ({ length }) => length + 200,
    })
    const places: DagPlaces = {
      findHere: ({ multihash }, options) => writer.adopt(multihash, options),
      async get(cid) {
        progress.beginWant()
        try {
          return await openSource().get(cid, signal)
        } finally {
          progress.endWant()
        }
      },
      async put(cid, bytes) {
        await writer.put({ ...cid, bytes: [bytes], sizeBytes: bytes.length })
        if (!progress.isWorthSaving(times.saveMs)) return
        await writer.save()
        progress.markSaved()
      },
      async readAgain(cid) {
        const bytes = await writer.get(cid.multihash)
        if (bytes === undefined) throw new Error('A block that was kept is not there')
        return bytes
      },
      onBlock(cid, block) {
        if (cid === root) requireDeclared(account, cid, block.bytes)
        progress.add(block, services.clock.now())
        // A copy: what comes from the network may be a view of much more.
        if (cid.codec !== codecs.raw && block.bytes !== undefined)
          nodes.set(multihashKey(cid.multihash), block.bytes.slice())
        return room.take(contentBytesOf(cid, block))
      },
    }
    const fetched = await fetchDag(places, root, { room: new WantRoom(memory), signal })
    const source: SizedBlockSource = {
      get: (multihash) => nodes.get(multihashKey(multihash)) ?? writer.get(multihash),
      sizeOf: (multihash) => fetched.sizeOf(multihash),
    }
    const { sizeBytes, files } = await measureDag(source, root, { signal })
    const mimeType = await findDagType(source, root)
    const written = await writer.finish({ network: 'public', reached: fetched.reached })
    return { written, sizeBytes, numberOfFiles: files, mimeType }
  } finally {
    room.release()
  }
}

/** Refuses a file whose root says that it is larger than there is room for, before the rest of it is fetched. */
function requireDeclared(
  account: Awaited<ReturnType<typeof getAccountRoom>>,
  { codec }: Cid,
  bytes: Uint8Array | undefined,
): void {
  if (account.quota_bytes === null || codec !== codecs.dagPb || bytes === undefined) return
  const { unixfs } = new PbBlock(bytes)
  const declared = unixfs?.type === 'file' ? (unixfs.fileSize ?? 0) : 0
  if (declared > account.quota_bytes - account.used_bytes - account.reserved_bytes)
    throw quotaReached(account, declared)
}

/** What a block surely adds to the content: less is never charged. */
function contentBytesOf(
  { codec }: Cid,
  { sizeBytes, bytes }: { sizeBytes: number; bytes: Uint8Array | undefined },
): number {
  if (codec !== codecs.dagPb || bytes === undefined) return sizeBytes
  return new PbBlock(bytes).unixfs?.data?.length ?? 0
}

/** Ends the attempt when its time is over or it is not wanted, and writes down how far it is. */
async function watch(
  { db, clock }: FetchServices,
  { fetch, job, times }: Attempt,
  progress: FetchProgress,
  stop: AbortController,
): Promise<void> {
  const began = performance.now()
  const searchMs = times.searchMs[Math.min(fetch.attempts, times.searchMs.length) - 1] ?? times.idleMs
  const sliceMs = job.lane === 'newest' ? times.newestSliceMs : times.sliceMs
  const everyMs = Math.max(10, Math.min(times.noteMs, times.idleMs, searchMs, sliceMs) / 5)
  let notedAt = began
  try {
    for await (const _ of setInterval(everyMs, undefined, { signal: stop.signal, ref: false })) {
      const now = performance.now()
      const { isMoving, waitingMs } = progress
      if (clock.now() >= fetch.deadline_at) stop.abort(new DeadlinePassed())
      else if (!isMoving && waitingMs >= searchMs) stop.abort(new SearchEnded())
      else if (isMoving && waitingMs >= times.idleMs) stop.abort(new Stalled())
      else if (now - began >= sliceMs) stop.abort(new SliceEnded())
      if (stop.signal.aborted || now - notedAt < times.noteMs) continue
      notedAt = now
      if (!(await note(db, { fetch, job }, progress))) stop.abort(new NotOurs())
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
  }
}

async function note(
  db: FetchServices['db'],
  { fetch, job }: Pick<Attempt, 'fetch' | 'job'>,
  progress: FetchProgress,
): Promise<boolean> {
  if (!progress.takeChanged()) return isStillOurs(db.read, { id: fetch.id, job })
  const { blocks, bytes, lastBlockAt } = progress
  return db.write((tx) => updateProgress(tx, { id: fetch.id, job, blocks, bytes, lastBlockAt }))
}
