import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Random } from './random.ts'

/** How a network treats a piece that it carries; chances are of a thousand pieces. */
export interface Quality {
  /** Each piece is held up for as long as this at most. */
  readonly delayMs: number
  /** A packet was lost, and the sender tries again: the piece comes so much later. */
  readonly lost: number
  readonly againMs: number
  /** Both ends are told that the connection is reset (RST). */
  readonly resets: number
  /** Half of the piece arrives, and then the connection ends as if all had been said (FIN). */
  readonly cuts: number
  /** A bit is another one afterwards: what TCP and TLS are there to prevent, for a control. */
  readonly flips: number
  /** What the line carries in each direction, all connections together. */
  readonly kilobitsPerSecond: number
}

export const goodNetwork: Quality = {
  delayMs: 0,
  lost: 0,
  againMs: 0,
  resets: 0,
  cuts: 0,
  flips: 0,
  kilobitsPerSecond: Infinity,
}

/** A relay on loopback in front of a port, which treats what passes through as badly as it is told. */
export interface BadNetwork {
  readonly port: number
  /** Of every connection, from its next piece. */
  quality: Quality
  /** Pieces carried, and connections that it broke. */
  readonly counts: { carried: number; lost: number; reset: number; cut: number; flipped: number }
  close(): Promise<void>
}

/** Opens one that is good, in front of `to` on loopback. */
export async function openBadNetwork(to: number, random: Random): Promise<BadNetwork> {
  const counts = { carried: 0, lost: 0, reset: 0, cut: 0, flipped: 0 }
  const sockets = new Set<Socket>()
  const lines = { there: { freeAt: 0 }, back: { freeAt: 0 } }
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay()
      socket.once('close', () => sockets.delete(socket))
      // That it is broken is what this is for; the other end hears of it.
      socket.on('error', () => [near, far].forEach((each) => each.destroy()))
    }
    void carry(near, far, lines.there)
    void carry(far, near, lines.back)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const network: BadNetwork = {
    port: (server.address() as AddressInfo).port, // of TCP
    quality: goodNetwork,
    counts,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return network

  async function carry(from: Socket, into: Socket, line: Direction): Promise<void> {
    try {
      for await (const piece of from as AsyncIterable<Buffer>)
        if (!(await carryPiece(piece, { from, into, line }))) return
      into.end()
    } catch {
      into.destroy()
    }
  }

  /** False when the connection is over. */
  async function carryPiece(
    piece: Buffer,
    { from, into, line }: { from: Socket; into: Socket; line: Direction },
  ): Promise<boolean> {
    const { delayMs, lost, againMs, resets, cuts, flips, kilobitsPerSecond } = network.quality
    const happens = (chance: number) => random.below(1_000) < chance
    counts.carried++
    if (kilobitsPerSecond !== Infinity) await takeTurn(line, (piece.length * 8) / kilobitsPerSecond)
    if (delayMs > 0) await setTimeout(random.below(delayMs))
    if (happens(lost)) {
      counts.lost++
      await setTimeout(againMs)
    }
    if (happens(resets)) {
      counts.reset++
      from.resetAndDestroy()
      into.resetAndDestroy()
      return false
    }
    if (happens(cuts)) {
      counts.cut++
      into.end(piece.subarray(0, piece.length / 2))
      from.destroy()
      return false
    }
    if (happens(flips) && piece.length > 4_000) {
      counts.flipped++
      const at = random.below(piece.length)
      piece[at] = (piece[at] ?? 0) ^ 1
    }
    if (!into.write(piece)) await once(into, 'drain')
    return true
  }
}

/** One way of a line. */
interface Direction {
  /** When it will have carried all that waits. */
  freeAt: number
}

/** Waits until the line has carried what came before, and this. */
async function takeTurn(line: Direction, ms: number): Promise<void> {
  const now = performance.now()
  line.freeAt = Math.max(now, line.freeAt) + ms
  await setTimeout(line.freeAt - now)
}
