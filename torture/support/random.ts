import { createCipheriv, createHash } from 'node:crypto'

/** Numbers and bytes that are the same for the same seed. */
export interface Random {
  /** A whole number from 0 up to, and without, `bound`. */
  below(bound: number): number
  /** One of these. Throws when there is none. */
  pick<T>(list: readonly T[]): T
  /** Bytes that nobody else draws. */
  bytes(sizeBytes: number): Buffer
  /** Hexadecimal digits. */
  hex(digits: number): string
  /** Draws of its own, which do not depend on how often others draw. */
  fork(name: string | number): Random
}

/** Opens a source of draws. */
export function openRandom(seed: string | number): Random {
  const key = createHash('sha256').update(`pinyon torture ${seed}`).digest()
  const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  const bytes = (sizeBytes: number) => stream.update(Buffer.alloc(sizeBytes))
  const below = (bound: number) => Math.floor((bytes(4).readUInt32LE() / 2 ** 32) * bound)
  return {
    below,
    bytes,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new Error('There is nothing to pick from')
      return list[below(list.length)] as T // the index is in bounds
    },
    hex: (digits) =>
      bytes(Math.ceil(digits / 2))
        .toString('hex')
        .slice(0, digits),
    fork: (name) => openRandom(`${seed}/${name}`),
  }
}
