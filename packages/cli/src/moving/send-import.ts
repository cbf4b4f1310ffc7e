import { Unreachable, type AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { CarPieces } from '@pinyon/server/ipfs/car-pieces.ts'
import { parseCid } from '@pinyon/server/ipfs/cid.ts'
import type { Context } from '../context.ts'
import { encodeMultipart } from '../multipart-body.ts'
import type { GroupsHere } from './groups-here.ts'
import { type CarBody, type ImportItem, SourceFailed } from './import-item.ts'
import { patiently } from './patiently.ts'

/**
 * Sends an item with its content. Throws ApiError with `INCOMPLETE_DAG` when blocks are missing that are not here
 * either, SourceFailed when the content broke off where it comes from, and whatever else the server says.
 */
export async function sendImport(
  context: Context,
  item: ImportItem,
  car: CarBody,
  { groups, onBytes }: { readonly groups: GroupsHere; readonly onBytes: (bytes: number) => void },
): Promise<AnswerOf<typeof routes.filesImport>> {
  const client = await context.client()
  const groupId = item.group == null ? undefined : await groups.idOf(item.network, item.group)
  const part = { filename: 'import.car', sizeBytes: car.sizeBytes, open: () => watched(car.open()) }
  return patiently(context.signal, async () => {
    try {
      const form = encodeMultipart(fieldsOf(item, groupId), [part], onBytes)
      return await client.call(routes.filesImport, { form, signal: context.signal })
    } catch (error) {
      if (error instanceof Unreachable && error.cause instanceof SourceFailed) throw error.cause
      throw error
    }
  })
}

/** A CAR that names its root and holds nothing: for what is here already. */
export function emptyCar(cid: string): CarBody {
  const header = Buffer.concat([...new CarPieces([parseCid(cid)]).end()])
  return { sizeBytes: header.length, open: () => [header] }
}

function fieldsOf(item: ImportItem, groupId: string | undefined): Record<string, string> {
  return {
    cid: item.cid,
    network: item.network,
    kind: item.kind,
    ...(item.name === null ? {} : { name: item.name }),
    ...(item.mimeType === undefined ? {} : { mime_type: item.mimeType }),
    ...(groupId === undefined ? {} : { group_id: groupId }),
    ...(Object.keys(item.keyvalues).length === 0 ? {} : { keyvalues: JSON.stringify(item.keyvalues) }),
    ...(item.expiresAt === null ? {} : { expires_at: item.expiresAt }),
    ...(item.sourceId === undefined || item.createdAt === undefined
      ? {}
      : { source: item.source, source_id: item.sourceId, created_at: item.createdAt }),
  }
}

/** What breaks while the content is read is the source's fault, not the server's. */
async function* watched(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces
  } catch (cause) {
    if (cause instanceof SourceFailed) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SourceFailed(`the content broke off: ${why}`, { cause })
  }
}
