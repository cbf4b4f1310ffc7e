import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layoutV0 } from '@pinyon/server/ipfs/layout.ts'
import { type Asked, json, type Said, serve } from './support/serve.ts'
import { type Sample, sampleFile, sampleFolder } from './support/sample-files.ts'
import { startServer, type TestServer } from './support/server.ts'

/** Kubo's RPC as version 0.44 answers it: `pin/ls` as a stream of lines, `dag/export` as a CAR, faults in a trailer. */
function kubo(pins: readonly { Cid: string; Name?: string; Type: string }[], samples: readonly Sample[]) {
  const answer = ({ method, url }: Asked): Said => {
    if (method !== 'POST') return { status: 405, body: '405 - Method Not Allowed' }
    if (url.pathname === '/api/v0/pin/ls')
      return {
        headers: { 'content-type': 'application/json', 'x-chunked-output': '1' },
        body: pins.map((pin) => `${JSON.stringify(pin)}\n`).join(''),
        trailers: {},
      }
    const sample = samples.find(({ cid }) => cid === url.searchParams.get('arg'))
    if (url.pathname !== '/api/v0/dag/export' || sample === undefined)
      return json(
        { Message: 'block was not found locally (offline): ipld: could not find it', Code: 0, Type: 'error' },
        500,
      )
    return { headers: { 'content-type': 'application/vnd.ipld.car', 'x-stream-output': '1' }, body: sample.car }
  }
  return answer
}

describe('import kubo', { timeout: 60_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    await server.setUp()
  })
  afterAll(() => server.close())

  it('brings every recursive pin with its name, private unless told, and knows them again', async () => {
    const samples = [
      await sampleFile(randomBytes(600_000), layoutV0),
      await sampleFolder({ 'index.html': '<p>', 'x.bin': randomBytes(300_000) }),
    ]
    const pins = samples.map(({ cid }, i) => ({ Cid: cid, ...(i === 0 ? {} : { Name: 'my site' }), Type: 'recursive' }))
    const node = await serve(kubo(pins, samples))
    try {
      const first = await server.json(['import', 'kubo', `${node.url}/api/v0`, '--header', 'Authorization: Basic eA=='])
      expect(first.compared).toMatchObject({ source: { files: 2, cids: 2 }, imported: 2, missing: 0 })
      const names = (await server.json(['ls', '--private'])).map(({ cid, name }: Record<string, unknown>) => [
        cid,
        name,
      ])
      expect(new Map(names)).toEqual(new Map(samples.map(({ cid }, i) => [cid, i === 0 ? null : 'my site'])))
      expect(node.log.every(({ headers }) => headers.authorization === 'Basic eA==')).toBe(true)
      expect(node.log[0]?.url.search).toBe('?type=recursive&stream=true&names=true')
      const again = await server.json(['import', 'kubo', node.url])
      expect(again.compared).toMatchObject({ imported: 0, wereHere: 2, missing: 0 })
      // Made public, the blocks that are here need not travel again.
      const exports = () => node.log.filter(({ url }) => url.pathname === '/api/v0/dag/export').length
      const before = exports()
      expect((await server.json(['import', 'kubo', node.url, '--public'])).compared).toMatchObject({ imported: 2 })
      expect(exports()).toBe(before)
    } finally {
      await node.close()
    }
  })

  it('reads what older versions answer at once', async () => {
    const sample = await sampleFile('an old Kubo')
    const answer = kubo([], [sample])
    const node = await serve((asked) =>
      asked.url.pathname === '/api/v0/pin/ls' ? json({ Keys: { [sample.cid]: { Type: 'recursive', Name: '' } } }) : answer(asked),
    ) // prettier-ignore
    try {
      expect((await server.json(['import', 'kubo', node.url])).items).toMatchObject([{ cid: sample.cid, name: null }])
    } finally {
      await node.close()
    }
  })

  it('tells in the words of Kubo what is not there, and takes no half list for a whole one', async () => {
    const [here, gone] = [await sampleFile('here'), await sampleFile('gone')]
    const pins = [here, gone].map(({ cid }) => ({ Cid: cid, Type: 'recursive' }))
    const answer = kubo(pins, [here])
    let isCut = false
    const node = await serve((asked) =>
      isCut && asked.url.pathname === '/api/v0/pin/ls'
        ? { ...answer(asked), trailers: { 'x-stream-error': 'the datastore is gone' } }
        : answer(asked),
    )
    try {
      const { code, stdout } = await server.run(['import', 'kubo', node.url, '--json'])
      expect([code, JSON.parse(stdout).done]).toMatchObject([
        1,
        [{ state: 'imported' }, { state: 'failed', error: expect.stringContaining('block was not found locally') }],
      ])
      isCut = true
      const cut = await server.run(['import', 'kubo', node.url])
      expect([cut.code, cut.stderr]).toEqual([3, expect.stringContaining('the datastore is gone')])
    } finally {
      await node.close()
    }
    for (const body of ['<!doctype html>', Buffer.from([0xff, 0xfe])]) {
      const page = await serve(() => ({ body }))
      const { stderr } = await server.run(['import', 'kubo', page.url])
      await page.close()
      expect(stderr).toMatch(/^The pins cannot be listed: Kubo answered 200, but no list of pins\.\n/)
    }
    const gateway = await serve(() => ({ status: 405, body: 'Method not allowed\n' }))
    const wrong = await server.run(['import', 'kubo', gateway.url])
    await gateway.close()
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      `The pins cannot be listed: Kubo answered 405: Method not allowed.\nIs Kubo's RPC at ${gateway.url}?\n`,
    ])
    const none = await server.run(['import', 'kubo', node.url])
    expect([none.code, none.stderr]).toEqual([3, expect.stringContaining("Is Kubo's RPC at")])
    expect((await server.run(['import', 'kubo', 'ftp://x'])).code).toBe(2)
  })
})
