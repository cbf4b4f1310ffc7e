import type { FromGateway, ToGateway } from './gateway-messages.ts'
import { AppError } from './lib/errors.ts'
import type { OpenBlock, OpenBlocks, OpenWish } from './open-mode/open-blocks.ts'

/** Has the main process get blocks that are not held here: it alone has the node and the cache. */
export class ToldOpenBlocks implements OpenBlocks {
  readonly #tell: (message: FromGateway) => void
  readonly #waiting = new Map<number, PromiseWithResolvers<OpenBlock | undefined>>()
  #asks = 0

  constructor(tell: (message: FromGateway) => void) {
    this.#tell = tell
  }

  async get(wish: OpenWish, signal: AbortSignal): Promise<OpenBlock | undefined> {
    signal.throwIfAborted()
    const ask = ++this.#asks
    const asked = Promise.withResolvers<OpenBlock | undefined>()
    this.#waiting.set(ask, asked)
    const onAbort = () => {
      this.#tell({ kind: 'leave-block', ask })
      asked.reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    this.#tell({ kind: 'open-block', ask, wish })
    try {
      return await asked.promise
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#waiting.delete(ask)
    }
  }

  answered({ ask, block, refused }: Extract<ToGateway, { kind: 'opened-block' }>): void {
    const waiting = this.#waiting.get(ask)
    if (refused === undefined) return waiting?.resolve(block)
    const { code, message, retryAfterSeconds } = refused
    waiting?.reject(new AppError(code, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds }))
  }
}

/** Answers what `ToldOpenBlocks` of one process asks. */
export class OpenBlocksFor {
  readonly #blocks: OpenBlocks | undefined
  readonly #tell: (message: ToGateway) => void
  readonly #onFault: (error: unknown) => void
  readonly #waiting = new Map<number, AbortController>()

  constructor(
    blocks: OpenBlocks | undefined,
    { tell, onFault }: { tell: (message: ToGateway) => void; onFault: (error: unknown) => void },
  ) {
    this.#blocks = blocks
    this.#tell = tell
    this.#onFault = onFault
  }

  async answer({ ask, wish }: Extract<FromGateway, { kind: 'open-block' }>): Promise<void> {
    const controller = new AbortController()
    this.#waiting.set(ask, controller)
    try {
      const block = await this.#blocks?.get(wish, controller.signal)
      this.#tell({ kind: 'opened-block', ask, block })
    } catch (error) {
      if (controller.signal.aborted) return
      if (!(error instanceof AppError)) this.#onFault(error)
      const { code, message, retryAfterSeconds } =
        error instanceof AppError ? error : new AppError('internal', 'What is not held here could not be fetched.')
      this.#tell({ kind: 'opened-block', ask, refused: { code, message, retryAfterSeconds } })
    } finally {
      this.#waiting.delete(ask)
    }
  }

  leave({ ask }: Extract<FromGateway, { kind: 'leave-block' }>): void {
    this.#waiting.get(ask)?.abort(new Error('Nobody waits for the block any more'))
  }

  /** The process is gone. */
  close(): void {
    for (const controller of this.#waiting.values()) controller.abort(new Error('The process of the gateway is gone'))
  }
}
