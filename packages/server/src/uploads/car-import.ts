import type { BlockSink } from '../ipfs/block.ts'
import { type Cid, formatCid } from '../ipfs/cid.ts'
import type { SizedBlockSource } from '../ipfs/find-block.ts'
import { measureDag } from '../ipfs/measure-dag.ts'
import type { MultihashTable } from '../ipfs/multihash-table.ts'
import { type ReadCar, readCar } from '../ipfs/read-car.ts'
import { surveyDag } from '../ipfs/walk-dag.ts'
import { AppError } from '../lib/errors.ts'
import { PieceChannel } from '../lib/piece-channel.ts'
import { findDagType } from './dag-type.ts'
import type { FileTaker } from './folder-import.ts'

/** Blocks of one CAR at most; as many as a walk looks at. */
const maxBlocks = 4_000_000

/** The DAG that a CAR brought, known to be whole. */
export interface CarDag {
  readonly root: Cid
  /** Blocks that belong to it, also those that were here before. */
  readonly reached: MultihashTable
  readonly sizeBytes: number
  readonly numberOfFiles: number
  readonly mimeType: string
}

/** Takes a CAR whose bytes are pushed; every block is checked against its CID before it goes into the sink. */
export class CarImport implements FileTaker {
  readonly #channel = new PieceChannel()
  readonly #reading: Promise<ReadCar>

  constructor(sink: BlockSink, signal: AbortSignal | undefined) {
    this.#reading = readCar(this.#channel, sink, { maxBlocks, signal })
    this.#reading.catch(() => {}) // whoever writes or finishes gets it
  }

  async write(piece: Uint8Array): Promise<void> {
    await this.#channel.write(piece)
    if (this.#channel.isLeft) await this.#reading
  }

  /** The CAR is whole. */
  end(): void {
    this.#channel.end()
  }

  /** What it held. Throws what was wrong with it (`readCar`). */
  finish(): Promise<ReadCar> {
    this.#channel.end()
    return this.#reading
  }
}

/**
 * Looks whether all blocks below the one root are there, and counts what they hold. `source` shows the blocks of the
 * upload and those that this account may build on, nothing else. Throws `invalid_car` unless there is one root,
 * `incomplete_dag` with the CIDs that are missing, `unsupported_codec`, `invalid_block`, `too_large`.
 */
export async function completeCar(
  { roots }: Pick<ReadCar, 'roots'>,
  source: SizedBlockSource,
  signal: AbortSignal | undefined,
  maxBlocksOfDag = maxBlocks,
): Promise<CarDag> {
  const [root] = roots
  if (root === undefined || roots.length > 1) {
    throw new AppError('invalid_car', `The CAR names ${roots.length} roots; it must name exactly one`)
  }
  const bounds = { maxBlocks: maxBlocksOfDag, ...(signal === undefined ? {} : { signal }) }
  const { missing, reached } = await surveyDag(source, root, bounds)
  if (missing.length > 0) throw incomplete(root, missing)
  const { sizeBytes, files } = await measureDag(source, root, bounds)
  return { root, reached, sizeBytes, numberOfFiles: files, mimeType: await findDagType(source, root) }
}

function incomplete(root: Cid, missing: readonly Cid[]): AppError {
  const cids = missing.map(formatCid)
  const many = cids.length >= 100 ? 'at least 100 blocks' : cids.length === 1 ? 'a block' : `${cids.length} blocks`
  return new AppError(
    'incomplete_dag',
    `The CAR does not hold the whole DAG of ${formatCid(root)}: ${many} missing, first ${cids[0]}`,
    { facts: { missing: cids } },
  )
}
