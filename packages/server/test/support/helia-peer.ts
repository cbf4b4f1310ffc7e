import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { unixfs, type UnixFS } from '@helia/unixfs'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createHeliaLight, type HeliaInit } from 'helia'
import { CID } from 'multiformats/cid'

/** A real Helia node on loopback. */
export interface HeliaPeer {
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly files: UnixFS
  connect(address: string): Promise<void>
  /** Fetches one block from who is connected. Rejects when it cannot in time. */
  block(cid: string, ms: number): Promise<Uint8Array>
  put(cid: string, bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** Starts it, with its blocks in memory unless told. It finds nobody by itself. */
export async function startHeliaPeer({
  blockstore: store,
}: { blockstore?: HeliaInit['blockstore'] } = {}): Promise<HeliaPeer> {
  const helia = await withBitswap(
    withLibp2pLight(createHeliaLight(store === undefined ? {} : { blockstore: store }), {
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] },
      transports: [tcp(), webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionGater: { denyDialMultiaddr: () => false },
      services: { identify: identify(), ping: ping() },
    }),
  ).start()
  const { libp2p, blockstore } = helia
  return {
    peerId: libp2p.peerId.toString(),
    addresses: libp2p.getMultiaddrs().map(String),
    files: unixfs(helia),
    connect: async (address) => void (await libp2p.dial(multiaddr(address))),
    async block(cid, ms) {
      const pieces: Uint8Array[] = []
      for await (const piece of blockstore.get(CID.parse(cid), { signal: AbortSignal.timeout(ms) })) pieces.push(piece)
      return Buffer.concat(pieces)
    },
    put: async (cid, bytes) => void (await blockstore.put(CID.parse(cid), bytes)),
    close: () => helia.stop().then(() => undefined),
  }
}
