import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Keyvalues } from '../files/keyvalues.ts'
import { parseCid, type Cid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'

/** A file as it is to be here, in the words of where it comes from. */
export interface ImportWish {
  /** In the spelling that is kept. */
  readonly cid: string
  readonly network: NetworkName
  readonly name: string | null
  readonly keyvalues: Keyvalues
  /** A group of that network. */
  readonly groupId: string | null
  /** When it came to be there, and which file of which service it is; undefined when nobody knows. */
  readonly origin: ImportOrigin | undefined
  readonly expiresAt: number | null
  /** The type that it had there; undefined when nobody knows. */
  readonly mimeType: string | undefined
  /** `cid`: it counts as pinned by CID, and is listed at `/psa`. */
  readonly kind: 'upload' | 'cid'
}

/** What makes a file of another service the same one when it is imported again. */
export interface ImportOrigin {
  readonly source: string
  readonly sourceId: string
  readonly createdAt: number
}

/** Reads the CID of a wish and looks whether the wish can be true at all. Throws `invalid_cid`, `invalid_request`. */
export function readWishedCid({ cid, network, origin, expiresAt, kind }: ImportWish, now: number): Cid {
  const root = parseCid(cid)
  if (origin !== undefined && origin.createdAt > now)
    throw new AppError('invalid_request', 'created_at: must not be in the future')
  if (expiresAt !== null && expiresAt <= now)
    throw new AppError(
      'invalid_request',
      'expires_at: must be in the future; a file whose time is over is not imported',
    )
  if (kind === 'cid' && network !== 'public')
    throw new AppError('invalid_request', 'network: what is pinned by CID is public')
  return root
}
