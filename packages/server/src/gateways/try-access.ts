import { statusOf } from '@pinyon/contract/errors.ts'
import type { Caller } from '../caller.ts'
import { type Cid, formatCid, parseCid } from '../ipfs/cid.ts'
import { resolvePath } from '../ipfs/resolve-path.ts'
import { AppError } from '../lib/errors.ts'
import { shownBlocks } from '../pins/read-blocks.ts'
import type { Services } from '../services.ts'
import { getGateway } from './manage-gateways.ts'
import { notHeld, requireWayIn, type Shown, type WayIn } from './way-in.ts'

type Needed = Pick<
  Services,
  | 'db'
  | 'egressLimits'
  | 'servedGateways'
  | 'names'
  | 'denials'
  | 'publicPlaces'
  | 'verifiedBlocks'
  | 'packs'
  | 'metrics'
  | 'log'
>

/** Whether a request would be served by a gateway, and why. */
export interface Tried {
  readonly served: boolean
  readonly status: number
  readonly why: string
  readonly wayIn: WayIn | null
  /** What the path leads to, where it is served. */
  readonly cid: string | null
}

/**
 * What a gateway of the account would answer to a request, by the rules that it serves by, without sending anything.
 * Throws `not_found` for a gateway of somebody else.
 */
export async function tryAccess(
  services: Needed,
  caller: Pick<Caller, 'accountId'>,
  { id, path, signal, ...shown }: Shown & { id: string; path: string; signal: AbortSignal },
): Promise<Tried> {
  const { domain } = await getGateway(services.db.read, caller, id)
  const gateway = await services.servedGateways.find({ name: domain })
  if (gateway === undefined) throw new AppError('not_found', 'There is no such gateway in this account')
  let wayIn: WayIn | null = null
  try {
    wayIn = requireWayIn(gateway, shown)
    services.egressLimits.requireGateway(gateway)
    const { root, segments } = await readPath(services, path)
    if (wayIn === 'anyone' && !(await services.servedGateways.holds(gateway, root))) throw notHeld()
    const shownRoot = (await services.servedGateways.swapOf(gateway, root)) ?? root
    const cid = await follow(services, shownRoot, segments, signal)
    return { served: true, status: 200, why: whyServed(wayIn, root, shownRoot), wayIn, cid }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { served: false, status: statusOf(error.code, 'gateway'), why: error.message, wayIn, cid: null }
  }
}

async function readPath({ names, denials }: Needed, path: string): Promise<{ root: Cid; segments: string[] }> {
  const [, space, name = '', below = ''] = /^\/?(ipfs|ipns)\/([^/?#]+)([^?#]*)/.exec(path) ?? []
  if (space === undefined) throw new AppError('not_found', 'Nothing is served here. Content is at /ipfs/{cid}.')
  const segments = below.split('/').filter((segment) => segment !== '').map(decode) // prettier-ignore
  if (space === 'ipfs') return { root: parseCid(decode(name)), segments }
  denials.requireName(decode(name), segments)
  const resolved = await names.resolve(decode(name))
  return { root: resolved.root, segments: [...resolved.segments, ...segments] }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new AppError('invalid_request', 'The path has a percent sign that is no escape.', { cause })
  }
}

async function follow(services: Needed, root: Cid, segments: readonly string[], signal: AbortSignal): Promise<string> {
  services.denials.requirePath(root, segments)
  const resolved = await resolvePath(shownBlocks(services), root, segments, { signal })
  switch (resolved.outcome) {
    case 'found': {
      for (const [i, cid] of resolved.roots.entries()) if (i > 0) services.denials.requirePath(cid, segments.slice(i))
      return formatCid(resolved.node.cid)
    }
    case 'missing':
      throw new AppError('not_found', `There is no "${resolved.missing.slice(0, 200)}" in this path.`)
    case 'value':
      throw new AppError('not_supported', 'The path ends inside a block, on a value that is no link.')
    case 'absent':
      throw new AppError('not_found', 'This content is not here: no public pin of this server holds it.')
  }
}

const words = {
  token: 'Its access token lets it in.',
  origin: 'The page that it comes from lets it in.',
  address: 'The address that it comes from lets it in.',
  anyone: 'The account holds this content publicly, and the gateway asks for nothing more.',
} as const

function whyServed(wayIn: WayIn, root: Cid, shown: Cid): string {
  return root === shown ? words[wayIn] : `${words[wayIn]} A swap shows ${formatCid(shown)} in its place.`
}
