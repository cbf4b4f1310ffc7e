import { readVarint, varintLength, writeVarint } from '../../../lib/varint.ts'
import { type Cid, cidBytes, cidFromBytes } from '../../cid.ts'
import { ProtobufReader, malformed } from '../../protobuf.ts'

/** What a peer wants, or wants no longer (https://specs.ipfs.tech/bitswap-protocol/#wire-format-updated-in-bitswap-1-2-0). */
export interface WantEntry {
  readonly cid: Cid
  readonly priority: number
  readonly isCancel: boolean
  /** Only whether it is there; else the block itself. */
  readonly wantsHave: boolean
  /** The answer that it is not there is wanted too. */
  readonly sendDontHave: boolean
}

/** A block as it travels: what hash function it is addressed by, and its bytes. */
export interface SentBlock {
  readonly hashCode: number
  readonly bytes: Uint8Array
}

/** A message as it was read. */
export interface BitswapMessage {
  readonly isFull: boolean
  readonly wants: readonly WantEntry[]
  readonly cancels: readonly Cid[]
  readonly blocks: readonly SentBlock[]
  readonly haves: readonly Cid[]
  readonly dontHaves: readonly Cid[]
}

/** Wants of one message that are looked at, as many as boxo keeps of one peer; those behind them are passed over. */
export const maxWantsOfMessage = 1024

/** Reads a message. Blocks are views into `bytes`. Throws `invalid_block` or `invalid_cid` when it is malformed. */
export function readMessage(bytes: Uint8Array): BitswapMessage {
  const message = {
    isFull: false,
    wants: [] as WantEntry[],
    cancels: [] as Cid[],
    blocks: [] as SentBlock[],
    haves: [] as Cid[],
    dontHaves: [] as Cid[],
  }
  const reader = new ProtobufReader(bytes)
  while (reader.next()) {
    if (reader.field === 1) readWantlist(reader.message(), message)
    else if (reader.field === 2) message.blocks.push({ hashCode: 0x12, bytes: reader.bytes() })
    else if (reader.field === 3) message.blocks.push(readBlock(reader.message()))
    else if (reader.field === 4) readPresence(reader.message(), message)
    else reader.skip()
  }
  return message
}

function readWantlist(reader: ProtobufReader, message: { isFull: boolean; wants: WantEntry[]; cancels: Cid[] }): void {
  while (reader.next()) {
    if (reader.field === 1) {
      const entry = readEntry(reader.message())
      if (entry.isCancel) message.cancels.push(entry.cid)
      else if (message.wants.length < maxWantsOfMessage) message.wants.push(entry)
    } else if (reader.field === 2) message.isFull = reader.varint() !== 0
    else reader.skip()
  }
}

function readEntry(reader: ProtobufReader): WantEntry {
  let cid: Cid | undefined
  let priority = 1
  let isCancel = false
  let wantsHave = false
  let sendDontHave = false
  while (reader.next()) {
    if (reader.field === 1) cid = readCid(reader.bytes())
    else if (reader.field === 2) priority = reader.int64()
    else if (reader.field === 3) isCancel = reader.varint() !== 0
    else if (reader.field === 4) wantsHave = reader.varint() === 1
    else if (reader.field === 5) sendDontHave = reader.varint() !== 0
    else reader.skip()
  }
  if (cid === undefined) throw malformed('a want without a CID')
  return { cid, priority, isCancel, wantsHave, sendDontHave }
}

/** The prefix is a CID without its digest: version, codec, hash function, digest length. */
function readBlock(reader: ProtobufReader): SentBlock {
  let hashCode: number | undefined
  let bytes: Uint8Array = new Uint8Array(0)
  while (reader.next()) {
    if (reader.field === 1) {
      const prefix = reader.bytes()
      let at = 0
      for (let number = 0; number < 3; number++) {
        const varint = readVarint(prefix, at)
        if (typeof varint === 'string') throw malformed('the prefix of a block')
        hashCode = varint.value
        at = varint.next
      }
    } else if (reader.field === 2) bytes = reader.bytes()
    else reader.skip()
  }
  if (hashCode === undefined) throw malformed('a block without a prefix')
  return { hashCode, bytes }
}

