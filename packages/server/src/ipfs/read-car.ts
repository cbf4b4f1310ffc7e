import { AppError } from '../lib/errors.ts'
import { LoopShare } from '../lib/loop-share.ts'
import { readVarint } from '../lib/varint.ts'
import { type Block, type BlockSink, maxBlockBytes } from './block.ts'
import { ByteQueue } from './byte-queue.ts'
import { carV2HeaderEnd, maxCarHeaderBytes, readCarHeader, readCarV2Header } from './car-frame.ts'
import { type Cid, cidFromBytes } from './cid.ts'
import { identityBytes, verifyPieces } from './multihash.ts'

/** More than a length and the longest CID that is accepted take. */
const sectionHeadBytes = 160

/** What a CAR held. */
export interface ReadCar {
  readonly version: 1 | 2
  /** As its header names them; at most sixteen, maybe none. Whether their blocks were in it is not looked at. */
  readonly roots: readonly Cid[]
  /** Blocks that were put into the sink, a block counted as often as it came. */
  readonly blockCount: number
  /** Their bytes. */
  readonly blockBytes: number
}

/**
 * Reads a CAR of version 1 or 2 from a stream and puts every block into the sink as it comes, after its bytes were
 * held against its CID; identity blocks are checked and left out. The index of a version 2 is passed over. Throws
 * `invalid_car`, `block_too_large`, `unsupported_hash`, `too_large` (more than `maxBlocks`); blocks before that were
 * put. Like `for await`, it ends the source when it throws.
 */
export async function readCar(
  source: AsyncIterable<Uint8Array>,
  sink: BlockSink,
  { maxBlocks = Infinity, signal }: { maxBlocks?: number | undefined; signal?: AbortSignal | undefined } = {},
): Promise<ReadCar> {
  const queue = new ByteQueue(source)
  try {
    const start = await readStart(queue)
    const blocks = await readSections(queue, sink, start.end, maxBlocks, signal)
    if (start.end !== undefined) await queue.skip(Infinity)
    return { version: start.version, roots: start.roots, ...blocks }
  } finally {
    await queue.close()
  }
}

/** The roots that the header of a CAR names. Reads no further. Throws `invalid_car`. */
export async function readCarRoots(source: AsyncIterable<Uint8Array>): Promise<readonly Cid[]> {
  const queue = new ByteQueue(source)
  try {
    return (await readStart(queue)).roots
  } finally {
    await queue.close()
  }
}

/** Everything before the first section, and where the sections end if that is said. */
async function readStart(
  queue: ByteQueue,
): Promise<{ version: 1 | 2; roots: readonly Cid[]; end: number | undefined }> {
  const first = await readHeader(queue)
  if (first.version === 1) return { ...first, end: undefined }
  if (queue.offset + 40 !== carV2HeaderEnd) throw new AppError('invalid_car', 'The pragma of the CARv2 is malformed')
  if (!(await queue.fill(40))) throw endsTooEarly('in its header')
  const { dataOffset, dataSizeBytes } = readCarV2Header(queue.peek(40))
  if (!(await queue.skip(dataOffset - queue.offset))) throw endsTooEarly('before its data')
  const inner = await readHeader(queue)
  const end = dataOffset + dataSizeBytes
  if (inner.version !== 1) throw new AppError('invalid_car', 'The data of a CARv2 must be a CARv1')
  if (queue.offset > end) throw new AppError('invalid_car', 'The data of the CARv2 is longer than its header says')
  return { version: 2, roots: inner.roots, end }
}

async function readHeader(queue: ByteQueue): Promise<{ version: 1 | 2; roots: readonly Cid[] }> {
  await queue.fill(sectionHeadBytes)
  const length = readVarint(queue.peek(sectionHeadBytes), 0)
  if (queue.available === 0) throw new AppError('invalid_car', 'Not a CAR: it is empty')
  if (length === 'incomplete') throw endsTooEarly('in its header')
  if (length === 'malformed' || length.value === 0) throw new AppError('invalid_car', 'Not a CAR')
  if (length.value > maxCarHeaderBytes) {
    throw new AppError('invalid_car', `Not a CAR, or its header is longer than ${maxCarHeaderBytes} bytes`)
  }
  const size = length.next + length.value
  if (!(await queue.fill(size))) throw endsTooEarly('in its header')
  const header = readCarHeader(queue.peek(size).subarray(length.next))
  queue.take(size)
  return header
}

