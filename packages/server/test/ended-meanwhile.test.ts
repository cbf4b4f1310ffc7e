import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { type RawAnswer, rawAsk } from './support/raw-http.ts'

const mebibyte = 1024 * 1024

describe.each(databases)('what ends while it is read, on %s', { timeout: 60_000 }, (database) => {
  let app: TestApp
  let key: KeyValues
  let group: string
  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
    const { body } = await app.ask('POST', '/v3/groups/private', { key, json: { name: 'shown', is_public: true } })
    group = body.data.id
  })
  afterAll(() => app.close())

  /** Ends the file, and waits until none of its blocks is left, in the middle of the read of this number. */
  function endAtRead(number: number, { id }: Uploaded): void {
    const { packs, verifiedBlocks, db } = app.services
    const read = packs.read.bind(packs)
    let at = 0
    vi.spyOn(verifiedBlocks, 'get').mockReturnValue(undefined)
    vi.spyOn(packs, 'read').mockImplementation(async (location) => {
      const bytes = await read(location)
      if (++at === number) {
        expect((await app.ask('DELETE', `/v3/files/private/${id}`, { key })).status).toBe(200)
        const left = () => db.read.selectFrom('pin_blocks').select('block_id').execute()
        await expect.poll(left, { timeout: 30_000, interval: 20 }).toEqual([])
      }
      return bytes
    })
  }
  const linkTo = async (path: string): Promise<string> => {
    const date = Math.floor(Date.now() / 1000)
    const url = `${app.gatewayUrl}/files/${path}`
    const { body } = await app.ask('POST', '/v3/files/private/download_link', { key, json: { url, date, expires: 600, method: 'GET' } }) // prettier-ignore
    return body.data.slice(app.gatewayUrl.length)
  }
  const own = (id: string, search = '') =>
    rawAsk(app.apiUrl, 'GET', `/pinyon/v1/files/${id}/content${search}`, { authorization: `Bearer ${key.JWT}` })
  const ofGateway = (path: string) => rawAsk(app.gatewayUrl, 'GET', path)

  const file = () => upload(app, key, [['a.bin', randomBytes(3 * mebibyte)]], { network: 'private' })
  const shown = () => upload(app, key, [['a.bin', randomBytes(3 * mebibyte)]], { network: 'private', group_id: group })
  const folder = () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    return upload(app, key, names.map((name) => [`d/${name}`, randomBytes(300_000)] as const), { network: 'private' }) // prettier-ignore
  }
  type Way = readonly [make: () => Promise<Uploaded>, ask: (made: Uploaded) => Promise<() => Promise<RawAnswer>>]
  const ways: Record<string, Way> = {
    'the route of own files': [
      file,
      async ({ id }) =>
        () =>
          own(id),
    ],
    'its CAR': [
      file,
      async ({ id }) =>
        () =>
          own(id, '?format=car'),
    ],
    'a path in a folder there': [
      folder,
      async ({ id }) =>
        () =>
          own(id, '?path=e'),
    ],
    'the CAR of a folder there': [
      folder,
      async ({ id }) =>
        () =>
          own(id, '?format=car'),
    ],
    'a download link': [file, async ({ cid }) => linkTo(cid).then((link) => () => ofGateway(link))],
    'the CAR of a link': [file, async ({ cid }) => linkTo(cid).then((link) => () => ofGateway(`${link}&format=car`))],
    'the archive of a link': [folder, async ({ cid }) => linkTo(cid).then((link) => () => ofGateway(`${link}&format=tar`))], // prettier-ignore
    'a path below a link': [folder, async ({ cid }) => linkTo(cid).then((link) => () => ofGateway(link.replace('?', '/e?')))], // prettier-ignore
    'a file of a public group': [
      shown,
      async ({ cid }) =>
        () =>
          ofGateway(`/files/${cid}`),
    ],
    'the CAR of one': [
      shown,
      async ({ cid }) =>
        () =>
          ofGateway(`/files/${cid}?format=car`),
    ],
  }

  it.each(Object.entries(ways))('is not there for %s, and is no fault', async (name, [make, ask]) => {
    for (const [number, when] of [
      [1, 'before the first bytes'],
      [5, 'in mid-stream'],
    ] as const) {
      // prettier-ignore
      if (number === 5 && name.includes('path')) continue // there are not so many
      const made = await make()
      const send = await ask(made)
      endAtRead(number, made)
      const answer = await send()
      vi.restoreAllMocks()
      // An archive is looked through as a whole before it begins.
      const isBegun = number === 5 && !name.includes('archive')
      expect([answer.status, answer.complete], `${when}: ${answer.text.slice(0, 200)}`).toEqual(
        isBegun ? [200, false] : [404, true],
      )
      if (answer.headers['content-type']?.includes('json') === true)
        expect(JSON.parse(answer.text).error).toMatchObject({ code: 404, reason: 'OBJECT_NOT_FOUND' })
    }
    expect(app.log()).not.toMatch(/request failed|is damaged/)
  })

  it('is a fault where a block is absent of what is still held', async () => {
    const made = await file()
    const link = await linkTo(made.cid)
    await app.services.db.write((tx) =>
      tx
        .deleteFrom('pin_blocks')
        .where('block_id', 'in', (eb) => eb.selectFrom('blocks').select('id').where('length', '>', 200_000))
        .execute(),
    )
    expect([(await own(made.id)).status, (await ofGateway(link)).status]).toEqual([503, 503])
    expect(app.log()).toMatch(/"request failed"[^]*gateway request failed/)
  })
})
