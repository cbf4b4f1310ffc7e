import type { Chance } from './chance.ts'
import { oddText } from './odd.ts'
import type { RequestShape } from './request-shape.ts'
import type { MalformedWorld } from './valid-request.ts'

const queries = ['', '', '?format=car', '?format=raw', '?format=tar', '?format=dag-json', '?format=ipns-record', '?filename=x', '?dag-scope=entity&entity-bytes=5:2', '?X-Signature=x&X-Date=1'] // prettier-ignore

/** A request for content as the gateway takes it. */
export function gatewayRequest(chance: Chance, world: MalformedWorld): RequestShape {
  const inside = chance.isOnce(0.4) ? `/${encodeURIComponent(oddText(chance).toWellFormed())}` : ''
  const cid = chance.isOnce(0.8) ? chance.of(world.cids) : encodeURIComponent(oddText(chance).toWellFormed())
  const tree = chance.of(['ipfs', 'ipfs', 'ipfs', 'ipns', 'files', 'api/v0'])
  return {
    method: chance.of(['GET', 'GET', 'GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE']),
    target: `/${tree}/${cid}${inside}${chance.of(queries)}`,
    version: 'HTTP/1.1',
    headers: [
      ['Host', chance.isOnce(0.7) ? new URL(world.gatewayUrl).host : `${chance.of(world.cids)}.ipfs.localhost:1`],
      ['Connection', 'close'],
    ],
    body: Buffer.alloc(0),
    isFramed: true,
  }
}
