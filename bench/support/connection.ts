// One connection to a server that stays open, for clients that send many small requests: HTTP by hand, because Node's own
// client would take more of the processor than the server.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection on which one request is under way at a time. */
export class Connection {
  readonly #socket: Socket
  #answer = ''
  #settle: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.#answer += bytes.toString('latin1')
      if (!isWhole(this.#answer)) return
      const status = Number(this.#answer.slice(9, 12))
      if (status === 200 || status === 202) this.#settle?.resolve(status)
      else this.#settle?.reject(new Error(`answered ${this.#answer.slice(0, 1_000)}`))
      this.#answer = ''
    })
    socket.on('error', (error) => this.#settle?.reject(error))
    socket.on('close', () => this.#settle?.reject(new Error('the server closed the connection')))
  }

  static async open(url: URL): Promise<Connection> {
    const socket = connect(Number(url.port), url.hostname)
    socket.setNoDelay(true)
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** Sends a request whose head lacks only its length. Resolves with the status of success; throws every other answer. */
  send(head: string, body: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      this.#socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    })
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** The head of a POST, but for its length. */
export function headOf({ pathname, search, host }: URL, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${pathname}${search} HTTP/1.1\r\n${lines.join('')}`
}

/** Whether all of an answer is here, by its length or its last chunk. */
function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n')
  if (end === -1) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1]
  return length === undefined ? answer.endsWith('\r\n0\r\n\r\n') : answer.length >= end + 4 + Number(length)
}
