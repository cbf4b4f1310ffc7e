import { base58btc } from 'multiformats/bases/base58'
import { blake3 } from '@noble/hashes/blake3.js'
import { parseCid } from '../../ipfs/cid.ts'
import { multihashKey } from '../../ipfs/multihash-key.ts'
import { multihashOf, sha256Multihash } from '../../ipfs/multihash.ts'
import { isDomainName } from '../../ipfs/names/dnslink.ts'
import { findIpnsName } from '../../ipfs/names/ipns-name.ts'
import { readVarint } from '../../lib/varint.ts'
import { isEmptyContent } from '../empty-content.ts'

/** The path behind a CID or name that a rule is about; a prefix also stands for all that begins with it. */
export interface RulePath {
  readonly path: string
  readonly isPrefix: boolean
}

/** What one line of a denylist says. */
export type Rule = { readonly isAllowed: boolean; readonly isLegal: boolean } & (
  | { readonly kind: 'cid'; readonly multihash: Uint8Array; readonly at: RulePath }
  | { readonly kind: 'name'; readonly key: string; readonly at: RulePath }
  | { readonly kind: 'hash'; readonly code: number; readonly multihash: Uint8Array }
)

const blake3Code = 0x1e
const maxLineLength = 4_096

/**
 * Reads a line of a denylist in the compact format (https://specs.ipfs.tech/compact-denylist-format/). Undefined for
 * lines that say nothing, and for empty content, which much that is harmless has in it. Throws Error with what is wrong.
 */
export function readRule(line: string, hints: ReadonlyMap<string, string>): Rule | undefined {
  const text = line.trim()
  if (text === '' || text.startsWith('#')) return undefined
  if (text.length > maxLineLength) throw new Error(`it is longer than ${maxLineLength} characters`)
  const space = text.search(/\s/)
  const item = space === -1 ? text : text.slice(0, space)
  const isAllowed = /^[!+-]/.test(item)
  const status = statusOf(space === -1 ? '' : text.slice(space)) ?? hints.get('gateway_status')
  const common = { isAllowed, isLegal: status === '451' }
  return readItem(isAllowed ? item.slice(1) : item, common)
}

/** The multihash of text by the function with this number; undefined for one that is not known here. */
export function hashText(code: number, text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text)
  if (code === 0x12) return sha256Multihash([bytes])
  if (code === blake3Code) return Buffer.concat([Buffer.from([blake3Code, 32]), blake3(bytes)])
  return multihashOf(code, bytes)
}

/** How a name stands in the rules: keys of IPNS by their multihash, domains in lower case. */
export function nameKey(name: string): string {
  const key = findIpnsName(name)
  return key === undefined ? name.toLowerCase().replace(/\.$/, '') : `key ${multihashKey(key.multihash)}`
}

function readItem(item: string, common: Pick<Rule, 'isAllowed' | 'isLegal'>): Rule | undefined {
  if (item.startsWith('//')) return { kind: 'hash', ...readHash(item.slice(2)), ...common }
  const [, space, name = '', below = ''] = /^\/(ipfs|ipld|ipns)\/([^/]+)(.*)$/.exec(item) ?? []
  if (space === undefined) throw new Error('it begins with none of /ipfs/, /ipns/, //, or one of these behind a !')
  const at = readPath(below)
  if (space === 'ipns') {
    if (findIpnsName(name) === undefined && !isDomainName(name) && !name.includes('.'))
      throw new Error(`${name.slice(0, 80)} is no name of IPNS and no domain`)
    return { kind: 'name', key: nameKey(name), at, ...common }
  }
  const { multihash } = parseCid(name)
  if (at.path === '' && !at.isPrefix && (multihash[0] === 0 || isEmptyContent(multihash))) return undefined
  return { kind: 'cid', multihash, at, ...common }
}

/** 64 hex digits are a SHA-256 of the text of a CID in base32, everything else a multihash in base58. */
function readHash(text: string): { code: number; multihash: Uint8Array } {
  if (/^[\da-f]{64}$/i.test(text)) {
    const multihash = new Uint8Array(34)
    multihash[0] = 0x12
    multihash[1] = 0x20
    multihash.set(Buffer.from(text, 'hex'), 2)
    return { code: 0x12, multihash }
  }
  if (text.length > 120) throw new Error('its hash is longer than any')
  let multihash: Uint8Array
  try {
    multihash = base58btc.decode(`z${text}`)
  } catch {
    throw new Error('its hash is neither 64 hex digits nor a multihash in base58')
  }
  const first = readVarint(multihash, 0)
  const code = typeof first === 'object' ? first.value : 0
  if (hashText(code, '')?.length !== multihash.length) throw new Error('its hash function is not known here')
  return { code, multihash }
}

function readPath(below: string): RulePath {
  const isPrefix = below.endsWith('*')
  const raw = isPrefix ? below.replace(/\/?\*$/, '') : below
  let path: string
  try {
    path = decodeURIComponent(raw)
  } catch {
    throw new Error('its path has a percent sign that is no escape')
  }
  return { path: path.replace(/^\//, '').replace(/\/$/, ''), isPrefix }
}

function statusOf(hints: string): string | undefined {
  return /(?:^|\s)gateway_status=(\d{3})(?:\s|$)/.exec(hints)?.[1]
}