function readPresence(reader: ProtobufReader, message: { haves: Cid[]; dontHaves: Cid[] }): void {
  let cid: Cid | undefined
  let isThere = true
  while (reader.next()) {
    if (reader.field === 1) cid = readCid(reader.bytes())
    else if (reader.field === 2) isThere = reader.varint() === 0
    else reader.skip()
  }
  if (cid === undefined) throw malformed('a presence without a CID')
  ;(isThere ? message.haves : message.dontHaves).push(cid)
}

function readCid(bytes: Uint8Array): Cid {
  const { cid, length } = cidFromBytes(bytes)
  if (length !== bytes.length) throw malformed('bytes behind a CID')
  return cid
}

/** A message to be sent. */
export interface OutgoingMessage {
  readonly wants?: readonly WantEntry[]
  readonly blocks?: readonly { readonly cid: Cid; readonly bytes: Uint8Array }[]
  readonly haves?: readonly Cid[]
  readonly dontHaves?: readonly Cid[]
}

/**
 * A message with its length before it, in pieces: bytes of blocks are not copied. `isOld` writes blocks as 1.0.0 has
 * them, without what they are addressed by.
 */
export function writeMessage(
  { wants = [], blocks = [], haves = [], dontHaves = [] }: OutgoingMessage,
  { isOld = false }: { isOld?: boolean } = {},
): Uint8Array[] {
  const pieces: Uint8Array[] = []
  if (wants.length > 0)
    pieces.push(
      field(
        1,
        wants.map((want) => field(1, [entryBytes(want)])),
      ),
    )
  for (const { cid, bytes } of blocks) {
    if (isOld) pieces.push(fieldHead(2, bytes.length), bytes)
    else {
      const prefix = field(1, [prefixBytes(cid)])
      const head = fieldHead(2, bytes.length)
      pieces.push(fieldHead(3, prefix.length + head.length + bytes.length), prefix, head, bytes)
    }
  }
  for (const cid of haves) pieces.push(field(4, [field(1, [cidBytes(cid)])]))
  for (const cid of dontHaves) pieces.push(field(4, [field(1, [cidBytes(cid)]), dontHave]))
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const head = new Uint8Array(varintLength(length))
  writeVarint(length, head, 0)
  return [head, ...pieces]
}

const dontHave = new Uint8Array([0x10, 1])

function entryBytes({ cid, priority, isCancel, wantsHave, sendDontHave }: WantEntry): Uint8Array {
  const rest = [0x10, priority & 0x7f]
  if (isCancel) rest.push(0x18, 1)
  if (wantsHave) rest.push(0x20, 1)
  if (sendDontHave) rest.push(0x28, 1)
  return Buffer.concat([field(1, [cidBytes(cid)]), new Uint8Array(rest)])
}

function prefixBytes({ version, codec, multihash }: Cid): Uint8Array {
  // What comes before the digest of a multihash is its function and length, as the prefix wants it.
  const code = readVarint(multihash, 0)
  const length = typeof code === 'string' ? code : readVarint(multihash, code.next)
  if (typeof length === 'string') throw new Error('A stored block has a malformed multihash')
  const head = multihash.subarray(0, length.next)
  const prefix = new Uint8Array(1 + varintLength(codec) + head.length)
  prefix[0] = version
  prefix.set(head, writeVarint(codec, prefix, 1))
  return prefix
}

function field(number: number, content: readonly Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, piece) => sum + piece.length, 0)
  return Buffer.concat([fieldHead(number, length), ...content])
}

function fieldHead(number: number, length: number): Uint8Array {
  const head = new Uint8Array(1 + varintLength(length))
  head[0] = number * 8 + 2
  writeVarint(length, head, 1)
  return head
}
