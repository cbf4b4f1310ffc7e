import type { Caller } from '../caller.ts'
import { DenialWatch } from '../denials/denial-watch.ts'
import { parseCid } from '../ipfs/cid.ts'
import type { SizedBlockSource } from '../ipfs/find-block.ts'
import { resolvePath, type Resolved } from '../ipfs/resolve-path.ts'
import { AppError } from '../lib/errors.ts'
import { pinBlocks } from '../pins/read-blocks.ts'
import { whileHeld } from '../pins/while-held.ts'
import type { Services } from '../services.ts'
import { noSuchFile } from './get-file.ts'
import { type FileRow, findFileById } from './queries.ts'

/** A file of the account, opened for reading: where its path leads, and the blocks of its own pin. */
export interface OpenedFile {
  readonly file: FileRow
  readonly source: SizedBlockSource
  readonly found: Extract<Resolved, { outcome: 'found' }>
}

/**
 * Opens a file of the account by id, public or private, or a path inside a folder. Only blocks of the pin that the file
 * holds are read. Throws `not_found` for absent ids and paths, `invalid_request` for a path that is none; what reads from
 * `source` throws `not_found` too once the file has ended and its blocks are collected.
 */
export async function openFile(
  services: Pick<Services, 'db' | 'clock' | 'packs' | 'verifiedBlocks' | 'denials' | 'metrics' | 'log'>,
  { accountId, reach }: Pick<Caller, 'accountId' | 'reach'>,
  { id, path, signal }: { id: string; path?: string | undefined; signal: AbortSignal },
): Promise<OpenedFile> {
  const getHeld = async () => {
    const file = await findFileById(services.db.read, { account: accountId, id, now: services.clock.now(), reach })
    if (file === undefined || file.pin_id === null) throw noSuchFile()
    return { file, pinId: file.pin_id }
  }
  const { file, pinId } = await getHeld()
  const blocks = pinBlocks(services, { pinId, network: file.network === 1 ? 'public' : 'private' })
  const held = whileHeld(blocks, async () => void (await getHeld()))
  const source = new DenialWatch(services.denials).over(held)
  const segments = (path ?? '').split('/').filter((segment) => segment !== '')
  const found = await resolvePath(source, parseCid(file.cid), segments, { signal })
  if (found.outcome === 'found') return { file, source, found }
  if (found.outcome === 'missing')
    throw new AppError('not_found', `There is no "${found.missing.slice(0, 200)}" in this folder.`)
  if (found.outcome === 'value')
    throw new AppError('invalid_request', 'The path ends inside a block, on a value that is no link.')
  throw new AppError('storage_failed', 'A block of this file cannot be read. The operator is told in the log.')
}
