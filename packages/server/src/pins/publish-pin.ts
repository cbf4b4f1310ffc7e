import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Db } from '../db/database.ts'
import type { Cid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'
import { networkNumbers } from './network.ts'
import { addHolder, insertPins, markPublished, markReleasing } from './queries.ts'
import { insertWritten, replaceDamaged, takenAway, type WrittenBlocks } from './written-blocks.ts'

interface PublishPin {
  readonly root: Cid
  readonly network: NetworkName
  readonly written: WrittenBlocks
  /** As charged. */
  readonly sizeBytes: number
  readonly numberOfFiles: number
  readonly mimeType: string
  readonly createdAt: number
  readonly newId: () => string
}

/**
 * Makes the blocks of an upload the pin of its root, with one holder, or adds a holder to the pin that is there. Part of
 * the caller's transaction, before the file that names the pin. Throws `unavailable` when a block that the upload relied
 * on was taken away meanwhile.
 */
export async function publishPin(tx: Db, pin: PublishPin): Promise<{ pinId: string; isNew: boolean }> {
  const { written } = pin
  for (let attempt = 0; attempt < 3; attempt++) {
    const held = await retainPin(tx, pin)
    if (held !== undefined) {
      await replaceDamaged(tx, { ...written, at: pin.createdAt })
      if (written.staging !== undefined) await markReleasing(tx, written.staging.pinId)
      return { pinId: held.pinId, isNew: false }
    }
    const pinId = await insertNew(tx, pin)
    if (pinId === undefined) continue
    written.onPublished()
    return { pinId, isNew: true }
  }
  throw new AppError('unavailable', 'This content is being removed at this moment; try again', { retryAfterSeconds: 1 })
}

/**
 * One more holder of the pin of a root; undefined when that root is not pinned on that network. Part of the caller's
 * transaction.
 */
export async function retainPin(
  tx: Db,
  { root, network }: Pick<PublishPin, 'root' | 'network'>,
): Promise<{ pinId: string; sizeBytes: number; numberOfFiles: number; mimeType: string } | undefined> {
  const [pin] = await addHolder(tx, { multihash: root.multihash, codec: root.codec, network: networkNumbers[network] })
  if (pin === undefined) return undefined
  return { pinId: pin.id, sizeBytes: pin.size_bytes, numberOfFiles: pin.number_of_files, mimeType: pin.mime_type }
}

/**
 * Makes the blocks of several uploads the pins of their roots, with one holder each, in as many statements as for one;
 * none of them has a staging. Gives for each the pin, or undefined where its root is pinned already: that one is for
 * `publishPin`. Part of the caller's transaction.
 */
export async function publishNewPins(tx: Db, pins: readonly PublishPin[]): Promise<(string | undefined)[]> {
  const rows = pins.map(newRow)
  // In one order for everybody, as blocks.
  const ordered = rows.toSorted((a, b) => Buffer.compare(a.multihash, b.multihash))
  const made = new Set((await insertPins(tx, ordered)).map(({ id }) => id))
  await insertWritten(
    tx,
    ...pins.flatMap(({ written: { blocks, writerId }, createdAt: at }, i) => {
      const { id: pinId, network } = rows[i]! // one for each
      return made.has(pinId) ? [{ blocks, writerId, pinId, network, at }] : []
    }),
  )
  return rows.map(({ id }) => (made.has(id) ? id : undefined))
}

/** Undefined when another transaction pinned the root at the same time. */
async function insertNew(tx: Db, pin: PublishPin): Promise<string | undefined> {
  const { blocks, staging, writerId } = pin.written
  if (staging === undefined) {
    const [pinId] = await publishNewPins(tx, [pin])
    return pinId
  }
  const row = rootRow(pin)
  const { network } = row
  const added = await insertWritten(tx, { blocks, writerId, pinId: staging.pinId, network, at: pin.createdAt })
  const numberOfBlocks = staging.numberOfBlocks + added
  if (!(await markPublished(tx, staging.pinId, { ...row, number_of_blocks: numberOfBlocks }))) throw takenAway()
  return staging.pinId
}

function rootRow({ root, network, sizeBytes, numberOfFiles, mimeType }: PublishPin) {
  return {
    multihash: root.multihash,
    codec: root.codec,
    network: networkNumbers[network],
    size_bytes: sizeBytes,
    number_of_files: numberOfFiles,
    mime_type: mimeType,
  }
}

function newRow(pin: PublishPin) {
  const { written, createdAt: created_at, newId } = pin
  const state = { state: 'pinned', holders: 1, created_at, writer_id: null }
  return { id: newId(), ...rootRow(pin), number_of_blocks: written.blocks.size, ...state }
}
