import type { Caller } from '../caller.ts'
import { requireKeyvalues } from '../files/keyvalues.ts'
import { getGroup } from '../groups/get-group.ts'
import { type Cid, formatCid } from '../ipfs/cid.ts'
import type { ReadCar } from '../ipfs/read-car.ts'
import { AppError } from '../lib/errors.ts'
import { type BlockWriter, openBlockWriter } from '../pins/block-writer.ts'
import { CarImport, completeCar } from '../uploads/car-import.ts'
import type { FileTaker } from '../uploads/folder-import.ts'
import type { UploadServices } from '../uploads/receive-file.ts'
import { getAccountRoom, requirePublicAllowed, UploadRoom } from '../usage/quota.ts'
import { findImported } from './find-imported.ts'
import { type ImportWish, readWishedCid } from './import-wish.ts'
import { type ImportedFile, keepImport } from './keep-import.ts'

/** An import as a door knows it before its body. */
export interface Receive {
  /** Bytes of the body, when the client says so beforehand. */
  readonly bodyBytes: number | undefined
  readonly signal?: AbortSignal
  /** Reads what is wished for, then brings the CAR, once. */
  readonly read: (begin: (wish: ImportWish) => Promise<FileTaker>) => Promise<void>
}

/** What is under way between the wish and the end of the CAR. */
type Begun =
  | { readonly there: ImportedFile }
  | { readonly wish: ImportWish; readonly root: Cid; readonly writer: BlockWriter; readonly car: CarImport }

/**
 * Takes a file that comes from elsewhere as a CAR, and makes it a file of the account with the date, the name and the
 * spelling of the CID that it had. What was imported before is given back as it is. Throws what `read` throws,
 * `invalid_car` when the root is another one, `incomplete_dag` when blocks are missing that are not here either, and
 * what uploads throw.
 */
export async function receiveImport(services: UploadServices, caller: Caller, upload: Receive): Promise<ImportedFile> {
  const { accountId, reach } = caller
  const account = await getAccountRoom(services.db.read, accountId)
  const room = new UploadRoom(services, accountId, account.quota_bytes !== null)
  try {
    await using opened = new AsyncDisposableStack()
    let begun: Begun | undefined
    await upload.read(async (wish) => {
      if (begun !== undefined) throw new AppError('invalid_request', 'The form holds more than one file: send one CAR')
      const now = services.clock.now()
      const root = readWishedCid(wish, now)
      const found = await findImported(services.db.read, { accountId, reach, root, now }, wish)
      if ('there' in found) {
        begun = { there: { ...found.there, isNew: false } }
        return nowhere
      }
      if (wish.network === 'public') requirePublicAllowed(account)
      if (wish.kind === 'upload') requireKeyvalues(services.config.limits, wish.keyvalues)
      if (wish.groupId !== null) await getGroup(services, caller, { network: wish.network, id: wish.groupId })
      if (upload.bodyBytes !== undefined) await room.expect(upload.bodyBytes)
      const writer = opened.use(openBlockWriter(services, { accountId, reach, network: wish.network }))
      const car = new CarImport(writer, upload.signal)
      begun = { wish, root, writer, car }
      return {
        write(piece) {
          const wait = room.take(piece.length)
          return wait === undefined ? car.write(piece) : wait.then(() => car.write(piece))
        },
        end: () => car.end(),
      }
    })
    if (begun === undefined) throw new AppError('invalid_request', 'The form has no part called file: send a CAR')
    return await finish(services, caller, begun, upload.signal)
  } catch (error) {
    if (!upload.signal?.aborted || error instanceof AppError) throw error
    throw new AppError('invalid_request', 'The connection ended before the import did', { cause: error })
  } finally {
    room.release()
  }
}

async function finish(
  services: UploadServices,
  caller: Caller,
  begun: Begun,
  signal: AbortSignal | undefined,
): Promise<ImportedFile> {
  if ('there' in begun) return begun.there
  const { wish, root, writer, car } = begun
  const read = await car.finish()
  requireRoot(read, root)
  const dag = await completeCar(read, writer, signal)
  const written = await writer.finish({ network: wish.network, reached: dag.reached })
  return keepImport(services, caller, wish, { ...dag, root, written })
}

/** One root that is another one; none and several are told by `completeCar`. Two versions of a CID name the same. */
function requireRoot({ roots }: ReadCar, wished: Cid): void {
  const [root] = roots
  if (root === undefined || roots.length > 1) return
  if (root.codec === wished.codec && Buffer.compare(root.multihash, wished.multihash) === 0) return
  throw new AppError('invalid_car', `The root of the CAR is ${formatCid(root)}, not ${formatCid(wished)}`)
}

/** What comes of a file that is here is passed over. */
const nowhere: FileTaker = { write() {}, end() {} }
