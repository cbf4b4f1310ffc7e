import { decode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { AppError } from '../lib/errors.ts'
import { cborLinks } from './cbor-links.ts'
import { type Cid, cidFromBytes } from './cid.ts'

/** What the header of a CARv1, or the pragma of a CARv2, says. */
export interface CarHeader {
  readonly version: 1 | 2
  readonly roots: readonly Cid[]
}

/** The fixed header of a CARv2: where the CARv1 inside begins, from the start of the file, and how long it is. */
export interface CarV2Header {
  readonly dataOffset: number
  readonly dataSizeBytes: number
}

/** Longer headers are refused before they are read. */
export const maxCarHeaderBytes = 64 * 1024

/** More roots are refused. What takes a CAR in wants one. */
const maxCarRoots = 16

/** The pragma and the fixed header of a CARv2 take this many bytes. */
export const carV2HeaderEnd = 51

/**
 * Reads the CBOR after the length at the start of a CAR (https://ipld.io/specs/transport/car/carv1/ and carv2/). Throws
 * `invalid_car`.
 */
export function readCarHeader(bytes: Uint8Array): CarHeader {
  const header = decodeHeader(bytes)
  const version: unknown = Reflect.get(header, 'version')
  const roots: unknown = Reflect.get(header, 'roots')
  if (version === 2 && roots === undefined) return { version, roots: [] }
  if (version !== 1) throw new AppError('invalid_car', 'Not a CAR of version 1 or 2')
  if (!Array.isArray(roots)) throw new AppError('invalid_car', 'The header of the CAR has no list of roots')
  if (roots.length > maxCarRoots) {
    throw new AppError('invalid_car', `The CAR has ${roots.length} roots, more than ${maxCarRoots}`)
  }
  return { version, roots: roots.map((root: unknown) => readRoot(root)) }
}

/** Reads the 40 bytes after the pragma of a CARv2. Throws `invalid_car` when the data it speaks of cannot be there. */
export function readCarV2Header(bytes: Uint8Array): CarV2Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // The first sixteen bytes are characteristics, which say nothing about the data.
  const dataOffset = Number(view.getBigUint64(16, true))
  const dataSizeBytes = Number(view.getBigUint64(24, true))
  const isPossible =
    dataOffset >= carV2HeaderEnd && dataSizeBytes > 0 && Number.isSafeInteger(dataOffset + dataSizeBytes)
  if (!isPossible) throw new AppError('invalid_car', 'The header of the CARv2 names no data that could be there')
  return { dataOffset, dataSizeBytes }
}

function decodeHeader(bytes: Uint8Array): object {
  let header: unknown
  try {
    // The decoder recurses and believes lengths: look over the bytes first. A header has a map, an array and links in it.
    cborLinks(bytes, 4)
    header = decode(bytes)
  } catch (cause) {
    throw new AppError('invalid_car', 'Not a CAR: its header is malformed', { cause })
  }
  if (typeof header !== 'object' || header === null)
    throw new AppError('invalid_car', 'Not a CAR: its header is no map')
  return header
}

function readRoot(root: unknown): Cid {
  const cid = CID.asCID(root)
  if (cid === null) throw new AppError('invalid_car', 'The header of the CAR has a root that is not a CID')
  return cidFromBytes(cid.bytes).cid
}
