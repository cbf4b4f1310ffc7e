import {
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../support/random.ts'

/** A way in which disks and people damage stored packs. Each is done to the largest ones: there live most blocks. */
export interface DamageKind {
  readonly name: string
  damage(packsDir: string, random: Random): void
}

/** Bit flips, zeroed, truncated, swapped, missing and extra packs. */
export const damageKinds: readonly DamageKind[] = [
  {
    name: 'bit flips',
    damage(dir, random) {
      for (const path of packsOf(dir)) {
        const bytes = readFileSync(path)
        for (let at = 0; at < 3; at++) {
          const position = random.below(bytes.length)
          bytes[position] = (bytes[position] ?? 0) ^ (1 << random.below(8))
        }
        writeFileSync(path, bytes)
      }
    },
  },
  {
    name: 'zeroed',
    damage(dir, random) {
      const [path] = packsOf(dir)
      if (path === undefined) return
      const bytes = readFileSync(path)
      const from = random.below(bytes.length)
      writeFileSync(path, bytes.fill(0, from, from + 64 * 1024))
    },
  },
  {
    name: 'truncated',
    damage(dir, random) {
      const [path] = packsOf(dir)
      if (path !== undefined) truncateSync(path, random.below(statSync(path).size))
    },
  },
  {
    name: 'swapped',
    damage(dir) {
      const [a, b] = packsOf(dir)
      if (a === undefined || b === undefined) return
      renameSync(a, `${a}.aside`)
      renameSync(b, a)
      renameSync(`${a}.aside`, b)
    },
  },
  {
    name: 'missing',
    damage(dir) {
      const [path] = packsOf(dir)
      if (path !== undefined) rmSync(path)
    },
  },
  {
    name: 'extra',
    damage(dir, random) {
      const [path] = packsOf(dir)
      if (path !== undefined) copyFileSync(path, join(dir, 'ffffffffffffffff-000001.car'))
      writeFileSync(join(dir, 'ffffffffffffffff-000002.car'), random.bytes(10_000))
      writeFileSync(join(dir, 'lost+found.txt'), 'not a pack')
    },
  },
]

/** Paths of packs, the largest first. */
function packsOf(dir: string): string[] {
  const paths = readdirSync(dir).flatMap((name) => (name.endsWith('.car') ? [join(dir, name)] : []))
  return paths.toSorted((a, b) => statSync(b).size - statSync(a).size)
}
