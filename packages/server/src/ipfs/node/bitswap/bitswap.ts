import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import type { Exchange } from '../exchange.ts'
import { Frames } from './frames.ts'
import { readMessage } from './message.ts'
import { protocols } from './outbox.ts'
import { PeerLink } from './peer-link.ts'
import type { PublicBlocks } from './servings.ts'

/** Bytes of messages that are not whole yet, of all peers together. A stream that would need more is cut. */
const maxHeldBytes = 128 * 1024 * 1024
/** Streams at the same time that one peer may open; Helia opens one for each message. */
const maxInboundStreams = 64

/** Speaks bitswap (https://specs.ipfs.tech/bitswap-protocol/) with every connected peer that does. */
export class Bitswap {
  readonly #libp2p: Libp2p
  readonly #exchange: Exchange
  readonly #blocks: PublicBlocks
  readonly #deny: (peerId: PeerId, detail: string) => void
  readonly #debug: (error: unknown, words: string) => void
  readonly #links = new Map<string, PeerLink>()
  readonly #topologies: string[] = []
  #heldBytes = 0

  constructor(options: {
    readonly libp2p: Libp2p
    readonly exchange: Exchange
    readonly blocks: PublicBlocks
    /** Has a peer that lied disconnected and kept away. */
    readonly deny: (peerId: PeerId, detail: string) => void
    readonly debug: (error: unknown, words: string) => void
  }) {
    this.#libp2p = options.libp2p
    this.#exchange = options.exchange
    this.#blocks = options.blocks
    this.#deny = options.deny
    this.#debug = options.debug
  }

  async start(): Promise<void> {
    await this.#libp2p.handle([...protocols], (stream, connection) => this.#listen(stream, connection), {
      maxInboundStreams,
      maxOutboundStreams: 4,
      runOnLimitedConnection: false,
    })
    this.#libp2p.addEventListener('peer:disconnect', ({ detail }) => this.#leave(detail))
    for (const protocol of protocols) {
      this.#topologies.push(await this.#libp2p.register(protocol, { onConnect: (peerId) => void this.linkTo(peerId) }))
    }
  }

  async stop(): Promise<void> {
    for (const id of this.#topologies) this.#libp2p.unregister(id)
    await this.#libp2p.unhandle([...protocols])
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  /** The peer as a source of blocks. It must be connected. */
  linkTo(peerId: PeerId): PeerLink {
    const name = peerId.toString()
    const known = this.#links.get(name)
    if (known !== undefined) return known
    const link: PeerLink = new PeerLink({
      peerId: name,
      exchange: this.#exchange,
      blocks: this.#blocks,
      connections: () => this.#libp2p.getConnections(peerId),
      punish: (detail) => this.#punish(peerId, detail),
      failed: (error) => this.#debug(error, 'a peer could not be sent to'),
    })
    this.#links.set(name, link)
    this.#exchange.addSource(link)
    return link
  }

  #leave(peerId: PeerId): void {
    const name = peerId.toString()
    const link = this.#links.get(name)
    if (link === undefined) return
    this.#links.delete(name)
    link.close()
    this.#exchange.removeSource(link)
  }

  #punish(peerId: PeerId, detail: string): void {
    const link = this.#links.get(peerId.toString())
    if (link !== undefined) this.#exchange.tellLied(link, detail)
    this.#leave(peerId)
    this.#deny(peerId, detail)
  }

  #listen(stream: Stream, { remotePeer }: Connection): void {
    const frames = new Frames()
    let held = 0
    stream.addEventListener('message', ({ data }) => {
      try {
        for (const message of frames.push(data instanceof Uint8Array ? [data] : data)) {
          this.linkTo(remotePeer).receive(readMessage(message))
          // It lied, and what stands behind is not looked at.
          if (stream.status === 'aborted') return
        }
        const link = this.#links.get(remotePeer.toString())
        if (link !== undefined) link.lastActiveAt = performance.now()
      } catch (error) {
        stream.abort(new Error('The peer sent what is not bitswap', { cause: error }))
        this.#punish(remotePeer, error instanceof Error ? error.message : 'it sent what is not bitswap')
      }
      this.#heldBytes += frames.heldBytes - held
      held = frames.heldBytes
      if (this.#heldBytes > maxHeldBytes) stream.abort(new Error('Too much is under way'))
    })
    stream.addEventListener('close', () => {
      this.#heldBytes -= held
      held = 0
    })
    // Nothing is answered over this stream: messages have no answers, only other messages.
    stream.close().catch((error: unknown) => this.#debug(error, 'a stream could not be half closed'))
  }
}
