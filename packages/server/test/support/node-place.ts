import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { parseCid, type Cid } from '../../src/ipfs/cid.ts'
import { linksOf } from '../../src/ipfs/links-of.ts'
import { MemoryBlocks } from '../../src/ipfs/memory-blocks.ts'
import { openEmbeddedNode } from '../../src/ipfs/node/embedded-node.ts'
import type { BlockFetch, IpfsNode } from '../../src/ipfs/node/node.ts'
import { openNodeKey } from '../../src/ipfs/node/node-key.ts'
import { openLog } from '../../src/lib/log.ts'

/** Settings of a node on loopback with free ports. */
export const loopback = {
  network: 'local',
  listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'],
  announce: [],
  dialPrivate: [],
  deny: [],
  gateways: [],
} as const

type Options = Parameters<typeof openEmbeddedNode>[0]

/** An embedded node for one test. What is in `blocks` is public. */
export async function openNode(
  options: Partial<Omit<Options, 'blocks' | 'settings'>> & { settings?: Partial<Options['settings']> } = {},
): Promise<{ node: IpfsNode; blocks: MemoryBlocks }> {
  const keys = await mkdtemp(join(tmpdir(), 'pinyon-node-'))
  onTestFinished(() => rm(keys, { recursive: true }))
  const blocks = new MemoryBlocks()
  const node = await openEmbeddedNode({
    key: await openNodeKey(keys),
    log: openLog({ level: 'silent', readable: false }),
    ...options,
    settings: { ...loopback, ...options.settings },
    blocks: {
      has: async (multihash) => blocks.get(multihash) !== undefined,
      get: async (multihash) => blocks.get(multihash),
    },
  })
  onTestFinished(() => node.close())
  return { node, blocks }
}

/** Fetches all blocks of a DAG, a few at the same time. */
export async function fetchDag(fetch: BlockFetch, root: string): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>()
  const visit = async (cid: Cid): Promise<void> => {
    const key = Buffer.from(cid.multihash).toString('hex')
    if (found.has(key)) return
    const bytes = await fetch.get(cid)
    found.set(key, bytes)
    await Promise.all(linksOf(cid.codec, bytes).map(visit))
  }
  await visit(parseCid(root))
  return found
}
