import { noise } from '@libp2p/noise'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { identify, identifyPush } from '@libp2p/identify'
import type { ConnectionGater, Libp2p } from '@libp2p/interface'
import { kadDHT, type KadDHTInit, removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { version } from '../../lib/version.ts'
import { recordRules } from './dht-records.ts'
import { lazyYamux } from './lazy-yamux.ts'
import type { NodeKey } from './node-key.ts'
import { pinnedWebSockets } from './pinned-web-sockets.ts'

/** Bounds of the node; `docs/decisions/ipfs-node.md` says why these. */
const maxConnections = 300
const maxMessageBytes = 64 * 1024

const publicDht: KadDHTInit = {
  protocol: '/ipfs/kad/1.0.0',
  peerInfoMapper: removePrivateAddressesMapper,
  // Without `clientMode` it serves once a public address of it is known, as nodes behind NAT should not.
  allowQueryWithZeroPeers: false,
}

/** What Kubo speaks with peers nearby. */
const localDht: KadDHTInit = {
  protocol: '/ipfs/lan/kad/1.0.0',
  // Addresses that are not public are not kept, and none is needed: who is asked is connected.
  peerInfoMapper: ({ id }) => ({ id, multiaddrs: [multiaddr(`/p2p/${id.toString()}`)] }),
  clientMode: false,
  allowQueryWithZeroPeers: true,
}

/**
 * Connects nobody by itself. `isPublic`: takes part in the public DHT, as a server once it is reached; else in that of
 * the peers that are connected, which goes no further because nobody else may be dialled.
 */
export async function openLibp2p({
  key,
  listen,
  announce,
  gater,
  isPublic,
  dht = {},
}: {
  readonly key: NodeKey
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly gater: ConnectionGater
  readonly isPublic: boolean
  /** What the DHT does otherwise, for one that is not the public one. */
  readonly dht?: KadDHTInit
}): Promise<Libp2p> {
  return createLibp2p({
    privateKey: privateKeyFromRaw(key.raw),
    nodeInfo: { name: 'pinyon', version, userAgent: `pinyon/${version}` },
    addresses: { listen: [...listen], announce: [...announce], noAnnounce: [], maxObservedAddresses: 10 },
    transports: [
      tcp({
        inboundSocketInactivityTimeout: 120_000,
        outboundSocketInactivityTimeout: 120_000,
        maxConnections,
        backlog: 128,
      }),
      pinnedWebSockets(),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [
      lazyYamux({
        enableKeepAlive: true,
        keepAliveInterval: 30_000,
        maxInboundStreams: 256,
        maxOutboundStreams: 256,
        maxMessageSize: maxMessageBytes,
        maxEarlyStreams: 10,
        streamOptions: {
          initialStreamWindowSize: 256 * 1024,
          maxStreamWindowSize: 16 * 1024 * 1024,
          inactivityTimeout: 600_000,
          maxReadBufferLength: 4 * 1024 * 1024,
          maxWriteBufferLength: 8 * 1024 * 1024,
        },
      }),
    ],
    connectionGater: gater,
    connectionManager: {
      maxConnections,
      maxParallelDials: 50,
      maxDialQueueLength: 500,
      maxPeerAddrsToDial: 10,
      dialTimeout: 10_000,
      addressDialTimeout: 10_000,
      connectionCloseTimeout: 1_000,
      inboundUpgradeTimeout: 10_000,
      outboundStreamProtocolNegotiationTimeout: 10_000,
      inboundStreamProtocolNegotiationTimeout: 10_000,
      inboundConnectionThreshold: 20,
      maxIncomingPendingConnections: 50,
      reconnectRetries: 0,
      // Names are looked up before, where the rules for dialling are.
      resolvers: {},
      allow: [],
      deny: [],
    },
    connectionMonitor: { enabled: true, pingInterval: 30_000, abortConnectionOnPingFailure: true },
    services: {
      identify: identify({ maxMessageSize: 8 * 1024, maxInboundStreams: 1, maxOutboundStreams: 1, timeout: 5_000 }),
      identifyPush: identifyPush({
        maxMessageSize: 8 * 1024,
        maxInboundStreams: 1,
        maxOutboundStreams: 1,
        timeout: 5_000,
      }),
      ping: ping({ maxInboundStreams: 2, maxOutboundStreams: 1, timeout: 10_000 }),
      dht: kadDHT({
        ...(isPublic ? publicDht : localDht),
        ...recordRules,
        maxInboundStreams: 32,
        maxOutboundStreams: 64,
        ...dht,
      }),
    },
  })
}
