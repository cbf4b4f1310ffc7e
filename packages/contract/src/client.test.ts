import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { ApiError, createClient, Unreachable } from './client.ts'
import { routes } from './routes.ts'

/** A client whose requests are noted and answered as told. */
function noted(answer: Response = Response.json({}), options: { apiUrl?: string; jwt?: string } = {}) {
  const requests: { url: string; init: RequestInit & { duplex?: string } }[] = []
  const client = createClient({
    apiUrl: '',
    ...options,
    fetch: async (url, init = {}) => {
      requests.push({ url: url as string, init }) // the client gives texts
      return answer.clone()
    },
  })
  return { client, requests }
}

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

async function listen(handler: Parameters<typeof createServer>[1]): Promise<string> {
  server = createServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

it('asks the origin of its page when it is given no address, with the cookie of that origin alone', async () => {
  const { client, requests } = noted()
  await client.call(routes.whoami)
  expect(requests).toEqual([
    { url: '/pinyon/v1/whoami', init: { method: 'GET', headers: {}, credentials: 'same-origin' } },
  ])
})

it('asks elsewhere with a key', async () => {
  const { client, requests } = noted(Response.json({}), { apiUrl: 'http://127.0.0.1:8400', jwt: 'a.b.c' })
  await client.call(routes.whoami)
  expect(requests[0]?.url).toBe('http://127.0.0.1:8400/pinyon/v1/whoami')
  expect(requests[0]?.init.headers).toEqual({ authorization: 'Bearer a.b.c' })
})

it('fills in parameters and queries', async () => {
  const { client, requests } = noted()
  await client.call(routes.filesGet, { params: { network: 'public', id: 'a/b?c#d ü' } })
  await client.call(routes.filesList, {
    params: { network: 'private' },
    query: { name: 'a&b', limit: 5, 'keyvalues[a b]': 'c', pageToken: undefined },
  })
  expect(requests.map(({ url }) => url)).toEqual([
    '/v3/files/public/a%2Fb%3Fc%23d%20%C3%BC',
    '/v3/files/private?name=a%26b&limit=5&keyvalues%5Ba+b%5D=c',
  ])
})

it('leaves the content type of a form to whoever sends it, and names a duplex for streams alone', async () => {
  const { client, requests } = noted()
  const form = new FormData()
  form.append('file', new Blob(['x']), 'x.txt')
  const stream = new Blob(['x']).stream() as AsyncIterable<Uint8Array> // Node's streams are iterable
  await client.call(routes.filesUpload, { form })
  await client.call(routes.membersInvite, { body: { email: 'a@b.test' } })
  await client.call(routes.filesUpload, {
    form: { contentType: 'multipart/form-data; boundary=b', stream, lengthBytes: 1 },
  })
  expect(requests.map(({ init }) => [init.headers, init.duplex])).toEqual([
    [{}, undefined],
    [{ 'content-type': 'application/json' }, undefined],
    [{ 'content-type': 'multipart/form-data; boundary=b', 'content-length': '1' }, 'half'],
  ])
  expect(requests[0]?.init.body).toBe(form)
  expect(requests[1]?.init.body).toBe('{"email":"a@b.test"}')
})

it.each<[string, Response, Partial<ApiError>]>([
  [
    'v3',
    Response.json({ error: { code: 404, message: 'gone', reason: 'OBJECT_NOT_FOUND' } }, { status: 404 }),
    { status: 404, message: 'gone', reason: 'OBJECT_NOT_FOUND', requestId: undefined, retryAfterSeconds: undefined },
  ],
  [
    'the legacy routes',
    Response.json(
      { error: { reason: 'NO_SCOPES_FOUND', details: 'no' } },
      { status: 403, headers: { 'x-request-id': 'r' } },
    ),
    { status: 403, message: 'no', reason: 'NO_SCOPES_FOUND', requestId: 'r' },
  ],
  [
    'the legacy routes in text',
    Response.json({ error: 'not pinned' }, { status: 400 }),
    { status: 400, message: 'not pinned', reason: 'HTTP_400' },
  ],
  [
    'a limit',
    Response.json(
      { error: { code: 429, message: 'wait', reason: 'RATE_LIMITED' } },
      { status: 429, headers: { 'retry-after': '17' } },
    ),
    { status: 429, reason: 'RATE_LIMITED', retryAfterSeconds: 17 },
  ],
  [
    'a proxy',
    new Response('<h1>Bad Gateway</h1>', { status: 502 }),
    { reason: 'HTTP_502', message: '<h1>Bad Gateway</h1>' },
  ],
  ['nothing', new Response('', { status: 500 }), { reason: 'HTTP_500', message: 'The server answered 500.' }],
])('throws the error of %s in its words', async (_name, answer, expected) => {
  const error = await failure(noted(answer).client.call(routes.whoami))
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject(expected)
})

it('answers text where the row answers text', async () => {
  const answer = new Response('OK', { headers: { 'content-type': 'text/plain; charset=utf-8' } })
  expect(await noted(answer).client.call(routes.unpin, { params: { cid: 'x' } })).toBe('OK')
})

it('tells a server that is not there, or breaks off, from one that answers', async () => {
  const apiUrl = await listen((request, response) => {
    response.writeHead(request.url === '/pinyon/v1/whoami' ? 200 : 500, { 'content-length': 100 })
    response.write('{"half":', () => response.destroy())
  })
  const client = createClient({ apiUrl })
  expect(await failure(client.call(routes.whoami))).toBeInstanceOf(Unreachable)
  expect(await failure(client.call(routes.sessionsList))).toBeInstanceOf(Unreachable)
  const inPage = createClient({ apiUrl: '', fetch: () => Promise.reject(new TypeError('Failed to fetch')) })
  const gone = await failure(inPage.call(routes.whoami))
  expect(gone).toBeInstanceOf(Unreachable)
  expect(gone).toHaveProperty('message', 'No answer from the server: Failed to fetch. Is it running?')
})

it('throws what was called off as it is', async () => {
  const called = new AbortController()
  const apiUrl = await listen(() => called.abort(new Error('left the page')))
  const error = await failure(createClient({ apiUrl }).call(routes.whoami, { signal: called.signal }))
  expect(error).toHaveProperty('message', 'left the page')
})
