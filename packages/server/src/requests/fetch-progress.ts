import type { FetchRow } from './fetch-queries.ts'

/** Bytes that are worth a saving of their own, however little was fetched, and those that are at once. */
const leastBytes = 64 * 1024
const manyBytes = 32 * 1024 * 1024
/** After so long, a single block is. */
const longMs = 2_000
/** The part of what is here that a killed process may have to fetch again. */
const share = 0.05

/** How far an attempt has come, counted from its beginning: blocks that were here before are met again. */
export class FetchProgress {
  readonly #before: { readonly blocks: number; readonly bytes: number }
  #blocks = 0
  #bytes = 0
  #unsavedBytes = 0
  #unsavedBlocks = 0
  #savedAt = performance.now()
  #changed = false
  /** When the last block came from the network, by the wall clock; null when none ever did. */
  lastBlockAt: number | null
  #isMoving = false
  #wants = 0
  #waitingSince = 0

  constructor({ number_of_blocks, size_bytes, last_block_at }: FetchRow) {
    this.#before = { blocks: number_of_blocks, bytes: size_bytes }
    this.lastBlockAt = last_block_at
  }

  /** Blocks here so far. It never falls while an attempt goes over what the one before left. */
  get blocks(): number {
    return Math.max(this.#blocks, this.#before.blocks)
  }

  /** Their bytes. */
  get bytes(): number {
    return Math.max(this.#bytes, this.#before.bytes)
  }

  /** Whether a block came from the network in this attempt. */
  get isMoving(): boolean {
    return this.#isMoving
  }

  /** A block is asked for from the network. */
  beginWant(): void {
    if (this.#wants++ === 0) this.#waitingSince = performance.now()
  }

  /** It came, or not. */
  endWant(): void {
    this.#wants--
  }

  /** How long the network has been asked for blocks without giving one. Work on blocks that are here does not count. */
  get waitingMs(): number {
    return this.#wants === 0 ? 0 : performance.now() - this.#waitingSince
  }

  /** A block is here. */
  add({ sizeBytes, isNew }: { sizeBytes: number; isNew: boolean }, now: number): void {
    this.#blocks++
    this.#bytes += sizeBytes
    this.#changed = true
    if (!isNew) return
    this.lastBlockAt = now
    this.#isMoving = true
    this.#waitingSince = performance.now()
    this.#unsavedBlocks++
    this.#unsavedBytes += sizeBytes
  }

  /** Whether so much came since the last saving that it should be saved now. */
  isWorthSaving(leastMs: number): boolean {
    if (this.#unsavedBytes >= manyBytes) return true
    const sinceMs = performance.now() - this.#savedAt
    if (sinceMs < leastMs) return false
    if (sinceMs >= longMs) return this.#unsavedBlocks > 0
    const isMuch = this.#unsavedBytes >= Math.max(leastBytes, share * this.#bytes)
    return isMuch || this.#unsavedBlocks >= Math.max(8, share * this.#blocks)
  }

  /** All that came is durable. */
  markSaved(): void {
    this.#unsavedBytes = 0
    this.#unsavedBlocks = 0
    this.#savedAt = performance.now()
  }

  /** Whether a block came since this was asked last. */
  takeChanged(): boolean {
    const changed = this.#changed
    this.#changed = false
    return changed
  }
}
