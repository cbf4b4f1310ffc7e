import { toBase32 } from '../../ipfs/base32.ts'
import { base58btc } from 'multiformats/bases/base58'
import { type Cid, formatCid } from '../../ipfs/cid.ts'
import { codecs } from '../../ipfs/codecs.ts'
import { multihashKey } from '../../ipfs/multihash-key.ts'
import { MultihashTable } from '../../ipfs/multihash-table.ts'
import { findIpnsName } from '../../ipfs/names/ipns-name.ts'
import { varintLength, writeVarint } from '../../lib/varint.ts'
import { hashText, nameKey, type Rule, type RulePath } from './rule.ts'

/** What a line says of something: the later of two lines counts. */
export interface Verdict {
  /** Number of the line among all lines of all lists. */
  readonly order: number
  readonly isAllowed: boolean
  readonly isLegal: boolean
}

type PathVerdict = Verdict & RulePath

/** Of content that is asked for by other codecs the same is meant. */
const otherCodecs = [codecs.dagPb, codecs.raw, codecs.dagCbor, codecs.dagJson]

/**
 * All rules of all lists, in about 60 bytes each. Answers without waiting: by a table for a CID, by a few hashes more
 * where lists hold hashes of CIDs.
 */
export class RuleSet {
  readonly #contents = new Table()
  readonly #hashes = new Table()
  readonly #paths = new Map<string, PathVerdict[]>()
  readonly #names = new Map<string, PathVerdict[]>()
  /** Functions that lists hash with. */
  readonly #codes = new Set<number>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Adds what a line says. Lines come in their order. */
  add(rule: Rule, order: number): void {
    this.#size++
    const verdict = { order, isAllowed: rule.isAllowed, isLegal: rule.isLegal }
    switch (rule.kind) {
      case 'hash':
        this.#codes.add(rule.code)
        this.#hashes.set(rule.multihash, verdict)
        return
      case 'name':
        push(this.#names, rule.key, { ...verdict, ...rule.at })
        return
      case 'cid':
        // A CID with all below it is the CID too, whoever asks for the block.
        if (rule.at.path === '') this.#contents.set(rule.multihash, verdict)
        if (rule.at.path !== '' || rule.at.isPrefix)
          push(this.#paths, multihashKey(rule.multihash), { ...verdict, ...rule.at })
    }
  }

  /** What is said of a content by itself, whatever its codec. */
  findContent(multihash: Uint8Array): Verdict | undefined {
    const plain = this.#contents.find(multihash)
    if (this.#codes.size === 0) return plain
    return later(plain, this.#findHashed(multihash, otherCodecs, ''))
  }

  /** What is said of a path below a content; none for the content itself. */
  findPath({ multihash, codec }: Cid, path: string): Verdict | undefined {
    const said = matching(this.#paths.get(multihashKey(multihash)), path)
    if (this.#codes.size === 0) return said
    return later(said, this.#findHashed(multihash, new Set([codec, ...otherCodecs]), path))
  }

  /** What is said of a name, or a path below it. */
  findName(name: string, path: string): Verdict | undefined {
    const said = matching(this.#names.get(nameKey(name)), path)
    if (this.#codes.size === 0) return said
    const key = findIpnsName(name)
    const domain = name.toLowerCase()
    const legacy =
      key === undefined ? domain : formatCid({ version: 1, codec: codecs.libp2pKey, multihash: key.multihash })
    const below = path === '' ? '' : `/${path}`
    const modern = key === undefined ? `/ipns/${domain}${below}` : `${plainBase58(key.multihash)}${below}`
    return later(later(said, this.#hashed(0x12, `${legacy}/${path}`)), this.#inAllFunctions(modern))
  }

  #findHashed(multihash: Uint8Array, of: Iterable<number>, path: string): Verdict | undefined {
    const below = path === '' ? '' : `/${path}`
    let found = this.#inAllFunctions(`${plainBase58(multihash)}${below}`)
    if (!this.#codes.has(0x12)) return found
    for (const codec of of) {
      const cid = `b${toBase32(Buffer.concat([prefixOf(codec), multihash]))}`
      found = later(found, this.#hashed(0x12, `${cid}/${path}`))
    }
    return found
  }

  #inAllFunctions(text: string): Verdict | undefined {
    let found: Verdict | undefined
    for (const code of this.#codes) found = later(found, this.#hashed(code, text))
    return found
  }

  #hashed(code: number, text: string): Verdict | undefined {
    const hash = hashText(code, text)
    return hash === undefined ? undefined : this.#hashes.find(hash)
  }
}

/** Verdicts by multihash: a number each. */
class Table {
  readonly #numbers = new MultihashTable()
  readonly #packed: number[] = []

  set(multihash: Uint8Array, { order, isAllowed, isLegal }: Verdict): void {
    this.#packed[this.#numbers.add(multihash)] = order * 4 + (isAllowed ? 2 : 0) + (isLegal ? 1 : 0)
  }

  find(multihash: Uint8Array): Verdict | undefined {
    const packed = this.#packed[this.#numbers.find(multihash)]
    if (packed === undefined) return undefined
    const order = Math.floor(packed / 4)
    const flags = packed - order * 4
    return { order, isAllowed: flags >= 2, isLegal: flags % 2 === 1 }
  }
}

/** Version 1 and the codec, as a CID begins. */
function prefixOf(codec: number): Buffer {
  const known = prefixes.get(codec)
  if (known !== undefined) return known
  const prefix = Buffer.alloc(1 + varintLength(codec), 1)
  writeVarint(codec, prefix, 1)
  prefixes.set(codec, prefix)
  return prefix
}

const prefixes = new Map<number, Buffer>()

function plainBase58(multihash: Uint8Array): string {
  return base58btc.encode(multihash).slice(1)
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

function matching(rules: readonly PathVerdict[] | undefined, path: string): Verdict | undefined {
  return rules?.findLast((rule) => rule.path === path || (rule.isPrefix && path.startsWith(rule.path)))
}

function later(a: Verdict | undefined, b: Verdict | undefined): Verdict | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.order > b.order ? a : b
}
