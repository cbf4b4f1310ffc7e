import { AppError } from '../lib/errors.ts'
import { cborLinks } from './cbor-links.ts'
import type { Cid } from './cid.ts'
import { codecs } from './codecs.ts'
import { pbLinks } from './dag-pb.ts'
import { jsonLinks } from './json-links.ts'

/**
 * The CIDs a block links to, in its order, as often as they stand there; multihashes are views into `bytes`. Time and
 * memory are linear in the block, whatever it holds. Throws `invalid_block` or `invalid_cid` when the bytes are not what
 * the codec says, `unsupported_codec` when nothing here can tell.
 */
export function linksOf(codec: number, bytes: Uint8Array): Cid[] {
  switch (codec) {
    case codecs.raw:
    case codecs.cbor:
    case codecs.json:
      return []
    case codecs.dagPb:
      return pbLinks(bytes)
    case codecs.dagCbor:
      return cborLinks(bytes)
    case codecs.dagJson:
      return jsonLinks(bytes)
    default:
      throw unsupported(codec)
  }
}

/** Throws `unsupported_codec` for blocks whose links nothing here can tell, before anybody looks for them. */
export function requireCodec(codec: number): void {
  if (!known.has(codec)) throw unsupported(codec)
}

const known = new Set<number>([codecs.raw, codecs.cbor, codecs.json, codecs.dagPb, codecs.dagCbor, codecs.dagJson])

function unsupported(codec: number): AppError {
  return new AppError(
    'unsupported_codec',
    `Content of codec 0x${codec.toString(16)} cannot be checked here; use dag-pb, raw, dag-cbor or dag-json`,
  )
}