async function readSections(
  queue: ByteQueue,
  sink: BlockSink,
  end: number | undefined,
  maxBlocks: number,
  signal: AbortSignal | undefined,
): Promise<{ blockCount: number; blockBytes: number }> {
  const share = new LoopShare()
  let blockCount = 0
  let blockBytes = 0
  for (let number = 1; queue.offset !== end; number++) {
    if (queue.available < sectionHeadBytes) await queue.fill(sectionHeadBytes)
    if (end === undefined && queue.available === 0) break
    signal?.throwIfAborted()
    if (number > maxBlocks) throw new AppError('too_large', `The CAR has more than ${maxBlocks} blocks`)
    const { offset } = queue
    let block: Block
    try {
      const head = readSectionHead(queue, end)
      const sectionBytes = head.headBytes + head.sizeBytes
      if (queue.available < sectionBytes && !(await queue.fill(sectionBytes))) throw wrong('the CAR ends in it')
      block = takeBlock(queue, head)
    } catch (cause) {
      throw cause instanceof AppError ? inBlock(number, offset, cause) : cause
    }
    if (identityBytes(block.multihash) === undefined) {
      blockCount++
      blockBytes += block.sizeBytes
      const wait = sink.put(block)
      if (wait !== undefined) await wait
    }
    if (share.isOver()) await share.pass()
  }
  return { blockCount, blockBytes }
}

/** What stands before the bytes of a block: its CID, and how many bytes both take. */
interface SectionHead {
  readonly cid: Cid
  readonly headBytes: number
  readonly sizeBytes: number
}

/** Reads length and CID of the section that begins here, and judges them before any of its bytes are waited for. */
function readSectionHead(queue: ByteQueue, end: number | undefined): SectionHead {
  const head = queue.peek(sectionHeadBytes)
  const length = readVarint(head, 0)
  if (length === 'incomplete') throw wrong('the CAR ends in it')
  if (length === 'malformed') throw wrong('its length is malformed')
  if (length.value === 0) throw wrong('it has no length')
  if (length.value > maxBlockBytes + sectionHeadBytes) throw tooLarge(length.value)
  if (end !== undefined && queue.offset + length.next + length.value > end) {
    throw wrong('it goes past the end of the data that the CARv2 header states')
  }
  const { cid, length: cidBytes } = cidFromBytes(head, length.next)
  const sizeBytes = length.value - cidBytes
  if (sizeBytes < 0) throw wrong('it is shorter than its CID')
  if (sizeBytes > maxBlockBytes) throw tooLarge(sizeBytes)
  return { cid, headBytes: length.next + cidBytes, sizeBytes }
}

function takeBlock(queue: ByteQueue, { cid, headBytes, sizeBytes }: SectionHead): Block {
  queue.take(headBytes)
  const bytes = queue.take(sizeBytes)
  if (!verifyPieces(cid.multihash, bytes)) throw wrong('its bytes are not those its CID names')
  // A copy, because a view would keep the whole piece of the stream alive as long as somebody keeps the multihash.
  return { version: cid.version, codec: cid.codec, multihash: cid.multihash.slice(), bytes, sizeBytes }
}

/** The same outcome, saying where in the CAR. What is wrong with the CID of a block is wrong with the CAR. */
function inBlock(number: number, offset: number, cause: AppError): AppError {
  const code = cause.code === 'invalid_cid' ? 'invalid_car' : cause.code
  return new AppError(code, `Block ${number} of the CAR, at byte ${offset}: ${cause.message}`, { cause })
}

function wrong(what: string): AppError {
  return new AppError('invalid_car', what)
}

function tooLarge(sizeBytes: number): AppError {
  return new AppError(
    'block_too_large',
    `it has ${sizeBytes} bytes; blocks over ${maxBlockBytes} bytes cannot travel on the IPFS network`,
  )
}

function endsTooEarly(where: string): AppError {
  return new AppError('invalid_car', `The CAR ends too early, ${where}`)
}
