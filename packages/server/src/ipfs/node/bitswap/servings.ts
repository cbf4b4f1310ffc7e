import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import type { Cid } from '../../cid.ts'
import { multihashKey } from '../../multihash-key.ts'
import type { OutgoingMessage, WantEntry } from './message.ts'

/** Blocks that anybody may have. It is asked for each block, each time: what was public a moment ago may not be now. */
export interface PublicBlocks {
  has(multihash: Uint8Array): Promise<boolean>
  /** Verified bytes; undefined when no public pin names the block, or when it cannot be read. */
  get(multihash: Uint8Array): Promise<Uint8Array | undefined>
}

/** What a peer may have waiting for it, as many as boxo keeps. What comes beyond is passed over: peers ask again. */
const maxQueued = 1024
/** A message is full with so many bytes of blocks. */
const fullBytes = 512 * 1024
/** Answers in one message beside blocks. */
const maxAnswers = 512
/** Look-ups after which others have their turn. */
const lookUpsInTurn = 64
/** Who asks for nothing but what is not there is answered no faster than this many in 20 ms. */
const missesInRow = 256

/** What one peer asked us for, and the answers to it. What is not there is forgotten once that is said. */
export class Servings {
  readonly #blocks: PublicBlocks
  readonly #queue = new Map<string, WantEntry>()
  #misses = 0

  constructor(blocks: PublicBlocks) {
    this.#blocks = blocks
  }

  get isEmpty(): boolean {
    return this.#queue.size === 0
  }

  add(wants: readonly WantEntry[], { isFull }: { isFull: boolean }): void {
    if (isFull) this.#queue.clear()
    for (const want of wants) {
      const key = multihashKey(want.cid.multihash)
      if (this.#queue.size >= maxQueued && !this.#queue.has(key)) continue
      // Who asked for the block gets it, even when it then asks whether it is there.
      if (want.wantsHave && this.#queue.get(key)?.wantsHave === false) continue
      this.#queue.set(key, want)
    }
  }

  cancel(cids: readonly Cid[]): void {
    for (const { multihash } of cids) this.#queue.delete(multihashKey(multihash))
  }

  /** The answers that are next; undefined when nothing is left to answer. */
  async next(): Promise<OutgoingMessage | undefined> {
    const message = { blocks: [] as { cid: Cid; bytes: Uint8Array }[], haves: [] as Cid[], dontHaves: [] as Cid[] }
    let bytesOfBlocks = 0
    let answers = 0
    let lookUps = 0
    for (const [key, want] of this.#queue) {
      if (bytesOfBlocks >= fullBytes || answers >= maxAnswers) break
      this.#queue.delete(key)
      if (++lookUps % lookUpsInTurn === 0) await nextTurn()
      const bytes = want.wantsHave ? undefined : await this.#blocks.get(want.cid.multihash)
      if (bytes !== undefined) {
        message.blocks.push({ cid: want.cid, bytes })
        bytesOfBlocks += bytes.length
      } else if (want.wantsHave && (await this.#blocks.has(want.cid.multihash))) {
        message.haves.push(want.cid)
        answers++
      } else {
        if (want.sendDontHave) message.dontHaves.push(want.cid)
        answers++
        await this.#slowDown()
        continue
      }
      this.#misses = 0
    }
    return lookUps === 0 ? undefined : message
  }

  async #slowDown(): Promise<void> {
    if (++this.#misses % missesInRow === 0) await delay(20, undefined, { ref: false })
  }
}
