import { DirectoryBuilder } from '../ipfs/directory-builder.ts'
import { surveyDag } from '../ipfs/walk-dag.ts'
import { formatCid } from '../ipfs/cid.ts'
import { readUploadPath } from '../ipfs/upload-path.ts'
import { AppError } from '../lib/errors.ts'
import { type BlockWriter, openBlockWriter } from '../pins/block-writer.ts'
import { countPinBlocks } from '../pins/ledger-queries.ts'
import { lockAccountRoom } from '../usage/queries.ts'
import { ChunkFeed } from './chunk-feed.ts'
import type { FileTaker } from './folder-import.ts'
import { findUploadFile, listUploadFiles, setUploadFileNode, touchFolder } from './folder-queries.ts'
import { getUpload, type UploadHolder } from './get-upload.ts'
import { judgeAtEnd, judgeEntriesOf } from './judge-entries.ts'
import { keepFile, type KeptFile } from './keep-file.ts'
import { markUploadDone, type UploadRow } from './queries.ts'
import type { ResumableServices } from './uploading.ts'
import { readChoice, readNodeText, writeNodeText } from './upload-state.ts'
import { failpoint } from '../lib/failpoint.ts'

/** Rows that are read at a time. */
const sliceRows = 4_096

/** Opens files of a folder by their paths inside it, one after another. */
export type OpenEntry = (path: string, contentType: string | undefined) => Promise<FileTaker>

/**
 * Takes files of a folder that `read` brings: all of them are on stable storage when this resolves, with how many there
 * were, or none is kept. Throws `invalid_request` for a file that the manifest does not name, or of another size.
 */
export async function receiveFolderFiles(
  services: ResumableServices,
  holder: UploadHolder,
  { id, read }: { id: string; read: (open: OpenEntry) => Promise<void> },
): Promise<number> {
  const { db, clock, config } = services
  const row = await getOpenFolder(services, holder, id)
  await using writer = await openFolderWriter(services, holder, row)
  const feed = new ChunkFeed(writer, readChoice(row.choice).layout)
  const received = new Map<number, string>()
  const judge = judgeEntriesOf(holder)
  await read(async (name, contentType) => {
    const segments = readUploadPath(name)
    const path = segments.join('/')
    const entry = await findUploadFile(db.read, { id, path })
    if (entry === undefined) throw new AppError('invalid_request', `The manifest names no file ${JSON.stringify(path)}`)
    const file = feed.openFile()
    let bytes = 0
    const wrongSize = () =>
      new AppError('invalid_request', `${JSON.stringify(path)} has another size than its ${entry.size_bytes} bytes`)
    const taker: FileTaker = {
      write(piece) {
        bytes += piece.length
        if (bytes > entry.size_bytes) throw wrongSize()
        return file.write(piece)
      },
      async end() {
        if (bytes !== entry.size_bytes) throw wrongSize()
        received.set(entry.number, writeNodeText(await file.finish()))
      },
    }
    return judge === undefined ? taker : judgeAtEnd(taker, { path: segments, contentType }, judge)
  })
  await writer.save(async (tx) => {
    const open = await touchFolder.changes(tx, { id, expiresAt: clock.now() + config.uploads.keepMs })
    if (open === 0) throw folderEnded()
    for (const [number, node] of received) await setUploadFileNode(tx, { id, number, node })
  })
  return received.size
}

/**
 * Makes the folder, once every file is here. Asked again, the caller looks for the file by its id. Throws `conflict`
 * while files are missing, and what keeping it does.
 */
export async function finishFolderUpload(
  services: ResumableServices,
  holder: UploadHolder,
  id: string,
): Promise<KeptFile> {
  const { clock, config } = services
  const row = await getOpenFolder(services, holder, id)
  const choice = readChoice(row.choice)
  const builder = await gather(services, id)
  await using writer = await openFolderWriter(services, holder, row)
  const root = await builder.finish(writer, choice.layout)
  // What came for files that were given up, or came twice, is left out.
  const { reached } = await surveyDag(writer, root.cid)
  const numberOfFiles = builder.fileCount
  const written = await writer.finish({ network: choice.network, reached })
  const content = { root: root.cid, written, sizeBytes: root.contentBytes, numberOfFiles, mimeType: 'directory' }
  failpoint('folder-published-next')
  return await keepFile(services, holder, { ...content, defaultName: choice.name ?? null }, choice, {
    id,
    hasBegun: true,
    async claim(tx) {
      await lockAccountRoom(tx, row.account_id)
      const expiresAt = clock.now() + config.uploads.keepMs
      const done = { id, lease: row.lease, cid: formatCid(root.cid), length: row.length_bytes ?? 0, expiresAt }
      if ((await markUploadDone.changes(tx, done)) === 0) throw folderEnded()
    },
  })
}

/** The folder upload, unfinished. Throws `not_found`, and `conflict` when it is done. */
export async function getOpenFolder(services: ResumableServices, holder: UploadHolder, id: string): Promise<UploadRow> {
  const row = await getUpload(services, holder, id, 'folder')
  if (row.state === 'open') return row
  throw new AppError('conflict', 'This folder is whole already')
}

async function gather({ db }: Pick<ResumableServices, 'db'>, id: string): Promise<DirectoryBuilder> {
  const builder = new DirectoryBuilder()
  let missing = 0
  for (let after = -1; ;) {
    const slice = await listUploadFiles(db.read, { id, after, limit: sliceRows })
    const last = slice.at(-1)
    if (last === undefined) break
    after = last.number
    for (const { path, node } of slice) {
      if (node === null) missing++
      else builder.addFile(path.split('/'), readNodeText(node))
    }
  }
  if (missing === 0) return builder
  const files = missing === 1 ? 'A file is' : `${missing} files are`
  throw new AppError('conflict', `${files} still missing in this folder`, { facts: { missing } })
}

async function openFolderWriter(
  services: ResumableServices,
  { reach }: UploadHolder,
  { account_id: accountId, staging_id: pinId, choice }: UploadRow,
): Promise<BlockWriter> {
  if (pinId === null) throw new Error('An open folder has a staging')
  return openBlockWriter(services, {
    accountId,
    reach,
    network: readChoice(choice).network,
    staging: { pinId, numberOfBlocks: await countPinBlocks(services.db.read, pinId) },
    // The folder keeps it.
    onStaging: () => Promise.resolve(),
  })
}

/** The words for a folder that ended while somebody sent of it. */
export function folderEnded(): AppError {
  return new AppError('conflict', 'The upload of this folder was ended, or made its folder, meanwhile')
}
