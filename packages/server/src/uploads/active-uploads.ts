import { AppError } from '../lib/errors.ts'

/** A request that brings no byte for so long stands still; then another may take its place. */
const standingMs = 1_000

/** Resumable uploads that this process takes bytes for: one request at a time for each. */
export class ActiveUploads {
  readonly #active = new Map<string, ActiveUpload>()

  /**
   * Becomes the one request of an upload, until it is disposed of. `cut` ends it early. One before it whose client went
   * away or stands still is ended, and waited for: what came with it is kept. Throws `locked` when one is moving.
   */
  async take(id: string, request: { signal: AbortSignal; cut: () => void }): Promise<ActiveUpload> {
    await this.#settle(id)
    const active = new ActiveUpload(request, () => this.#active.delete(id))
    this.#active.set(id, active)
    return active
  }

  /** How many there are. */
  get count(): number {
    return this.#active.size
  }

  /** Resolves when no request takes bytes for the upload. As `take`, but one that moves is given a moment. */
  async settled(id: string): Promise<void> {
    for (let waits = 0; waits < 4; waits++) {
      const other = this.#active.get(id)
      if (other === undefined) return
      await within(standingMs / 4, other.ended)
    }
    await this.#settle(id)
  }

  async #settle(id: string): Promise<void> {
    for (let tries = 0; ; tries++) {
      const other = this.#active.get(id)
      if (other === undefined) return
      if (!other.isStanding || tries === 5) {
        throw new AppError('locked', 'Another request sends bytes for this upload at this moment.', {
          retryAfterSeconds: 1,
        })
      }
      other.cut()
      await within(standingMs, other.ended)
    }
  }
}

/** One request that brings bytes. */
export class ActiveUpload {
  readonly #request: { readonly signal: AbortSignal; readonly cut: () => void }
  readonly #onEnd: () => void
  readonly #end = Promise.withResolvers<void>()
  #movedAt = performance.now()

  constructor(request: { signal: AbortSignal; cut: () => void }, onEnd: () => void) {
    this.#request = request
    this.#onEnd = onEnd
  }

  /** Bytes came. */
  moved(): void {
    this.#movedAt = performance.now()
  }

  /** Its client is gone, or sends nothing. */
  get isStanding(): boolean {
    return this.#request.signal.aborted || performance.now() - this.#movedAt >= standingMs
  }

  /** Has it end. */
  cut(): void {
    this.#request.cut()
  }

  /** Resolves when it has. */
  get ended(): Promise<void> {
    return this.#end.promise
  }

  [Symbol.dispose](): void {
    this.#onEnd()
    this.#end.resolve()
  }
}

async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))
  await Promise.race([promise, patience])
  clearTimeout(timer)
}
