import { copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../support/random.ts'
import type { StoredBlock } from './stored-blocks.ts'

/** A way in which disks and people damage stored packs. Each hits at least one of the blocks, unless it only adds. */
export interface DamageKind {
  readonly name: string
  /** Damages packs in `dir` that hold these blocks, the fullest first. */
  damage(dir: string, blocks: readonly StoredBlock[], random: Random): void
}

/** Bit flips, zeroed, truncated, swapped, missing and extra packs. */
export const damageKinds: readonly DamageKind[] = [
  {
    name: 'bit flips',
    damage(dir, blocks, random) {
      for (const [path, within] of packsOf(dir, blocks)) {
        const bytes = readFileSync(path)
        const { offset, length } = random.pick(within)
        for (const position of [offset + random.below(length), random.below(bytes.length), random.below(bytes.length)])
          bytes[position] = (bytes[position] ?? 0) ^ (1 << random.below(8))
        writeFileSync(path, bytes)
      }
    },
  },
  {
    name: 'zeroed',
    damage(dir, blocks, random) {
      const [[path, within]] = packsOf(dir, blocks)
      const bytes = readFileSync(path)
      // Random bytes: hardly any are zero, and no block is.
      const { offset } = random.pick(within)
      writeFileSync(path, bytes.fill(0, offset, offset + 64 * 1024))
    },
  },
  {
    name: 'truncated',
    damage(dir, blocks, random) {
      const [[path, within]] = packsOf(dir, blocks)
      const { offset, length } = random.pick(within)
      truncateSync(path, offset + random.below(length))
    },
  },
  {
    name: 'swapped',
    damage(dir, blocks) {
      const [[a], [b] = []] = packsOf(dir, blocks)
      if (b === undefined) throw new Error('two packs are needed')
      renameSync(a, `${a}.aside`)
      renameSync(b, a)
      renameSync(`${a}.aside`, b)
    },
  },
  {
    name: 'missing',
    damage(dir, blocks) {
      const [[path]] = packsOf(dir, blocks)
      rmSync(path)
    },
  },
  {
    name: 'extra',
    damage(dir, blocks, random) {
      const [[path]] = packsOf(dir, blocks)
      copyFileSync(path, join(dir, 'ffffffffffffffff-000001.car'))
      writeFileSync(join(dir, 'ffffffffffffffff-000002.car'), random.bytes(10_000))
      writeFileSync(join(dir, 'lost+found.txt'), 'not a pack')
    },
  },
]

type Pack = readonly [path: string, blocks: readonly StoredBlock[]]

/** Paths of packs with the blocks in them, the fullest first. Throws when there is none. */
function packsOf(dir: string, blocks: readonly StoredBlock[]): readonly [Pack, ...Pack[]] {
  const packs = Map.groupBy(
    blocks.filter(({ length }) => length > 0),
    ({ pack }) => join(dir, `${pack}.car`),
  )
  const [first, ...others] = [...packs].toSorted(([, a], [, b]) => b.length - a.length)
  if (first === undefined) throw new Error('nothing is stored that could be damaged')
  return [first, ...others]
}
