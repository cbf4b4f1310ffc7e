import { findNetwork } from './accounts/installation.ts'
import { ConfigError } from './config/config-error.ts'
import type { DataDir } from './data-dir.ts'
import { openEmbeddedNode } from './ipfs/node/embedded-node.ts'
import { followNetwork } from './ipfs/node/follow-network.ts'
import type { IpfsNode } from './ipfs/node/node.ts'
import { openNodeKey } from './ipfs/node/node-key.ts'
import { usualListens } from './ipfs/node/node-settings.ts'
import { openOffNode } from './ipfs/node/off-node.ts'
import { openPublicBlocks } from './pins/public-blocks.ts'
import type { Services } from './services.ts'
import { openNodeElsewhere } from './share-node.ts'

/**
 * Opens the node that the settings ask for, on the network they name, or else the one chosen at set-up, also when that
 * comes later. A process without the role `node` has one that gives the addresses of the process which runs it. Throws
 * ConfigError when an address is taken.
 */
export async function openNode(
  services: Pick<
    Services,
    'config' | 'clock' | 'log' | 'health' | 'db' | 'packs' | 'metrics' | 'verifiedBlocks' | 'denials'
  >,
  dataDir: Pick<DataDir, 'keys'>,
): Promise<IpfsNode> {
  const { config, db, clock, log } = services
  const { ipfs, roles } = config
  const key = await openNodeKey(dataDir.keys)
  const chosen = ipfs.network ?? (await findNetwork(services))
  const settingsOn = (network: IpfsNode['network']) => ({
    ...ipfs,
    network,
    listen: ipfs.listen.length > 0 ? ipfs.listen : usualListens[network],
  })
  const off = () => openOffNode(settingsOn(chosen ?? 'local'), key)
  if (!roles.includes('node')) return openNodeElsewhere(off(), { kind: ipfs.kind, db, clock, log })
  if (ipfs.kind === 'off') return off()
  const open = async (network: IpfsNode['network']) => {
    const settings = settingsOn(network)
    try {
      return await openEmbeddedNode({ settings, key, blocks: openPublicBlocks(services), log })
    } catch (error) {
      throw new ConfigError(
        `PINYON_IPFS_LISTEN: ${settings.listen.join(', ')} cannot be listened on. Choose other addresses, such as /ip4/127.0.0.1/tcp/PORT, or PINYON_IPFS=off.`,
        { cause: error },
      )
    }
  }
  const node = await open(chosen ?? 'local')
  return chosen === null ? followNetwork(node, { find: () => findNetwork(services), open, log }) : node
}
