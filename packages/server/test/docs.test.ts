import { validate } from '@scalar/openapi-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routeList } from '@pinyon/contract/routes.ts'
import { authenticationExamples } from '../src/api/docs-page.ts'
import { startTestApp, type Answered, type TestApp } from './support/app.ts'

interface Operation {
  readonly operationId: string
  readonly security: readonly object[]
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly schema: { readonly type?: string }
  }[]
  readonly responses: Readonly<Record<string, unknown>>
}

describe('the reference', () => {
  let app: TestApp
  let document: { paths: Record<string, Record<string, Operation>>; tags: { name: string }[]; servers: unknown }
  const get = (path: string): Promise<Answered> => app.ask('GET', path)

  beforeAll(async () => {
    app = await startTestApp()
    document = (await get('/openapi.json')).body
  })
  afterAll(() => app.close())

  const operation = (path: string, method: string): Operation => {
    const found = document.paths[path]?.[method]
    if (found === undefined) throw new Error(`no ${method} ${path} in the document`)
    return found
  }

  it('is valid OpenAPI 3.1 for this server', async () => {
    const { errors, version } = await validate(JSON.stringify(document))
    expect(errors ?? []).toEqual([])
    expect(version).toBe('3.1')
    expect(document.servers).toEqual([{ url: app.apiUrl }])
    expect(document.tags[0]?.name).toBe('Authentication')
  })

  it('has every row and every alias, each under an id of its own', () => {
    const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId))
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBe(routeList.reduce((sum, row) => sum + 1 + (row.aliases?.length ?? 0), 0))
    for (const row of routeList) {
      const found = operation(row.path.replace(/:(\w+)/g, '{$1}'), row.method.toLowerCase())
      expect(found.security.length > 0, row.id).toBe(row.credentials.length > 0)
    }
  })

  it('documents numbers of a query as integers and keeps properties called id', () => {
    const { parameters } = operation('/data/pinList', 'get')
    for (const name of ['pageLimit', 'pageOffset', 'pinSizeMin'])
      expect(parameters.find((one) => one.name === name)?.schema.type, name).toBe('integer')
    expect(operation('/v3/files/{network}/{id}', 'get').parameters.map(({ name }) => name)).toEqual(['network', 'id'])
    expect(JSON.stringify(document)).toContain('"required":["id"')
  })

  it('points at nothing that is not there', () => {
    const { components } = document as unknown as { components: { schemas: Record<string, unknown> } }
    const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)]
    expect(names.length).toBeGreaterThan(routeList.length)
    for (const [, name = ''] of names) expect(components.schemas, name).toHaveProperty(name)
  })

  it('opens with Authentication in four languages, with the address of this server', async () => {
    const page = await get('/docs')
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.body).toContain('<h1>Authentication</h1>')
    expect(page.body.indexOf('<h1>Authentication</h1>')).toBeLessThan(page.body.indexOf('id="reference"'))
    const examples = authenticationExamples(app.apiUrl)
    expect(examples.map(({ title }) => title)).toEqual(['cURL', 'Node.js', 'Python', 'Go'])
    for (const { title, bearer, headers } of examples) {
      expect(page.body).toContain(`>${title}</label>`)
      for (const program of [bearer, headers]) expect(program).toContain(`${app.apiUrl}/data/testAuthentication`)
    }
  })

  it('loads and calls nothing but this server', async () => {
    const page = await get('/docs')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
    expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'")
    const scripts = [...page.body.matchAll(/<script[^>]* src="([^"]*)"/g)]
    expect(scripts).not.toEqual([])
    for (const [, address] of scripts) {
      expect(address).toMatch(/^\/docs\//)
      const script = await get(address)
      expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
    }
    expect(page.body).not.toMatch(/<script(?![^>]* src=)/)
    expect((await get('/docs/other.js')).status).toBe(404)
  })

  it('comes as a Postman collection with the variables baseUrl and jwt', async () => {
    const { body } = await get('/postman.json')
    expect(body.info.schema).toContain('/collection/v2.1.0/')
    expect(body.variable).toMatchObject([{ key: 'baseUrl', value: app.apiUrl }, { key: 'jwt' }])
    const items = body.item.flatMap((folder: { item: unknown[] }) => folder.item)
    expect(items).toHaveLength(routeList.length)
    for (const { request } of items) {
      expect(request.url.raw).toBe(`{{baseUrl}}/${request.url.path.join('/')}`)
      for (const piece of request.url.path.filter((one: string) => one.startsWith(':')))
        expect(request.url.variable.map(({ key }: { key: string }) => `:${key}`)).toContain(piece)
      if (request.body?.mode === 'raw') JSON.parse(request.body.raw)
    }
  })
})
