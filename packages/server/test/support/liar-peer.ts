import type { Connection, Stream } from '@libp2p/interface'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { Uint8ArrayList } from 'uint8arraylist'
import { Frames } from '../../src/ipfs/node/bitswap/frames.ts'
import { type BitswapMessage, readMessage } from '../../src/ipfs/node/bitswap/message.ts'

const protocol = '/ipfs/bitswap/1.2.0'

/** A peer that says what a test wants. */
export interface LiarPeer {
  readonly peerId: string
  readonly addresses: readonly string[]
  connect(address: string): Promise<void>
  /** Sends pieces over a new stream, whatever they are. */
  send(pieces: readonly Uint8Array[]): Promise<void>
  peers(): number
  close(): Promise<void>
}

/** `answer` is called with each message that comes, and sends what it likes. */
export async function startLiarPeer(
  answer: (message: BitswapMessage, send: (pieces: readonly Uint8Array[]) => Promise<void>) => void,
): Promise<LiarPeer> {
  const libp2p = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify() },
  })
  const sendOver = async (connection: Connection | undefined, pieces: readonly Uint8Array[]) => {
    if (connection === undefined) throw new Error('Nobody is connected')
    const stream = await connection.newStream(protocol)
    stream.send(new Uint8ArrayList(...pieces))
  }
  await libp2p.handle(protocol, (stream: Stream, connection: Connection) => {
    const frames = new Frames()
    stream.addEventListener('message', ({ data }) => {
      for (const message of frames.push(data instanceof Uint8Array ? [data] : data)) {
        answer(readMessage(message), (pieces) => sendOver(connection, pieces))
      }
    })
  })
  return {
    peerId: libp2p.peerId.toString(),
    addresses: libp2p.getMultiaddrs().map(String),
    connect: async (address) => void (await libp2p.dial(multiaddr(address))),
    send: (pieces) => sendOver(libp2p.getConnections()[0], pieces),
    peers: () => libp2p.getPeers().length,
    close: async () => libp2p.stop(),
  }
}
