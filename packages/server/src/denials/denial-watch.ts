import { codecs } from '../ipfs/codecs.ts'
import type { SizedBlockSource } from '../ipfs/find-block.ts'
import type { Denials } from './denials.ts'

/** Blocks above leaves that one answer remembers. Those beyond are asked about when they are read, as all are. */
const maxBlocks = 2_000

/**
 * Holds an answer that has begun against what is taken down meanwhile: a file's root is read once, at the beginning, and
 * what lies below it is not taken down by itself. While nothing changes this costs a comparison for each piece.
 */
export class DenialWatch {
  readonly #denials: Pick<Denials, 'version' | 'requireReadable'>
  #version: number
  readonly #blocks: Uint8Array[] = []
  readonly #checks: (() => void)[] = []

  constructor(denials: Pick<Denials, 'version' | 'requireReadable'>) {
    this.#denials = denials
    this.#version = denials.version
  }

  /** The same source; blocks with links that are read from it are remembered, and asked about again before each other. */
  over(source: SizedBlockSource): SizedBlockSource {
    return {
      ...(source.sizeOf === undefined ? {} : { sizeOf: (multihash) => source.sizeOf?.(multihash) }),
      get: async (multihash, codec) => {
        // A view would keep the block alive that it is a part of.
        if (codec !== codecs.raw && this.#blocks.length < maxBlocks) this.#blocks.push(multihash.slice())
        this.requireShown()
        return source.get(multihash, codec)
      },
    }
  }

  /** Asks now, and again whenever something changed: lists name paths as well. Throws what `check` throws. */
  require(check: () => void): void {
    check()
    this.#checks.push(check)
  }

  /** To be asked before each piece. Throws `content_taken_down`, `unavailable_for_legal_reasons`. */
  requireShown(): void {
    const { version } = this.#denials
    if (version === this.#version) return
    for (const multihash of this.#blocks) this.#denials.requireReadable(multihash)
    for (const check of this.#checks) check()
    this.#version = version
  }
}
