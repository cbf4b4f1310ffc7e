import { findNetwork } from './accounts/installation.ts'
import { ConfigError } from './config.ts'
import type { DataDir } from './data-dir.ts'
import { openEmbeddedNode } from './ipfs/node/embedded-node.ts'
import type { IpfsNode } from './ipfs/node/node.ts'
import { openNodeKey } from './ipfs/node/node-key.ts'
import { usualListens } from './ipfs/node/node-settings.ts'
import { openOffNode } from './ipfs/node/off-node.ts'
import { openPublicBlocks } from './pins/public-blocks.ts'
import type { Services } from './services.ts'
import { openNodeElsewhere } from './share-node.ts'

/**
 * Opens the node that the settings ask for, on the network they name, or else the one chosen at set-up. A process without
 * the role `node` has one that gives the addresses of the process which runs it. Throws ConfigError when an address is
 * taken.
 */
export async function openNode(
  services: Pick<Services, 'config' | 'clock' | 'log' | 'health' | 'db' | 'packs' | 'metrics' | 'verifiedBlocks'>,
  dataDir: Pick<DataDir, 'keys'>,
): Promise<IpfsNode> {
  const { ipfs, roles } = services.config
  const key = await openNodeKey(dataDir.keys)
  const network = ipfs.network ?? (await findNetwork(services)) ?? 'local'
  const settings = { ...ipfs, network, listen: ipfs.listen.length > 0 ? ipfs.listen : usualListens[network] }
  const { db, clock, log } = services
  if (!roles.includes('node')) return openNodeElsewhere(openOffNode(settings, key), { kind: ipfs.kind, db, clock, log })
  if (ipfs.kind === 'off') return openOffNode(settings, key)
  try {
    return await openEmbeddedNode({ settings, key, blocks: openPublicBlocks(services), log: services.log })
  } catch (error) {
    throw new ConfigError(
      `PINYON_IPFS_LISTEN: ${settings.listen.join(', ')} cannot be listened on. Choose other addresses, such as /ip4/127.0.0.1/tcp/PORT, or PINYON_IPFS=off.`,
      { cause: error },
    )
  }
}
