import { endpoints, resources, scopes, type Resource } from '@pinyon/contract/permissions.ts'
import type { Route } from '@pinyon/contract/route.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'

/** What the sets of Pinata stand for, written out: a mistake in the rule that expands them shows here. */
const holds: Record<Resource, readonly Resource[]> = {
  'org:read': ['org:read', 'org:files:read', 'org:groups:read', 'org:gateways:read', 'org:analytics:read'],
  'org:write': resources,
  'org:files:read': ['org:files:read'],
  'org:files:write': ['org:files:read', 'org:files:write'],
  'org:groups:read': ['org:groups:read'],
  'org:groups:write': ['org:groups:read', 'org:groups:write'],
  'org:gateways:read': ['org:gateways:read'],
  'org:gateways:write': ['org:gateways:read', 'org:gateways:write'],
  'org:analytics:read': ['org:analytics:read'],
  'org:analytics:write': ['org:analytics:read', 'org:analytics:write'],
}

interface Held {
  readonly name: string
  readonly permissions: object
  readonly opens: (row: Route) => boolean
}

/** Every grant there is, each alone. */
const grants: readonly Held[] = [
  { name: 'nothing', permissions: {}, opens: () => false },
  { name: 'admin', permissions: { admin: true }, opens: (row) => row.operator !== true },
  { name: 'operator', permissions: { operator: true }, opens: (row) => row.operator === true },
  ...resources.map((resource) => ({
    name: resource,
    permissions: { resources: [resource] },
    opens: (row: Route) =>
      row.operator !== true && row.resource !== undefined && holds[resource].includes(row.resource),
  })),
  ...Object.entries(endpoints).flatMap(([parent, names]) =>
    names.map((name) => ({
      name: `${parent}.${name}`,
      permissions: { endpoints: { [parent]: { [name]: true } } },
      opens: (row: Route) => row.operator !== true && doAlone(row).includes(`${parent}.${name}`),
    })),
  ),
]

/** Scopes that open a row by themselves. */
function doAlone({ scope, others = [] }: Route): (string | null)[] {
  return [scope, ...others.filter(({ length }) => length === 1).flat()]
}

const cells = routeList.flatMap((row) =>
  [row.path, ...(row.aliases ?? []).map(({ path }) => path)].map((path) => ({
    row,
    path,
    target: `${row.method} ${path}`,
  })),
)

describe('every scope alone against every route', () => {
  let app: TestApp
  let setUpKey: KeyValues
  beforeAll(async () => {
    app = await startTestApp({ env: { PINYON_RATE_LIMITS: 'off' } })
    setUpKey = await app.setUp()
  })
  afterAll(() => app.close())

  it.each(grants)('$name', { timeout: 60_000 }, async ({ permissions, opens }) => {
    const key = await app.makeKey(setUpKey, permissions)
    for (const { row, path, target } of cells) {
      const { status, reason, text } = await ask(app, row, path, key.JWT)
      if (row.credentials.length === 0 || (row.credentials.includes('key') && isFree(row)) || opens(row)) {
        expect([target, reason === 'NO_SCOPES_FOUND', status === 401 && row.credentials.length > 0]).toEqual([
          target,
          false,
          false,
        ])
        expect([target, status < 500 || status === 501]).toEqual([target, true])
      } else if (!row.credentials.includes('key')) {
        expect([target, status, reason]).toEqual([target, 403, 'FORBIDDEN'])
      } else {
        expect([target, status, reason]).toEqual([target, 403, 'NO_SCOPES_FOUND'])
        // testAuthentication says instead that the key works.
        if (row.id !== 'testAuthentication') {
          expect([target, text.includes(row.operator === true ? 'operator' : String(row.scope))]).toEqual([
            target,
            true,
          ])
        }
      }
    }
  })

  it('nobody opens nothing but the open routes', async () => {
    const closed = cells.filter(({ row }) => row.credentials.length > 0)
    for (const { row, path, target } of closed) {
      const { status, reason } = await ask(app, row, path, undefined)
      expect([target, status, reason]).toEqual([target, 401, 'INVALID_CREDENTIALS'])
    }
  })

  it('no row is opened by a token that was forged, and each says that it is none', { timeout: 60_000 }, async () => {
    const [header = '', payload = '', signature = ''] = setUpKey.JWT.split('.')
    const changed = (part: string, change: object) => {
      const read = JSON.parse(Buffer.from(part, 'base64url').toString()) as object // of our own token
      return Buffer.from(JSON.stringify({ ...read, ...change })).toString('base64url')
    }
    const forged = [
      `${changed(header, { alg: 'none' })}.${payload}.`,
      `${changed(header, { alg: 'nOnE' })}.${payload}.${signature}`,
      `${changed(header, { alg: 'HS256' })}.${payload}.${signature}`,
      `${header}.${changed(payload, { iat: 1 })}.${signature}`,
    ]
    for (const { row, path, target } of cells.filter((cell) => cell.row.credentials.length > 0)) {
      for (const token of forged) {
        const { status, reason, challenge } = await ask(app, row, path, token)
        const none = [401, 'INVALID_CREDENTIALS', 'Bearer error="invalid_token"']
        expect([target, status, reason, challenge]).toEqual([target, ...none])
      }
    }
  })

  it('no path answers a method that is not declared', async () => {
    for (const path of new Set(cells.map((cell) => cell.path))) {
      const declared = new Set(
        cells.filter((cell) => sameShape(cell.path, path)).map(({ row }) => row.method as string),
      )
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        if (declared.has(method)) continue
        const { status } = await app.ask(method, fill(path), { key: setUpKey })
        expect([method, path, status]).toEqual([method, path, 405])
      }
    }
  })
})

it('names every scope of the route table in the tree of permissions', () => {
  const used = new Set(routeList.flatMap(({ scope }) => (scope === null ? [] : [scope])))
  expect([...used].filter((scope) => !scopes.includes(scope))).toEqual([])
})

async function ask(app: TestApp, row: Route, path: string, key: string | undefined) {
  const { status, headers, body } = await app.ask(row.method, fill(path), {
    key,
    ...(row.bodyKind === 'json' ? { json: null } : {}),
  })
  const reason = body?.error?.reason as string | undefined
  return { status, reason, text: JSON.stringify(body), challenge: headers.get('www-authenticate') }
}

function isFree(row: Route): boolean {
  return row.operator !== true && row.scope === null
}

function fill(path: string): string {
  return path.replace(':network', 'private').replaceAll(/:\w+/g, 'x')
}

/** Whether a request for one may be answered by a row of the other. */
function sameShape(a: string, b: string): boolean {
  const [left, right] = [a.split('/'), fill(b).split('/')]
  return left.length === right.length && left.every((part, i) => part.startsWith(':') || part === right[i])
}
