import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { bodyOf, octets, sendRequest } from '../src/send-request.ts'

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}/`
}

/** What the DOM's types do not know as a body. */
const streamed = (body: AsyncIterable<Uint8Array>, headers: Record<string, string> = {}) =>
  ({ method: 'POST', body, headers }) as unknown as RequestInit

async function* endless() {
  for (;;) {
    yield Buffer.alloc(65_536)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

it('sends a stream as it is, with its length or in chunks', async () => {
  const url = await serve((request, response) => {
    let length = 0
    request.on('data', (piece: Buffer) => (length += piece.length))
    const how = request.headers['content-length'] ?? request.headers['transfer-encoding']
    request.on('end', () => response.end(`${length} ${how}`))
  })
  const pieces = async function* () {
    yield Buffer.alloc(3_000_000)
    yield Buffer.alloc(5)
  }
  const known = await sendRequest(url, streamed(pieces(), { 'content-length': '3000005' }))
  expect(await known.text()).toBe('3000005 3000005')
  expect(await (await sendRequest(url, streamed(pieces()))).text()).toBe('3000005 chunked')
})

it('gives an answer that comes before the end of the body, and stops sending', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(403, { 'content-type': 'text/plain' }).end('no room')
  })
  const answer = await sendRequest(url, streamed(endless()))
  expect(answer.status).toBe(403)
  expect(await answer.text()).toBe('no room')
})

it('says where the connection broke, and passes on what the source of the body throws', async () => {
  const url = await serve((request) => {
    request.once('data', () => request.socket.destroy())
  })
  await expect(sendRequest(url, streamed(endless()))).rejects.toThrow(/^the connection broke after [\d.]+ [KM]iB$/)
  const failing = async function* () {
    yield Buffer.alloc(1)
    throw new Error('the file went away')
  }
  const patient = await serve(() => undefined)
  await expect(sendRequest(patient, streamed(failing()))).rejects.toThrow('the file went away')
})

it('gives content as a stream that fails when it was cut off, and refusals as text', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/refused') response.writeHead(404).end('not here')
    else {
      response.writeHead(200, { 'content-length': '10' })
      response.write('12345')
      if (request.url === '/cut') setImmediate(() => response.destroy())
      else response.end('67890')
    }
  })
  const ask = (path: string) => sendRequest(`${url}${path}`, { headers: { accept: octets } })
  expect((await buffer(bodyOf(await ask('whole')))).toString()).toBe('1234567890')
  await expect(ask('cut').then((answer) => buffer(bodyOf(answer)))).rejects.toThrow()
  const refused = await ask('refused')
  expect(refused.status).toBe(404)
  expect(await refused.text()).toBe('not here')
})
