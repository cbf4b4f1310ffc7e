import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Report } from './conformance/report.ts'
import { allCases, runCases } from './conformance/run-cases.ts'
import { run } from './support/run.ts'
import { removeData, setUp, startServer, type KeyValues, type TestServer } from './support/server.ts'

const program = fileURLToPath(new URL('conformance/run.ts', import.meta.url))

let server: TestServer
let key: KeyValues
let dir: string

beforeAll(async () => {
  server = await startServer()
  key = await setUp(server)
  dir = await mkdtemp(join(tmpdir(), 'pinyon-conformance-'))
})
afterAll(async () => {
  await server.stop()
  await removeData(server)
  await rm(dir, { recursive: true, force: true })
})

// oxlint-disable-next-line no-explicit-any -- lists of every shape
const list = async (path: string): Promise<any> =>
  (await fetch(`${server.apiUrl}${path}`, { headers: { authorization: `Bearer ${key.JWT}` } })).json()

it('finds this server as expected in every case, says so in three forms, and leaves nothing behind', async () => {
  const ran = await run(
    process.execPath,
    [program, '--api', server.apiUrl, '--gateway', server.gatewayUrl, '--jwt', key.JWT, '--out', join(dir, 'report')],
    { timeoutMs: 120_000 },
  )
  expect(ran.stdout.split('\n').filter((line) => /^(FAIL|LEFT)/.test(line))).toEqual([])
  expect(ran.code, ran.stderr).toBe(0)
  expect(ran.stdout).toContain(`${allCases.length} cases: ${allCases.length} as expected, 0 not.`)
  const report = JSON.parse(await readFile(join(dir, 'report.json'), 'utf8')) as Report // written by the program
  expect(report.rows).toHaveLength(allCases.length)
  expect((await readFile(join(dir, 'report.md'), 'utf8')).match(/^\| ok \|/gm)).toHaveLength(allCases.length)

  expect((await list('/v3/files/public')).data.files).toEqual([])
  expect((await list('/v3/files/private')).data.files).toEqual([])
  expect((await list('/v3/groups/public')).data.groups).toEqual([])
  expect((await list('/pinning/pinJobs')).rows).toEqual([])
  expect((await list('/v3/pinata/keys?revoked=false')).keys.map(({ name }: { name: string }) => name)).toEqual([
    'Set-up key',
  ])
})

it('names a row of the reference in every case', async () => {
  const { paths } = await list('/openapi.json')
  const rows = Object.values<Record<string, { operationId?: string }>>(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )
  const known = new Set([...rows, 'gateway'])
  expect(
    allCases.filter(({ section }) => !known.has(section.row)).map(({ route, section }) => [route, section.row]),
  ).toEqual([])
})

it('finds an answer that is not as expected, and only that', async () => {
  const before = new URL(server.apiUrl)
  // A server of which one answer is broken: unpin says OK as JSON.
  const broken = createServer((incoming, response) => {
    const { method, url, headers } = incoming
    const asked = request({ host: before.hostname, port: before.port, method, path: url, headers }, (answer) => {
      if (method !== 'PUT' || url !== '/pinning/hashMetadata') {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
        return
      }
      answer.resume()
      response.writeHead(200, { 'content-type': 'application/json' }).end('"OK"')
    })
    incoming.pipe(asked)
  }).listen(0, '127.0.0.1')
  await once(broken, 'listening')
  const api = `http://127.0.0.1:${(broken.address() as AddressInfo).port}` // it listens on TCP
  const { rows } = await runCases({ api, uploads: api, gateway: server.gatewayUrl, jwt: key.JWT })
  broken.close()
  expect(rows.filter(({ ok }) => !ok).map(({ route, expected, got }) => [route, expected, got])).toEqual([
    ['PUT /pinning/hashMetadata', '200 OK', '200 "OK"'],
  ])
})
