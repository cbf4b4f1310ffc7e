import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AtWork } from '../lib/at-work.ts'

/** Counts the requests of a listener that are not answered to the end yet, for a drain to wait for. */
export class UnderWay {
  #count = 0
  #onSettled: (() => void) | undefined

  /** `atWork` is told of each request, too. */
  constructor(server: Server, atWork: AtWork) {
    // First of all listeners, so that nothing answers before it is counted.
    server.prependListener('request', (_raw: IncomingMessage, response: ServerResponse) => {
      this.#count++
      const ended = atWork.begin()
      response.once('close', () => {
        ended()
        this.#count--
        if (this.#count === 0) this.#onSettled?.()
      })
    })
  }

  /** Resolves when nothing is under way, after `patienceMs` at the latest. */
  async settled(patienceMs: number): Promise<void> {
    if (this.#count === 0 || patienceMs === 0) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#onSettled = resolve
      timer = setTimeout(resolve, patienceMs)
    })
    clearTimeout(timer)
  }
}
