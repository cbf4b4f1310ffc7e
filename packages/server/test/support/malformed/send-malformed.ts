import { connect } from 'node:net'
import type { Malformed } from './request-shape.ts'

/** What came back over the wire, before anybody read it. */
export interface WireAnswer {
  readonly bytes: Buffer
  /** How the connection ended. */
  readonly end: 'closed' | 'reset' | 'left' | 'hangs'
}

const tickMs = 500

/**
 * Writes it on a connection of its own and reads until the server ends that. A server that neither answers nor ends in
 * `patienceMs` hangs.
 */
export function sendMalformed(base: string, { bytes, leaving }: Malformed, patienceMs = 60_000): Promise<WireAnswer> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve) => {
    const pieces: Buffer[] = []
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    const done = (end: WireAnswer['end']) => {
      clearInterval(timer)
      socket.destroy()
      resolve({ bytes: Buffer.concat(pieces), end })
    }
    // In ticks: a machine that stood still for as long is not a server that hangs.
    let ticks = 0
    const timer = setInterval(() => {
      if (++ticks >= patienceMs / tickMs) done('hangs')
    }, tickMs)
    socket.on('data', (piece: Buffer) => {
      pieces.push(piece)
      // An answer to a client that did not ask to close; it has all it wants.
      if (leaving !== 'resets' && isWhole(Buffer.concat(pieces))) socket.end()
    })
    socket.on('error', () => done('reset'))
    socket.on('end', () => done('closed'))
    socket.on('close', () => done('closed'))
    socket.once('connect', () => {
      if (leaving === 'resets') {
        socket.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => {
          socket.resetAndDestroy()
          done('left')
        })
      } else if (leaving === 'ends') socket.end(bytes)
      else socket.write(bytes)
    })
  })
}

function isWhole(bytes: Buffer): boolean {
  const end = bytes.indexOf('\r\n\r\n')
  const length = end === -1 ? undefined : /\r\ncontent-length: (\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1]
  return length !== undefined && bytes.length >= end + 4 + Number(length)
}
