import { varintLength, writeVarint } from '../lib/varint.ts'
import { malformed, ProtobufReader, wire } from './protobuf.ts'

const types = ['raw', 'directory', 'file', 'metadata', 'symlink', 'hamt-shard'] as const

/** What a UnixFS node is. */
type UnixFsType = (typeof types)[number]

/** The data field of a UnixFS node (https://specs.ipfs.tech/unixfs/). Sizes are what the author says, never facts. */
export interface UnixFs {
  readonly type: UnixFsType
  /** Bytes of a leaf, target of a symlink, bit field of a shard. */
  readonly data?: Uint8Array | undefined
  readonly fileSize?: number | undefined
  readonly blockSizes?: readonly number[] | undefined
  readonly hashType?: number | undefined
  readonly fanout?: number | undefined
  readonly mode?: number | undefined
  readonly mtime?: { readonly seconds: number; readonly nanoseconds: number } | undefined
}

/** The bytes as Kubo writes them. `mode` and `mtime` are not written: nothing here keeps them. */
export function encodeUnixFs(node: Omit<UnixFs, 'mode' | 'mtime'>): Uint8Array {
  const { data, fileSize, blockSizes = [], hashType, fanout } = node
  let size = 2
  if (data !== undefined) size += 1 + varintLength(data.length) + data.length
  for (const number of [fileSize, hashType, fanout]) if (number !== undefined) size += 1 + varintLength(number)
  for (const number of blockSizes) size += 1 + varintLength(number)
  const bytes = new Uint8Array(size)
  bytes[0] = 0x08
  bytes[1] = types.indexOf(node.type)
  let at = 2
  if (data !== undefined) {
    bytes[at++] = 0x12
    at = writeVarint(data.length, bytes, at)
    bytes.set(data, at)
    at += data.length
  }
  if (fileSize !== undefined) at = writeNumber(3, fileSize, bytes, at)
  for (const number of blockSizes) at = writeNumber(4, number, bytes, at)
  if (hashType !== undefined) at = writeNumber(5, hashType, bytes, at)
  if (fanout !== undefined) writeNumber(6, fanout, bytes, at)
  return bytes
}

/**
 * Reads the data field of a dag-pb node. `data` is a view into `bytes`. Fields that are not known are passed over, as
 * later versions add some; a known one that stands twice is refused. Throws `invalid_block`, also for sizes above 2^53.
 */
export function decodeUnixFs(bytes: Uint8Array): UnixFs {
  const reader = new ProtobufReader(bytes)
  const found: { -readonly [Field in keyof UnixFs]?: UnixFs[Field] } = {}
  const blockSizes: number[] = []
  let seen = 0
  while (reader.next()) {
    if (reader.field > 8) {
      reader.skip()
      continue
    }
    if (reader.field !== 4) {
      const bit = 1 << reader.field
      if ((seen & bit) !== 0) throw malformed(`UnixFS field ${reader.field} stands twice`)
      seen |= bit
    }
    if (reader.field === 1) found.type = typeOf(reader.varint())
    else if (reader.field === 2) found.data = reader.bytes()
    else if (reader.field === 3) found.fileSize = reader.varint()
    else if (reader.field === 4) readBlockSizes(reader, blockSizes)
    else if (reader.field === 5) found.hashType = reader.varint()
    else if (reader.field === 6) found.fanout = reader.varint()
    else if (reader.field === 7) found.mode = reader.varint()
    else found.mtime = readTime(reader.message())
  }
  const { type } = found
  if (type === undefined) throw malformed('a UnixFS node without a type')
  return { ...found, type, blockSizes }
}

function writeNumber(field: number, value: number, into: Uint8Array, at: number): number {
  into[at] = field * 8
  return writeVarint(value, into, at + 1)
}

function typeOf(number: number): UnixFsType {
  const type = types[number]
  if (type === undefined) throw malformed(`there is no UnixFS type ${number}`)
  return type
}

/** One number a field, or all of them packed in one, which protobuf allows for the same message. */
function readBlockSizes(reader: ProtobufReader, into: number[]): void {
  if (reader.type === wire.bytes) reader.packed(into)
  else into.push(reader.varint())
}

function readTime(reader: ProtobufReader): { seconds: number; nanoseconds: number } {
  let seconds: number | undefined
  let nanoseconds = 0
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.int64()
    else if (reader.field === 2) nanoseconds = reader.fixed32()
    else reader.skip()
  }
  if (seconds === undefined) throw malformed('a UnixFS time without seconds')
  if (nanoseconds > 999_999_999) throw malformed('a UnixFS time with too many nanoseconds')
  return { seconds, nanoseconds }
}
