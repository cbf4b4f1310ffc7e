import type { Cid } from '../ipfs/cid.ts'
import type { Names } from '../ipfs/names/names.ts'
import type { GatewayRequest } from './read-request.ts'
import type { Lasting } from './reply.ts'

/** What a request is about, after its name was looked up. */
export interface Content {
  readonly root: Cid
  /** Segments that the name leads to below its root; they come before those that were asked for. */
  readonly leading: readonly string[]
  readonly lasting: Lasting
}

/** The content of a request: the CID in it, or what its name leads to now. Throws what `Names.resolve` does. */
export async function findContent(names: Names, { root, space, name }: GatewayRequest): Promise<Content> {
  if (root !== undefined) return { root, leading: [], lasting: space === 'files' ? 'private' : 'always' }
  const resolved = await names.resolve(name)
  return { root: resolved.root, leading: resolved.segments, lasting: { ttlMs: resolved.ttlMs } }
}
