import { z } from 'zod'
import { route } from '../../route.ts'
import { NodePeer, NodeStatus } from '../../schemas/node.ts'
import { base, own } from './defaults.ts'

/** GET /pinyon/v1/node. */
export const nodeGet = route({
  ...own,
  id: 'nodeGet',
  method: 'GET',
  path: `${base}/node`,
  scope: 'account.get',
  resource: 'org:read',
  tag: 'IPFS node',
  response: NodeStatus,
  summary: 'Get the IPFS node',
  description:
    'Its addresses, and whether others can reach it. Looks by dialling what is announced, at most once a minute.',
})

/** GET /pinyon/v1/node/peers. */
export const nodePeers = route({
  ...own,
  id: 'nodePeers',
  method: 'GET',
  path: `${base}/node/peers`,
  scope: null,
  operator: true,
  tag: 'IPFS node',
  response: z.object({ peers: z.array(NodePeer) }),
  summary: 'List the peers of the IPFS node',
})
