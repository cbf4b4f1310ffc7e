import type { Connection, Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { type OutgoingMessage, writeMessage } from './message.ts'

/** Newest first: peers take the first they know. */
export const protocols = ['/ipfs/bitswap/1.2.0', '/ipfs/bitswap/1.1.0', '/ipfs/bitswap/1.0.0'] as const

/** So long a peer may take to open a stream, or to read what was sent. */
const patienceMs = 30_000

/** So much may wait to be read by the peer while the next message is made. */
const lowWaterBytes = 512 * 1024

/**
 * Sends messages to one peer, one after another over one stream that is kept. `next` is asked for a message whenever
 * the last one is on its way, so that nothing waits here but that one.
 */
export class Outbox {
  readonly #connections: () => readonly Connection[]
  readonly #next: () => Promise<OutgoingMessage | undefined> | OutgoingMessage | undefined
  readonly #failed: (error: unknown) => void
  #stream: Stream | undefined
  #isRunning = false
  #isWoken = false
  #isClosed = false

  constructor(options: {
    connections: () => readonly Connection[]
    next: () => Promise<OutgoingMessage | undefined> | OutgoingMessage | undefined
    failed: (error: unknown) => void
  }) {
    this.#connections = options.connections
    this.#next = options.next
    this.#failed = options.failed
  }

  /** Whether the peer speaks a version that tells what is there (1.2.0), as far as is known. */
  get isOld(): boolean {
    return this.#stream !== undefined && this.#stream.protocol !== protocols[0]
  }

  /** There is something to send. */
  wake(): void {
    this.#isWoken = true
    if (this.#isRunning || this.#isClosed) return
    this.#isRunning = true
    // Behind what is asked for in the same turn of the loop, so that it goes as one message.
    setImmediate(() => void this.#run())
  }

  close(): void {
    this.#isClosed = true
    this.#stream?.abort(new Error('The peer is left'))
    this.#stream = undefined
  }

  async #run(): Promise<void> {
    try {
      while (this.#isWoken && !this.#isClosed) {
        this.#isWoken = false
        for (;;) {
          const message = await this.#next()
          if (message === undefined || this.#isClosed) break
          await this.#send(message)
        }
      }
    } catch (error) {
      if (!this.#isClosed) this.#failed(error)
    } finally {
      this.#isRunning = false
    }
  }

  async #send(message: OutgoingMessage): Promise<void> {
    const stream = await this.#open()
    const isOld = stream.protocol === protocols[2]
    const isToldOfPresence = stream.protocol === protocols[0]
    const { wants = [], blocks = [] } = message
    const pieces = writeMessage(isToldOfPresence ? message : { wants, blocks }, { isOld })
    if (pieces.length === 1) return
    stream.send(new Uint8ArrayList(...pieces))
    await drained(stream)
  }

  async #open(): Promise<Stream> {
    if (this.#stream?.status === 'open' && this.#stream.writeStatus === 'writable') return this.#stream
    const connection = this.#connections().find(({ status }) => status === 'open')
    if (connection === undefined) throw new Error('The peer is not connected any more')
    const stream = await connection.newStream([...protocols], { signal: AbortSignal.timeout(patienceMs) })
    // What the peer has to say comes over streams that it opens.
    stream.addEventListener('message', () => stream.abort(new Error('Nothing is read from this stream')))
    if (this.#isClosed) stream.abort(new Error('The peer is left'))
    this.#stream = stream
    return stream
  }
}

/** Resolves when little of what was sent is left. Rejects when the stream ends, or when the peer reads nothing. */
function drained(stream: Stream): Promise<void> {
  if (stream.writeBufferLength <= lowWaterBytes) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      done()
      const error = new Error('The peer does not read what it asked for')
      stream.abort(error)
      reject(error)
    }, patienceMs)
    // The stream itself goes on in a microtask after the event; what is left shows behind that.
    const onProgress = () => queueMicrotask(check)
    const check = () => {
      timer.refresh()
      if (stream.writeBufferLength > lowWaterBytes) return
      done()
      resolve()
    }
    const onClose = () => {
      done()
      reject(new Error('The stream ended'))
    }
    const done = () => {
      clearTimeout(timer)
      stream.removeEventListener('idle', onProgress)
      stream.removeEventListener('drain', onProgress)
      stream.removeEventListener('close', onClose)
    }
    stream.addEventListener('idle', onProgress)
    stream.addEventListener('drain', onProgress)
    stream.addEventListener('close', onClose)
  })
}
