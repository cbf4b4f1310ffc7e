// Sends pin requests, or one body again and again, on a few connections that stay open, each the next when the last was answered. Speaks HTTP by hand,
// because the client would otherwise take more of the processor than the server.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { formatCid } from '../../packages/server/src/ipfs/cid.ts'

/** What to send. */
export interface AcceptLoad {
  readonly url: string
  /** Used in turn. */
  readonly authorizations: readonly string[]
  readonly clients: number
  readonly seconds: number
  /** JSON to send; left out: a pin of a CID that nobody has. */
  readonly body?: string
}

/** What came of it. */
export interface Accepted {
  readonly accepted: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

process.once('message', (load: AcceptLoad) => {
  void run(load).then((accepted) => process.send?.(accepted))
})

async function run({ url, authorizations, clients, seconds, body: given }: AcceptLoad): Promise<Accepted> {
  const times: number[] = []
  const started = performance.now()
  const until = started + seconds * 1000
  await Promise.all(
    Array.from({ length: clients }, async (_, n) => {
      const { hostname, port, pathname, host } = new URL(url)
      const head = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${authorizations[n % authorizations.length]}\r\ncontent-type: application/json\r\n`
      const socket = connect(Number(port), hostname)
      socket.setNoDelay(true)
      await once(socket, 'connect')
      const answers = new Answers(socket)
      while (performance.now() < until) {
        const body = given ?? JSON.stringify({ cid: randomCid(), name: `pin ${times.length}` })
        const at = performance.now()
        socket.write(`${head}content-length: ${body.length}\r\n\r\n${body}`)
        const status = await answers.next()
        if (status !== 202 && status !== 200) throw new Error(`answered ${status}`)
        times.push(performance.now() - at)
      }
      socket.destroy()
    }),
  )
  const took = (performance.now() - started) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? NaN
  return { accepted: times.length, seconds: took, p50Ms: at(0.5), p99Ms: at(0.99) }
}

function randomCid(): string {
  return formatCid({ version: 1, codec: 0x55, multihash: Buffer.concat([Buffer.from([0x12, 32]), randomBytes(32)]) })
}

/** The answers on a connection, one at a time; their lengths are stated. */
class Answers {
  #text = ''
  #wake: ((status: number) => void) | undefined
  #fail: ((error: Error) => void) | undefined

  constructor(socket: Socket) {
    socket.on('data', (bytes: Buffer) => {
      this.#text += bytes.toString('latin1')
      const end = this.#text.indexOf('\r\n\r\n')
      if (end === -1) return
      const length = Number(/content-length: (\d+)/i.exec(this.#text)?.[1] ?? 0)
      if (this.#text.length < end + 4 + length) return
      const status = Number(this.#text.slice(9, 12))
      this.#text = ''
      this.#wake?.(status)
    })
    socket.once('error', (error) => this.#fail?.(error))
  }

  next(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#wake = resolve
      this.#fail = reject
    })
  }
}
