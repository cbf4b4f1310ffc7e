import type { Page } from 'playwright-core'

const peerId = '12D3KooWBhXQXkLwz8BYjYSLBS2sM8wHzvWgGR3B2XgVcZVbLKaV'

const node = {
  kind: 'embedded',
  network: 'public',
  peerId,
  listens: ['/ip4/0.0.0.0/tcp/8401', '/ip4/0.0.0.0/tcp/8402/ws'],
  announces: ['/ip4/203.0.113.7/tcp/8401', '/dns4/pin.example.org/tcp/443/wss'],
  delegates: [`/ip4/203.0.113.7/tcp/8401/p2p/${peerId}`, `/dns4/pin.example.org/tcp/443/wss/p2p/${peerId}`],
  peers: 118,
}

/** Answers of `GET /pinyon/v1/node` that depend on networks which a test does not have. */
export const nodeSamples = {
  reachable: {
    ...node,
    reachability: {
      state: 'reachable',
      message: 'Others reach this node: somebody from outside has connected.',
    },
  },
  local: {
    ...node,
    network: 'local',
    listens: ['/ip4/127.0.0.1/tcp/8401', '/ip4/127.0.0.1/tcp/8402/ws'],
    announces: [],
    delegates: [`/ip4/127.0.0.1/tcp/8401/p2p/${peerId}`],
    peers: 1,
    reachability: {
      state: 'local',
      message:
        'The network is local: only programs that are told its address reach this node. To join the public network set PINYON_IPFS_NETWORK=public and start again.',
    },
  },
  private: {
    ...node,
    announces: ['/ip4/192.168.1.20/tcp/8401'],
    delegates: [`/ip4/192.168.1.20/tcp/8401/p2p/${peerId}`],
    reachability: {
      state: 'private-address',
      message:
        'Only private addresses are announced (/ip4/192.168.1.20/tcp/8401), which nobody outside can dial. Set PINYON_IPFS_ANNOUNCE to the public address and port that lead here, such as /ip4/203.0.113.7/tcp/8401.',
    },
  },
  unproven: {
    ...node,
    reachability: {
      state: 'unproven',
      message: 'The announced address answers from here. That others reach it shows when the first one connects.',
    },
  },
  closed: {
    ...node,
    reachability: {
      state: 'port-closed',
      message:
        'Nobody answers at what is announced (203.0.113.7 port 8401), as seen from here. Open the port in the firewall, or have the router pass it on to this machine.',
    },
  },
} as const

/** One of them. */
export type NodeSample = keyof typeof nodeSamples

/** Has the page see that node. */
export async function showSampleNode(page: Page, sample: NodeSample): Promise<void> {
  await page.route('**/pinyon/v1/node', (route) => route.fulfill({ json: nodeSamples[sample] }))
}
