import { varintLength, writeVarint } from '../lib/varint.ts'
import { maxLinksOfBlock } from './block.ts'
import { type Cid, cidBytes, cidFromBytes, cidLength } from './cid.ts'
import { malformed, ProtobufReader } from './protobuf.ts'

/** A named, sized link of a dag-pb node. `tsize` is what the author says lies below it: advice, never a fact. */
export interface PbLink {
  readonly cid: Cid
  readonly name: string
  readonly tsize: number
}

/** A dag-pb node (https://ipld.io/specs/codecs/dag-pb/spec/). */
export interface PbNode {
  readonly data?: Uint8Array | undefined
  readonly links: readonly PbLink[]
}

/** The canonical bytes of a node, links first. Links stand in the order given; sort them by name before (`sortByName`). */
export function encodePbNode({ data, links }: PbNode): Uint8Array {
  let size = data === undefined ? 0 : 1 + varintLength(data.length) + data.length
  const lengths = links.map((link) => linkLength(link))
  for (const { total } of lengths) size += 1 + varintLength(total) + total
  const bytes = Buffer.allocUnsafeSlow(size)
  let at = 0
  links.forEach((link, i) => {
    // The array was made by mapping over links.
    const { total, cid, name } = lengths[i]!
    bytes[at++] = 0x12
    at = writeVarint(total, bytes, at)
    bytes[at++] = 0x0a
    at = writeVarint(cid, bytes, at)
    bytes.set(cidBytes(link.cid), at)
    at += cid
    bytes[at++] = 0x12
    at = writeVarint(name, bytes, at)
    at += bytes.write(link.name, at, 'utf8')
    bytes[at++] = 0x18
    at = writeVarint(link.tsize, bytes, at)
  })
  if (data !== undefined) {
    bytes[at++] = 0x0a
    at = writeVarint(data.length, bytes, at)
    bytes.set(data, at)
  }
  return new Uint8Array(bytes.buffer)
}

/**
 * Reads a node. CIDs and `data` are views into `bytes`. Strict as the specification has it: known fields only, none twice,
 * those of a link in order, every link with a CID; links after data are read too, as old blocks have them. Throws
 * `invalid_block` or `invalid_cid`.
 */
export function decodePbNode(bytes: Uint8Array): PbNode {
  const links: PbLink[] = []
  const data = readNode(bytes, (link) => links.push(decodeLink(link)))
  return data === undefined ? { links } : { data, links }
}

/** The CIDs of the links alone, without the names. As strict as `decodePbNode`. */
export function pbLinks(bytes: Uint8Array): Cid[] {
  const links: Cid[] = []
  readNode(bytes, (link) => links.push(readLink(link).cid))
  return links
}

/** Links in the order that dag-pb wants: by the bytes of their names. */
export function sortByName(links: readonly PbLink[]): PbLink[] {
  return links
    .map((link) => ({ link, key: Buffer.from(link.name) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ link }) => link)
}

/** Goes over the fields of a node; gives back its data. */
function readNode(bytes: Uint8Array, onLink: (link: ProtobufReader) => void): Uint8Array | undefined {
  const reader = new ProtobufReader(bytes)
  let data: Uint8Array | undefined
  let linkCount = 0
  let linksEnded = false
  while (reader.next()) {
    if (reader.field === 1) {
      if (data !== undefined) throw malformed('it has data twice')
      data = reader.bytes()
      linksEnded = linkCount > 0
    } else if (reader.field === 2) {
      if (linksEnded) throw malformed('its links stand in two places')
      if (++linkCount > maxLinksOfBlock) throw malformed(`more than ${maxLinksOfBlock} links`)
      onLink(reader.message())
    } else {
      throw malformed(`a dag-pb node has no field ${reader.field}`)
    }
  }
  return data
}

function decodeLink(reader: ProtobufReader): PbLink {
  const { cid, name, tsize } = readLink(reader)
  return { cid, name: name === undefined ? '' : textOf(name), tsize }
}

function readLink(reader: ProtobufReader): { cid: Cid; name: Uint8Array | undefined; tsize: number } {
  let cid: Cid | undefined
  let name: Uint8Array | undefined
  let tsize = 0
  let lastField = 0
  while (reader.next()) {
    if (reader.field <= lastField || reader.field > 3)
      throw malformed(`field ${reader.field} of a link is out of place`)
    lastField = reader.field
    if (reader.field === 1) {
      const link = reader.bytes()
      const found = cidFromBytes(link)
      if (found.length !== link.length) throw malformed('a link has bytes after its CID')
      cid = found.cid
    } else if (reader.field === 2) {
      name = reader.bytes()
    } else {
      tsize = reader.varint()
    }
  }
  if (cid === undefined) throw malformed('a link without a CID')
  return { cid, name, tsize }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}

function linkLength(link: PbLink): { total: number; cid: number; name: number } {
  const cid = cidLength(link.cid)
  const name = Buffer.byteLength(link.name)
  const total = 3 + varintLength(cid) + cid + varintLength(name) + name + varintLength(link.tsize)
  return { total, cid, name }
}
