import { mkdir, open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { routes } from '@pinyon/contract/routes.ts'
import { FolderPage } from '@pinyon/contract/schemas/files.ts'
import type { BlockSource } from '@pinyon/server/ipfs/block.ts'
import { type Cid, formatCid } from '@pinyon/server/ipfs/cid.ts'
import { getBlock } from '@pinyon/server/ipfs/find-block.ts'
import { DirectoryEntries } from '@pinyon/server/ipfs/list-directory.ts'
import { readCar } from '@pinyon/server/ipfs/read-car.ts'
import { readFile } from '@pinyon/server/ipfs/read-file.ts'
import { nodeOf, type Node } from '@pinyon/server/ipfs/read-node.ts'
import { readableOf } from '@pinyon/server/ipfs/readable-of.ts'
import type { Context } from '../context.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { safeText } from '../output.ts'
import type { Progress } from '../progress.ts'
import { SpooledBlocks } from '../spooled-blocks.ts'
import { whileReading } from './read-content.ts'

/** What was written. */
export interface Got {
  bytes: number
  files: number
}

/**
 * Writes what lies under `path` of a file of the account into the new folder `target`. One request brings all of it, as
 * a CAR whose blocks are checked as they come and lie in a file beside `target` until they are put together.
 */
export async function getFolder(
  context: Context,
  file: { readonly id: string; readonly cid: string },
  path: string,
  target: string,
  progress: Progress,
): Promise<Got> {
  const spoolPath = `${target}.car`
  const spool = await SpooledBlocks.create(spoolPath)
  try {
    const query = { path: path === '' ? undefined : path, format: 'car' } as const
    const { roots } = await whileReading(context, file.id, query, (body) =>
      readCar(
        body,
        {
          put(block) {
            progress.add(block.sizeBytes)
            return spool.put(block)
          },
        },
        { signal: context.signal },
      ),
    )
    await spool.finish()
    const [root] = roots
    if (root === undefined || (path === '' && formatCid(root) !== file.cid)) throw damaged('its root is another one')
    const got = { bytes: 0, files: 0 }
    await writeFolder({ source: spool, got, signal: context.signal }, root, target)
    return got
  } finally {
    await spool.close()
    await rm(spoolPath, { force: true })
  }
}

interface Writing {
  readonly source: BlockSource
  readonly got: Got
  readonly signal: AbortSignal | undefined
}

async function writeFolder(writing: Writing, cid: Cid, target: string): Promise<void> {
  const folder = await readNode(writing, cid)
  if (folder.kind !== 'directory') throw damaged('a folder is none')
  await mkdir(target)
  for await (const { name, cid } of new DirectoryEntries(writing.source, folder)) {
    requireLocalName(name)
    const node = await readNode(writing, cid)
    const to = join(target, name)
    if (node.kind === 'directory') await writeFolder(writing, cid, to)
    else await writeNode(writing, node, to)
  }
}

/** Links are written as files with their target in them: nothing that was sent decides where something is written. */
async function writeNode({ source, got, signal }: Writing, node: Node, to: string): Promise<void> {
  const readable = readableOf(node)
  if (readable === undefined) {
    throw new CommandError(
      `The folder holds something that is neither a file nor a folder: ${safeText(to)}. Get it as a CAR: --car.`,
      { reason: 'NOT_A_FILE', exitCode: exitCodes.failed },
    )
  }
  const file = await open(to, 'wx')
  try {
    for await (const piece of readFile(source, readable, signal === undefined ? {} : { signal })) {
      await writeAll(file, piece)
      got.bytes += piece.length
    }
  } finally {
    await file.close()
  }
  got.files++
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length;) at += (await file.write(piece, at)).bytesWritten
}

async function readNode({ source, signal }: Writing, cid: Cid): Promise<Node> {
  signal?.throwIfAborted()
  return nodeOf(cid, await getBlock(source, cid))
}

function damaged(what: string): CommandError {
  return new CommandError(`The server sent something else than was asked for: ${what}.`, {
    reason: 'DAMAGED',
    exitCode: exitCodes.failed,
  })
}

/** A page of the folder under `path`. */
export async function readPage(
  context: Context,
  id: string,
  path: string,
  after: string | undefined,
): Promise<ReturnType<typeof FolderPage.parse>> {
  const client = await context.client()
  const answer = await client.open(routes.filesContent, {
    params: { id },
    query: { format: 'list', path: path === '' ? undefined : path, after },
    signal: context.signal,
  })
  return FolderPage.parse(await answer.json())
}

/** Names come from whoever made the folder: none may lead out of it. */
function requireLocalName(name: string): void {
  if (name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && name.isWellFormed()) return
  throw new CommandError(
    `The folder holds an entry that cannot be a file name here: ${JSON.stringify(safeText(name))}. Get it as a CAR: --car.`,
    { reason: 'UNSAFE_NAME', exitCode: exitCodes.failed },
  )
}
