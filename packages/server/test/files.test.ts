import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expireFiles } from '../src/files/expire-files.ts'
import { databases, startTestApp, type TestApp } from './support/app.ts'
import { TestClock } from './support/domain.ts'
import { type Part, remains, sendForm } from './support/upload.ts'

describe.each(databases)('files on %s', (database) => {
  let app: TestApp
  let key: Awaited<ReturnType<TestApp['setUp']>>
  let other: Awaited<ReturnType<TestApp['makeAccount']>>
  const clock = new TestClock()

  beforeAll(async () => {
    app = await startTestApp({ database, clock })
    key = await app.setUp()
    other = await app.makeAccount(key, `files-${database}`)
  })
  afterAll(() => app.close())

  async function upload(content: string, more: readonly Part[] = [], asked = key) {
    const { status, body } = await sendForm(app, '/v3/files', asked, [['file', content, 'a.txt'], ...more])
    expect(status).toBe(200)
    return body.data
  }

  const publicly: Part = ['network', 'public']

  it('changes name and key-values, and leaves what was not named', async () => {
    const file = await upload('to change', [['keyvalues', '{"keep":"1","gone":"2"}']])
    const path = `/v3/files/private/${file.id}`
    const { status, body } = await app.ask('PUT', path, {
      key,
      json: { name: 'Ändered', keyvalues: { gone: null, added: '3' } },
    })
    expect(status).toBe(200)
    expect(body.data).toMatchObject({
      id: file.id,
      name: 'Ändered',
      keyvalues: { keep: '1', added: '3' },
      cid: file.cid,
    })
    expect((await app.ask('GET', path, { key })).body).toEqual(body)
    // A body without a type is JSON too.
    const text = await app.ask('PUT', path, { key, body: '{"name":"again"}' })
    expect(text.body.data).toMatchObject({ name: 'again', keyvalues: { keep: '1', added: '3' } })
  })

  it('serves the aliases without a network for private files', async () => {
    const file = await upload('by alias')
    expect((await app.ask('GET', `/v3/files/${file.id}`, { key })).body.data.id).toBe(file.id)
    expect((await app.ask('PUT', `/v3/files/${file.id}`, { key, json: { name: 'x' } })).body.data.name).toBe('x')
    expect((await app.ask('DELETE', `/v3/files/${file.id}`, { key })).body).toEqual({ data: null })
    expect((await app.ask('GET', `/v3/files/${file.id}`, { key })).status).toBe(404)
  })

  it('shows a file by its id alone, on whichever network it is, as v3 shows it', async () => {
    const files = [await upload('by id', [['keyvalues', '{"k":"v"}']]), await upload('by id', [publicly])]
    for (const [at, network] of ['private', 'public'].entries()) {
      const path = `/pinyon/v1/files/${files[at].id}`
      const v3 = await app.ask('GET', `/v3/files/${network}/${files[at].id}`, { key })
      expect(v3.body.data.network).toBe(network)
      expect(await app.ask('GET', path, { key })).toMatchObject({ status: 200, body: v3.body.data })
      const scoped = await app.makeKey(key, { endpoints: { files: { list: true } } })
      expect((await app.ask('GET', path)).status).toBe(401)
      expect((await app.ask('GET', path, { key: scoped })).status).toBe(403)
      const unknown = await app.ask('GET', '/pinyon/v1/files/019c0000-0000-7000-8000-000000000000', { key })
      const theirs = await app.ask('GET', path, { key: other })
      expect([theirs.status, theirs.body]).toEqual([404, unknown.body])
      expect((await app.ask('DELETE', `/v3/files/${network}/${files[at].id}`, { key })).status).toBe(200)
      expect((await app.ask('GET', path, { key })).body).toEqual(unknown.body)
    }
  })

  it('deletes a file: it is gone everywhere and counts nowhere', async () => {
    const before = await remains(app, key.accountId)
    const file = await upload('to delete', [publicly])
    const path = `/v3/files/public/${file.id}`
    const answers = await Promise.all(Array.from({ length: 5 }, () => app.ask('DELETE', path, { key })))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 404, 404, 404, 404])
    expect((await app.ask('GET', path, { key })).status).toBe(404)
    expect((await app.ask('PUT', path, { key, json: { name: 'x' } })).status).toBe(404)
    expect((await fetch(`${app.gatewayUrl}/ipfs/${file.cid}`)).status).toBe(404)
    const after = await remains(app, key.accountId)
    expect({ ...after, files: 0 }).toEqual({ ...before, files: 0 }) // its row stays as history
    const again = await upload('to delete', [publicly])
    expect(again.is_duplicate).toBeUndefined()
    expect(again.id).not.toBe(file.id)
  })

  it('keeps content that another account holds', async () => {
    const mine = await upload('held twice', [publicly])
    const theirs = await upload('held twice', [publicly], other)
    expect(theirs.id).not.toBe(mine.id)
    await app.ask('DELETE', `/v3/files/public/${mine.id}`, { key })
    expect(await (await fetch(`${app.gatewayUrl}/ipfs/${mine.cid}`)).text()).toBe('held twice')
    await app.ask('DELETE', `/v3/files/public/${theirs.id}`, { key: other })
    expect((await fetch(`${app.gatewayUrl}/ipfs/${mine.cid}`)).status).toBe(404)
  })

  it('answers others’ files, other networks and nonsense exactly as unknown ids', async () => {
    const file = await upload('mine alone')
    const unknown = '019c1f0e-5a2b-7c3d-8e4f-0123456789ab'
    const bodies = []
    for (const [method, json] of [['GET'], ['PUT', { name: 'x' }], ['DELETE']] as const) {
      for (const [asked, path] of [
        [other, `private/${file.id}`],
        [other, `private/${unknown}`],
        [key, `public/${file.id}`],
        [key, 'private/nonsense'],
      ] as const) {
        const { status, body } = await app.ask(method, `/v3/files/${path}`, { key: asked, json })
        expect(status).toBe(404)
        bodies.push(JSON.stringify(body))
      }
    }
    expect(new Set(bodies).size).toBe(1)
    expect((await app.ask('GET', `/v3/files/private/${file.id}`, { key })).body.data.name).toBe('a.txt')
  })

  it.each([
    ['a list', '[]'],
    ['what is no JSON', '{'],
    ['a name that is a number', '{"name":1}'],
    ['a name with a control character', '{"name":"a\\u0000"}'],
    ['key-values of objects', '{"keyvalues":{"a":{}}}'],
    ['a value with NUL', '{"keyvalues":{"a":"\\u0000"}}'],
    ['half a character', '{"keyvalues":{"a":"\\ud800"}}'],
    ['a time that is over', '{"expires_at":"2020-01-01T00:00:00Z"}'],
    ['a time that is none', '{"expires_at":"soon"}'],
    [
      'too many key-values',
      JSON.stringify({ keyvalues: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [i, 'v'])) }),
    ],
  ])('refuses to change a file to %s', async (_, body) => {
    const file = await upload('stays as it is')
    const path = `/v3/files/private/${file.id}`
    expect((await app.ask('PUT', path, { key, body, headers: { 'content-type': 'application/json' } })).status).toBe(
      400,
    )
    expect((await app.ask('GET', path, { key })).body.data.name).toBe('a.txt')
  })

  it('ends files at their time for readers at once, and gives back what they held', async () => {
    const before = await remains(app, key.accountId)
    const totals = () => app.ask('GET', '/data/userPinnedDataTotal', { key }).then(({ body }) => body)
    const counted = await totals()
    const at = Math.floor(clock.now() / 1000) + 100
    const file = await upload('ends soon', [publicly, ['expires_at', String(at)]])
    const path = `/v3/files/public/${file.id}`
    expect((await app.ask('GET', path, { key })).body.data.expires_at).toBe(new Date(at * 1000).toISOString())
    clock.move(100_000)
    expect((await app.ask('GET', path, { key })).status).toBe(404)
    expect(await totals()).toEqual(counted)
    await expireFiles(app.services)
    const after = await remains(app, key.accountId)
    expect({ ...after, files: 0, keyvalues: 0 }).toEqual({ ...before, files: 0, keyvalues: 0 })
    expect(await totals()).toEqual(counted)
  })

  it('moves the end of a file, or takes it away', async () => {
    const file = await upload('moves', [['expires_at', String(Math.floor(clock.now() / 1000) + 50)]])
    const path = `/v3/files/private/${file.id}`
    const { body } = await app.ask('PUT', path, { key, json: { expires_at: null } })
    expect(body.data.expires_at).toBeNull()
    clock.move(60_000)
    expect((await app.ask('GET', path, { key })).status).toBe(200)
  })

  it('refuses who may not: nobody, then who lacks the scope, then what is absent', async () => {
    const file = await upload('guarded')
    const reader = await app.makeKey(key, { resources: ['org:files:read'] })
    for (const [method, json] of [['PUT', { name: 'x' }], ['DELETE']] as const) {
      const path = `/v3/files/private/${file.id}`
      expect((await app.ask(method, path, { json })).status).toBe(401)
      expect((await app.ask(method, path, { key: reader, json })).status).toBe(403)
    }
  })
})
