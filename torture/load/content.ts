import { createHash } from 'node:crypto'
import { openRandom, type Random } from '../support/random.ts'

/** A file of a folder, or alone under the path ''. */
export interface Part {
  readonly path: string
  readonly bytes: Buffer
}

/** What is remembered of a part: not its bytes, which grow too many. */
export interface PartFacts {
  readonly path: string
  readonly digest: string
  readonly sizeBytes: number
}

const chunkBytes = 256 * 1024

/** Leaves that many files share, over all accounts: the same in every run. */
const shared = Array.from({ length: 4 }, (_, at) => openRandom(`shared ${at}`).bytes(chunkBytes))

/** Bytes that nobody has uploaded: mostly few, some over several blocks, some that begin with blocks that others have. */
export function drawBytes(random: Random): Buffer {
  const kind = random.below(10)
  if (kind < 6) return random.bytes(1 + random.below(20_000))
  if (kind < 9) return Buffer.concat([random.pick(shared), random.bytes(1 + random.below(chunkBytes))])
  return random.bytes(chunkBytes + random.below(1_500_000))
}

/** A folder of a few files in sub-folders. */
export function drawFolder(random: Random): Part[] {
  const paths = ['a.bin', 'sub/b.bin', 'sub/c.bin', 'sub/deep/d.bin', 'e.bin'].slice(0, 2 + random.below(4))
  return paths.map((path, at) => ({
    path,
    bytes: at === 0 ? drawBytes(random) : random.bytes(40 + random.below(9_000)),
  }))
}

/** What to remember of them. */
export function factsOf(parts: readonly Part[]): PartFacts[] {
  return parts.map(({ path, bytes }) => ({ path, digest: sha256(bytes), sizeBytes: bytes.length }))
}

/** Hexadecimal SHA-256. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A blob for a form. */
export function blobOf(bytes: Uint8Array): Blob {
  return new Blob([new Uint8Array(bytes)])
}
