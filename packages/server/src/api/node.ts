import { routes } from '@pinyon/contract/routes.ts'
import { door, type Door } from '../http/door.ts'

/** This installation on the IPFS network. */
export const nodeDoors: readonly Door[] = [
  door(routes.nodeGet, async ({ services: { node }, caller }) => ({
    kind: node.kind,
    peerId: node.peerId,
    network: node.network,
    listens: [...node.listens()],
    announces: [...node.announces()],
    delegates: [...node.delegates()],
    // How many there are follows what other accounts have fetched.
    peers: caller.granted.operator ? node.peers().length : null,
    reachability: await node.reachability(),
  })),
  door(routes.nodePeers, ({ services: { node } }) => ({
    peers: node.peers().map(({ agent, ...peer }) => ({ ...peer, agent: agent ?? null })),
  })),
]
