import type { Caller } from '../caller.ts'
import type { SizedBlockSource } from '../ipfs/find-block.ts'
import { readFile } from '../ipfs/read-file.ts'
import { findNode } from '../ipfs/read-node.ts'
import type { ImportedNode } from '../ipfs/layout.ts'
import { AppError } from '../lib/errors.ts'
import { mostBytesOf, requireCarAllowed } from '../keys/upload-bounds.ts'
import { type BlockWriter, openBlockWriter } from '../pins/block-writer.ts'
import type { Services } from '../services.ts'
import { getAccountBounds, requirePublicAllowed, UploadRoom } from '../usage/quota.ts'
import { CarImport, completeCar } from './car-import.ts'
import { detectType } from './detect-type.ts'
import { FolderImport } from './folder-import.ts'
import { type Flow, Intake, requireOneCar } from './intake.ts'
import type { Content } from './content.ts'
import { judgeEntriesOf, type JudgeEntry } from './judge-entries.ts'
import { keepFile, type KeptFile, type OwnRow } from './keep-file.ts'
import { RememberingSink } from './remembering-sink.ts'
import type { Form, UploadChoice } from './upload-choice.ts'

/** What an upload in one request needs. */
export type UploadServices = Pick<
  Services,
  | 'db'
  | 'packs'
  | 'blocksInFlight'
  | 'verifiedBlocks'
  | 'denials'
  | 'metrics'
  | 'log'
  | 'clock'
  | 'newId'
  | 'reservations'
  | 'config'
>

/** An upload in one request, as a door knows it before its body. */
export interface Receive {
  /** How bytes become blocks as long as nothing else was said. */
  readonly assumed: Form
  /** Bytes of the body, when the client says so beforehand. */
  readonly bodyBytes: number | undefined
  readonly signal?: AbortSignal
  /** Brings the files into the intake, and when all are there, what was chosen. */
  readonly read: (intake: Intake) => Promise<UploadChoice>
  /** Asked about each file of a folder, beside what the key is bound to. */
  readonly judgeEntry?: JudgeEntry | undefined
  /** The row that was promised for it. */
  readonly own?: OwnRow
}

/**
 * Takes a file, a folder or a CAR and makes it a file of the account: streamed into the packs while it comes in, whole
 * and durable when this resolves, nothing of it otherwise. Content that the account holds by an upload already gives
 * that file back. Throws what `read` throws, `quota_reached`, `public_content_refused`, and what is wrong with the
 * content.
 */
export async function receiveFile(services: UploadServices, caller: Caller, upload: Receive): Promise<KeptFile> {
  const account = await getAccountBounds(services.db.read, caller.accountId)
  if (upload.assumed.network === 'public') requirePublicAllowed(account)
  const judgeEntry = judgeEntriesOf(caller, upload.judgeEntry)
  const room = new UploadRoom(services, caller.accountId, account.quota_bytes !== null, mostBytesOf(caller))
  try {
    if (upload.bodyBytes !== undefined) await room.expect(upload.bodyBytes)
    await using opened = new AsyncDisposableStack()
    const intake = new Intake({
      assumed: upload.assumed,
      signal: upload.signal,
      judgeEntry,
      takeRoom: (bytes) => room.take(bytes),
      open({ network }) {
        if (network === 'public') requirePublicAllowed(account)
        const { accountId, reach } = caller
        return opened.use(
          openBlockWriter(services, { accountId, reach, ...(network === undefined ? {} : { network }) }),
        )
      },
    })
    const choice = await upload.read(intake)
    if (choice.network === 'public') requirePublicAllowed(account)
    const content = await finish(await intake.end(choice), intake, choice, upload.signal)
    if (choice.isCar) requireCarAllowed(caller, content)
    else if (choice.isWrapped) {
      const { path, contentType } = intake.announced
      // It came as a file by itself, and stands in a folder now.
      if (path.length === 1) await judgeEntry?.({ path, contentType, sample: intake.sample })
    }
    return await keepFile(services, caller, content, choice, upload.own)
  } catch (error) {
    if (!upload.signal?.aborted || error instanceof AppError) throw error
    throw new AppError('invalid_request', 'The connection ended before the upload did', { cause: error })
  } finally {
    room.release()
  }
}

async function finish(
  flow: Flow,
  intake: Intake,
  choice: UploadChoice,
  signal: AbortSignal | undefined,
): Promise<Content> {
  const { writer } = flow
  const defaultName = intake.announced.path[0] ?? null
  if (choice.isCar) {
    const car = flow.kind === 'car' ? flow.car : await readAgainAsCar(writer, flow.files, intake, signal)
    const dag = await completeCar(await car.finish(), writer, signal)
    const written = await writer.finish({ network: choice.network, reached: dag.reached })
    return { ...dag, written, defaultName }
  }
  if (flow.kind === 'car') throw new Error('A CAR was read though none was asked for')
  const isAsAssumed = flow.files.layout === choice.layout
  // Blocks of the first form are left out of the pin when there is a second.
  const sink = isAsAssumed ? undefined : new RememberingSink(writer)
  const files = sink === undefined ? flow.files : await cutAgain(writer, flow.files, sink, choice, signal)
  const { node, isFolder, numberOfFiles } = await files.finish(choice, signal)
  return {
    root: node.cid,
    written: await writer.finish({
      network: choice.network,
      ...(sink === undefined ? {} : { reached: sink.seen }),
    }),
    sizeBytes: node.contentBytes,
    numberOfFiles,
    mimeType: isFolder ? 'directory' : await detectType(defaultName ?? '', intake.sample, intake.announced.contentType),
    ...(isFolder ? {} : { sniffedType: await detectType('', intake.sample) }),
    defaultName,
  }
}

/** Makes the DAG in another layout out of the blocks of the first. */
async function cutAgain(
  source: SizedBlockSource,
  before: FolderImport,
  sink: RememberingSink,
  { layout }: UploadChoice,
  signal: AbortSignal | undefined,
): Promise<FolderImport> {
  const files = new FolderImport(sink, layout)
  for (const { path, node } of before.files()) {
    const file = files.openFile(path)
    for await (const piece of contentOf(source, node, signal)) await file.write(piece)
    await file.end()
  }
  return files
}

async function readAgainAsCar(
  writer: BlockWriter,
  before: FolderImport,
  intake: Intake,
  signal: AbortSignal | undefined,
): Promise<CarImport> {
  const { path, count } = intake.announced
  requireOneCar(path, count)
  const car = new CarImport(writer, signal)
  for (const { node } of before.files()) {
    for await (const piece of contentOf(writer, node, signal)) await car.write(piece)
  }
  return car
}

async function* contentOf(
  source: SizedBlockSource,
  { cid }: ImportedNode,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const node = await findNode(source, cid)
  if (node?.kind !== 'file' && node?.kind !== 'raw') throw new Error('A file that was just written cannot be read')
  yield* readFile(source, node, signal === undefined ? {} : { signal })
}
