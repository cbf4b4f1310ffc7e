import { describe, expect, it } from 'vitest'
import { type Cid, formatCid } from '../../cid.ts'
import { codecs } from '../../codecs.ts'
import { sha256Multihash } from '../../multihash.ts'
import { Frames, maxMessageBytes } from './frames.ts'
import { type BitswapMessage, maxWantsOfMessage, readMessage, writeMessage } from './message.ts'

const bytes = Buffer.from('content')
const cid: Cid = { version: 1, codec: codecs.raw, multihash: sha256Multihash([bytes]) }
const text = formatCid(cid)
const want = { cid, priority: 1, isCancel: false, wantsHave: true, sendDontHave: true }

function travel(pieces: readonly Uint8Array[], stepBytes = Number.POSITIVE_INFINITY) {
  const frames = new Frames()
  const all = Buffer.concat(pieces)
  const messages: Uint8Array[] = []
  for (let at = 0; at < all.length; at += stepBytes) messages.push(...frames.push([all.subarray(at, at + stepBytes)]))
  expect(frames.heldBytes).toBe(0)
  return messages.map(readMessage)
}

/** With CIDs as text: bytes that were read are views of another kind of array. */
function shown(message: BitswapMessage | undefined) {
  return {
    wants: message?.wants.map((each) => ({ ...each, cid: formatCid(each.cid) })),
    cancels: message?.cancels.map(formatCid),
    haves: message?.haves.map(formatCid),
    dontHaves: message?.dontHaves.map(formatCid),
    hashes: message?.blocks.map(({ hashCode }) => hashCode),
    isFull: message?.isFull,
  }
}

describe('messages of bitswap', () => {
  it.each([1, 3, 1_000])('come out as they were written, in steps of %i bytes', (stepBytes) => {
    const sent = [
      writeMessage({ wants: [want, { ...want, isCancel: true }] }),
      writeMessage({ blocks: [{ cid, bytes }], haves: [cid], dontHaves: [cid] }),
    ].flat()
    const [first, second] = travel(sent, stepBytes)
    expect(shown(first)).toMatchObject({ wants: [{ ...want, cid: text }], cancels: [text], hashes: [] })
    expect(shown(second)).toMatchObject({ hashes: [0x12], haves: [text], dontHaves: [text] })
    expect(Buffer.from(second?.blocks[0]?.bytes ?? [])).toEqual(bytes)
  })

  it('hold blocks of version 1.0.0 without what they are addressed by', () => {
    const [message] = travel(writeMessage({ blocks: [{ cid, bytes }] }, { isOld: true }))
    expect(message?.blocks).toHaveLength(1)
    expect(message?.blocks[0]?.hashCode).toBe(0x12)
  })

  it('are looked at up to 1,024 wants, and every cancel', () => {
    const many = Array.from({ length: 3_000 }, (_, number) => ({ ...want, isCancel: number >= 1_500 }))
    const [message] = travel(writeMessage({ wants: many }))
    expect(message?.wants).toHaveLength(maxWantsOfMessage)
    expect(message?.cancels).toHaveLength(1_500)
  })

  it('are refused by their length before they come', () => {
    const frames = new Frames()
    const length = Buffer.from([0x81, 0x80, 0x80, 0x02]) // 4 MiB and one byte
    expect(() => [...frames.push([length])]).toThrow(`longer than ${maxMessageBytes}`)
  })

  it.each([
    ['a want without a CID', [0x0a, 0x02, 0x0a, 0x00]],
    ['a length past the end', [0x0a, 0x7f]],
    ['a block without a prefix', [0x1a, 0x02, 0x12, 0x00]],
    ['a group', [0x0b]],
  ])('are refused when they hold %s', (_, raw) => {
    expect(() => readMessage(Buffer.from(raw))).toThrow()
  })

  it('written by boxo are understood', () => {
    // A full wantlist with one entry: CID, priority 2147483632, want-have, send-dont-have.
    const entry = [0x0a, 36, 1, 0x55, ...cid.multihash, 0x10, 0xf0, 0xff, 0xff, 0xff, 0x07, 0x20, 1, 0x28, 1]
    const raw = Buffer.from([0x0a, entry.length + 4, 0x0a, entry.length, ...entry, 0x10, 1])
    expect(shown(readMessage(raw))).toMatchObject({
      isFull: true,
      wants: [{ ...want, cid: text, priority: 2_147_483_632 }],
    })
  })
})
