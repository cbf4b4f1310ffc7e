import { describe } from 'vitest'
import { openEmbeddedNode } from '../src/ipfs/node/embedded-node.ts'
import { openNodeKey } from '../src/ipfs/node/node-key.ts'
import { nodeSuite } from '../src/ipfs/node/node.suite.ts'
import { openLog } from '../src/lib/log.ts'
import { loopback } from './support/node-place.ts'

describe('the embedded node', () => {
  nodeSuite(async ({ keys, gateways = [] }) =>
    openEmbeddedNode({
      settings: { ...loopback, gateways },
      key: await openNodeKey(keys),
      blocks: { has: async () => false, get: async () => undefined },
      log: openLog({ level: 'silent', readable: false }),
    }),
  )
})
