import { createHash } from 'node:crypto'
import { matchesTag } from '../http/conditional.ts'
import { contentDisposition } from '../http/disposition.ts'
import type { BlockSource } from '../ipfs/block.ts'
import { formatCid, type Cid } from '../ipfs/cid.ts'
import type { Resolved } from '../ipfs/resolve-path.ts'
import type { WalkBounds } from '../ipfs/walk-dag.ts'
import { writeCar, type CarOptions, type EntityBytes } from '../ipfs/write-car.ts'
import { AppError } from '../lib/errors.ts'
import type { GatewayRequest } from './read-request.ts'
import { locationOf } from './respond-block.ts'
import { cachingOf, sendPieces, type Reply } from './reply.ts'
import { Counted } from './respond-tar.ts'

/** Streams a CAR of the path and what lies below: `format=car` (IPIP-402, IPIP-412, IPIP-523). */
export async function respondCar(
  source: BlockSource,
  request: GatewayRequest,
  found: Extract<Resolved, { outcome: 'found' }> & { readonly root: Cid },
  reply: Reply,
  bounds: WalkBounds = {},
): Promise<number> {
  const { scope, entityBytes, repeats, version } = readCarParameters(request)
  if (version !== '1') throw new AppError('invalid_request', 'car-version must be 1.')
  const cid = formatCid(found.root)
  const key = [
    formatCid(found.node.cid),
    request.contentPath,
    scope,
    JSON.stringify(entityBytes ?? null),
    repeats,
  ].join('\n')
  const etag = `W/"${cid}.car.${createHash('sha256').update(key).digest('base64url').slice(0, 16)}"`
  const headers = { ...reply.headers, etag, ...cachingOf(reply, 'content'), ...locationOf(request) }
  if (matchesTag(request.headers['if-none-match'], etag)) {
    reply.response.writeHead(304, headers).end()
    return 0
  }
  const counted = new Counted(
    writeCar(source, found.node.cid, {
      ...bounds,
      scope,
      entityBytes,
      repeats,
      pathBlocks: found.pathBlocks,
      roots: [found.root],
      signal: reply.signal,
    }),
  )
  await sendPieces(
    reply,
    200,
    {
      ...headers,
      'content-type': `application/vnd.ipld.car; version=1; order=dfs; dups=${repeats ? 'y' : 'n'}`,
      'accept-ranges': 'none',
      'content-disposition': contentDisposition('attachment', request.filename ?? `${cid}.car`),
    },
    counted.pieces(),
  )
  return counted.bytes
}

interface CarParameters extends Pick<CarOptions, 'scope' | 'entityBytes'> {
  readonly repeats: boolean
  readonly version: string
}

/** The URL wins over the parameters of Accept. */
function readCarParameters({ parameters, headers }: GatewayRequest): CarParameters {
  const accept = /application\/vnd\.ipld\.car([^,]*)/.exec(headers.accept ?? '')?.[1] ?? ''
  const ofAccept = (name: string) => new RegExp(`;\\s*${name}=([\\w-]+)`).exec(accept)?.[1]
  const entityBytes = readEntityBytes(parameters['entity-bytes'])
  const scope = parameters['dag-scope'] ?? (entityBytes === undefined ? 'all' : 'entity')
  if (scope !== 'block' && scope !== 'entity' && scope !== 'all')
    throw new AppError('invalid_request', 'dag-scope must be block, entity or all.')
  const dups = parameters['car-dups'] ?? ofAccept('dups') ?? 'n'
  if (dups !== 'y' && dups !== 'n') throw new AppError('invalid_request', 'car-dups must be y or n.')
  const order = parameters['car-order'] ?? ofAccept('order') ?? 'dfs'
  if (order !== 'dfs' && order !== 'unk') throw new AppError('invalid_request', 'car-order must be dfs or unk.')
  return { scope, entityBytes, repeats: dups === 'y', version: parameters['car-version'] ?? ofAccept('version') ?? '1' }
}

function readEntityBytes(text: string | undefined): EntityBytes | undefined {
  if (text === undefined) return undefined
  const match = /^(-?\d{1,15}):(\*|-?\d{1,15})$/.exec(text)
  if (match === null)
    throw new AppError('invalid_request', 'entity-bytes must be from:to, both whole numbers, or from:*.')
  return { from: Number(match[1]), to: match[2] === '*' ? undefined : Number(match[2]) }
}
