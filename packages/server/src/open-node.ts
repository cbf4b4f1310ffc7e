import { ConfigError } from './config.ts'
import type { DataDir } from './data-dir.ts'
import { openEmbeddedNode } from './ipfs/node/embedded-node.ts'
import type { IpfsNode } from './ipfs/node/node.ts'
import { openNodeKey } from './ipfs/node/node-key.ts'
import { openOffNode } from './ipfs/node/off-node.ts'
import { openPublicBlocks } from './pins/public-blocks.ts'
import type { Services } from './services.ts'

/**
 * Opens the node that the settings ask for. A process without the role `node` has the one that is off: its delegates are
 * those of the process that has it, since they share the key. Throws ConfigError when an address is taken.
 */
export async function openNode(
  services: Pick<Services, 'config' | 'log' | 'health' | 'db' | 'packs' | 'metrics' | 'verifiedBlocks'>,
  dataDir: Pick<DataDir, 'keys'>,
): Promise<IpfsNode> {
  const { ipfs, roles } = services.config
  const key = await openNodeKey(dataDir.keys)
  if (ipfs.kind === 'off' || !roles.includes('node')) return openOffNode(ipfs, key)
  try {
    return await openEmbeddedNode({ settings: ipfs, key, blocks: openPublicBlocks(services), log: services.log })
  } catch (error) {
    throw new ConfigError(
      `PINYON_IPFS_LISTEN: ${ipfs.listen.join(', ')} cannot be listened on. Choose other addresses, such as /ip4/127.0.0.1/tcp/PORT, or PINYON_IPFS=off.`,
      { cause: error },
    )
  }
}
