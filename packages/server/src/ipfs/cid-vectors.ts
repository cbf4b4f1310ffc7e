import { readFileSync } from 'node:fs'
import { type Layout, layoutV0, layoutV1 } from './layout.ts'

/** A file whose CID Kubo printed in each profile. */
export interface FileVector {
  readonly size: number
  readonly seed: number
  readonly v0: string
  readonly v1: string
  readonly v1_1MiB_1024: string
}

/** A directory whose CID Kubo printed, with the size it states for the whole DAG. */
export interface DirectoryVector {
  readonly name: string
  readonly v0: string
  readonly v0_cumulativeSize: number
  readonly v1: string
  readonly v1_cumulativeSize: number
}

/** Facts from a real Kubo, in `cid-vectors.json` beside this file. */
export const cidVectors = JSON.parse(readFileSync(new URL('cid-vectors.json', import.meta.url), 'utf8')) as {
  readonly files: readonly FileVector[]
  readonly directories: readonly DirectoryVector[]
}

/** The profiles of the vectors as layouts. */
export const vectorLayouts = {
  v0: layoutV0,
  v1: layoutV1,
  v1_1MiB_1024: { cidVersion: 1, rawLeaves: true, chunkSizeBytes: 1_048_576, maxLinks: 1024 },
} as const satisfies Record<string, Layout>

/** The bytes of a vector, by the generator its file describes, in pieces as a socket would bring them. */
export function* vectorPieces(size: number, seed: number, pieceBytes = 65_536): Generator<Uint8Array> {
  let x = seed | 0
  for (let done = 0; done < size; done += pieceBytes) {
    const words = new Int32Array(pieceBytes / 4)
    for (let i = 0; i < words.length; i++) {
      x ^= x << 13
      x ^= x >>> 17
      x ^= x << 5
      words[i] = x
    }
    yield new Uint8Array(words.buffer, 0, Math.min(pieceBytes, size - done))
  }
}

/** Path and content of everything in the directory vector of that name; content undefined for an empty folder. */
export function* vectorEntries(name: string): Generator<{ path: string[]; content: Uint8Array | undefined }> {
  const [kind = '', count = ''] = name.split(/-(?=\d)/)
  for (const [path, content] of entriesOf(kind, Number(count))) {
    yield { path: path.split('/'), content: typeof content === 'string' ? Buffer.from(content) : content }
  }
}

function* entriesOf(kind: string, count: number): Generator<[string, Uint8Array | string | undefined]> {
  switch (kind) {
    case 'empty':
      return
    case 'three':
      yield ['a.txt', 'alpha\n']
      yield ['b.txt', 'beta\n']
      return yield ['c.bin', Buffer.concat([...vectorPieces(300_000, 7)])]
    case 'nested':
      yield ['x/y/z/deep.txt', 'deep\n']
      yield ['x/top.txt', 'top\n']
      return yield ['emptydir', undefined]
    case 'unicode':
      for (const name of ['ä.txt', '日本.txt', 'a b.txt', '🙂.txt', '%41.txt', '.hidden', 'Z.txt', 'z.txt', '-dash']) {
        yield [name, `${name}\n`]
      }
      return
    case 'nft':
      for (let i = 0; i < count; i++) {
        const image = `ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/${i}.png`
        yield [`${i}.json`, JSON.stringify({ name: `NFT #${i}`, image })]
      }
      return
    case 'long-names':
      for (let i = 0; i < count; i++) yield [String(i).padStart(200, 'n'), '']
      return
    default:
      throw new Error(`No entries are known for ${kind}`)
  }
}
