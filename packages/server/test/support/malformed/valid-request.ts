import type { Route } from '@pinyon/contract/route.ts'
import { fieldsOf, paramsOf, pathsOf, sampleBody } from '../fill-route.ts'
import { formBytes, formType, type Part } from '../upload.ts'
import type { Chance } from './chance.ts'
import { oddText } from './odd.ts'
import type { RequestShape } from './request-shape.ts'

/** What there is where the requests go: what is named in them is real, so that they are looked at. */
export interface MalformedWorld {
  readonly apiUrl: string
  readonly gatewayUrl: string
  readonly key: { readonly JWT: string; readonly pinata_api_key: string; readonly pinata_api_secret: string }
  /** Headers of somebody who signed in, for rows that keys may not ask. */
  readonly session: Readonly<Record<string, string>>
  /** Ids of files, keys, accounts, groups, unfinished uploads. */
  readonly ids: readonly string[]
  readonly cids: readonly string[]
  /** A CAR of a small DAG. */
  readonly car: Uint8Array
}

/** A request as the row wants it, as far as a sample goes. */
export function validRequest(chance: Chance, world: MalformedWorld, row: Route): RequestShape {
  const isForPeople = !row.credentials.includes('key') && row.credentials.includes('session')
  const credential: [string, string][] = isForPeople
    ? Object.entries(world.session)
    : chance.isOnce(0.8)
      ? [['Authorization', `Bearer ${world.key.JWT}`]]
      : [
          ['pinata_api_key', world.key.pinata_api_key],
          ['pinata_secret_api_key', world.key.pinata_api_secret],
        ]
  const { type, body, more = [] } = bodyOf(chance, world, row)
  return {
    method: row.method,
    target: targetOf(chance, world, row),
    version: 'HTTP/1.1',
    headers: [
      ['Host', new URL(world.apiUrl).host],
      ['Connection', 'close'],
      ...(row.credentials.length === 0 ? [] : credential),
      ...(type === undefined ? [] : ([['Content-Type', type]] as [string, string][])),
      ...more,
    ],
    body,
    isFramed: true,
  }
}

function targetOf(chance: Chance, world: MalformedWorld, row: Route): string {
  let path = chance.of(pathsOf(row))
  for (const name of paramsOf(path)) {
    const value =
      name === 'network'
        ? chance.of(['public', 'private'])
        : name === 'cid'
          ? chance.of(world.cids)
          : chance.isOnce(0.8)
            ? chance.of(world.ids)
            : encodeURIComponent(oddText(chance).toWellFormed())
    path = path.replace(`:${name}`, value)
  }
  const fields = fieldsOf(row.query)
  if (fields.length === 0 || chance.isOnce(0.5)) return path
  return `${path}?${chance.of(fields)}=${chance.of(['1', '5', 'true', 'public', 'a', 'ASC', '2026-01-01T00:00:00Z'])}`
}

function bodyOf(
  chance: Chance,
  world: MalformedWorld,
  row: Route,
): { type?: string; body: Buffer; more?: [string, string][] } {
  switch (row.bodyKind) {
    case 'none':
      return { body: Buffer.alloc(0) }
    case 'json':
      return { type: 'application/json', body: Buffer.from(JSON.stringify(sampleBody(row))) }
    case 'multipart':
      return row.id === 'filesUpload' && chance.isOnce(0.2)
        ? { body: Buffer.alloc(0), more: tusCreation(chance) }
        : { type: formType, body: formBytes(partsOf(chance, world, row)) }
    case 'bytes':
      return {
        type: 'application/offset+octet-stream',
        body: Buffer.alloc(chance.below(3_000), 'x'),
        more: [
          ['Tus-Resumable', '1.0.0'],
          ['Upload-Offset', String(chance.of([0, 0, 1, 5_000]))],
        ],
      }
  }
}

function tusCreation(chance: Chance): [string, string][] {
  return [
    ['Tus-Resumable', '1.0.0'],
    ['Upload-Length', chance.of(['0', '10', '5000', '-1', '1e3', '9007199254740993', ''])],
    ['Upload-Metadata', `filename ${Buffer.from(oddText(chance)).toString('base64')},network cHJpdmF0ZQ==`],
  ]
}

function partsOf(chance: Chance, world: MalformedWorld, row: Route): Part[] {
  const isCar = row.id === 'filesImport' || chance.isOnce(0.3)
  const parts: Part[] = [
    isCar
      ? ['file', world.car, 'a.car']
      : ['file', `content ${chance.below(1_000_000)}`, chance.of(['a.txt', 'd/a.txt'])],
  ]
  if (row.id === 'filesImport')
    parts.unshift(['cid', chance.of(world.cids)], ['network', chance.of(['public', 'private'])])
  else if (isCar) parts.unshift(['car', 'true'])
  for (const name of fieldsOf(row.body)) {
    if (name === 'file' || !chance.isOnce(0.3)) continue
    const value = chance.of(['private', '{"k":"v"}', '{"name":"n","keyvalues":{"k":"v"}}', 'true', '1'])
    parts.splice(chance.below(parts.length + 1), 0, [name, value])
  }
  return parts
}
