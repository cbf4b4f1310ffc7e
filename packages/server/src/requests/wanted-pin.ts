import type { Keyvalues } from '../files/keyvalues.ts'
import { type Cid, parseCid } from '../ipfs/cid.ts'
import { codecs } from '../ipfs/codecs.ts'
import { requireHash } from '../ipfs/multihash.ts'
import { AppError } from '../lib/errors.ts'

/** A pin as it is asked for, the same in every dialect. */
export interface WantedPin {
  /** As it was sent, and answered again. */
  readonly cid: string
  readonly name: string | null
  readonly keyvalues: Keyvalues
  /** A public group; none without it. */
  readonly groupId?: string | null | undefined
  /** Addresses of peers that have the content, as they were sent. */
  readonly origins: readonly string[]
}

/** As many as the Pinning Services API allows for; Kubo sends more. */
const maxOrigins = 20
/** The longest that Kubo sends, with certificate hashes and a relay before them, have some 300 characters. */
const maxOriginLength = 500

/**
 * Reads the CID of a pin: a plain CID of content that can be checked here. Throws `invalid_cid`, `unsupported_hash`,
 * `unsupported_codec`.
 */
export function readRoot(text: string): Cid {
  const root = parseCid(text)
  requireHash(root.multihash)
  if (!readable.has(root.codec)) {
    throw new AppError(
      'unsupported_codec',
      `Content of codec 0x${root.codec.toString(16)} cannot be pinned here; dag-pb, raw, dag-cbor, dag-json, cbor and json can`,
    )
  }
  return root
}

const readable = new Set<number>(Object.values(codecs).filter((codec) => codec !== codecs.libp2pKey))

/**
 * The origins to keep: each once, 20 at most, those that say which peer or HTTP server they lead to before all others. Which of them
 * are of use is seen when they are dialled; no request is refused for them.
 */
export function chooseOrigins(sent: readonly string[]): string[] {
  const distinct = [...new Set(sent)].filter((origin) => origin !== '' && origin.length <= maxOriginLength)
  const [likely, others] = [distinct.filter(isLikely), distinct.filter((origin) => !isLikely(origin))]
  return [...likely, ...others].slice(0, maxOrigins)
}

function isLikely(origin: string): boolean {
  return /^\/.*\/p2p\/\w+|^\/.*\/https?(\/|$)|^https?:\/\//i.test(origin)
}
