import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { TestClock } from './support/domain.ts'

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64') // prettier-ignore

describe.each(databases)('an upload link on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  let operator: KeyValues
  const clock = new TestClock()
  beforeAll(async () => {
    app = await startTestApp({ database, clock })
    operator = await app.setUp()
    key = await app.makeAccount(operator, 'alice')
  })
  afterAll(() => app.close())

  const seconds = () => Math.floor(clock.now() / 1_000)
  const askForLink = (json: Record<string, unknown>, asker = key) =>
    app.ask('POST', '/v3/files/sign', { key: asker, json: { date: seconds(), expires: 600, ...json } })

  async function sign(json: Record<string, unknown> = {}, asker = key): Promise<string> {
    const { status, body } = await askForLink(json, asker)
    expect([status, typeof body.data]).toEqual([200, 'string'])
    return body.data
  }

  /** Sends a form as the SDK does: the file first, without credentials. */
  async function send(
    link: string,
    files: readonly (readonly [name: string, bytes: string | Buffer, type?: string])[],
    fields: Record<string, string> = {},
    headers: Record<string, string> = {},
  ) {
    const form = new FormData()
    for (const [name, bytes, type] of files)
      form.append('file', new Blob([new Uint8Array(Buffer.from(bytes))], { type: type ?? '' }), name)
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    const answer = await fetch(link, { method: 'POST', body: form, headers })
    return { status: answer.status, body: await answer.json() }
  }

  it('makes one file with what was fixed at signing, and the rest from the form', async () => {
    const link = await sign({ network: 'private', filename: 'fixed.txt', keyvalues: { k: 'v' }, max_file_size: 100 })
    expect(link).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/v3\/files\/[0-9a-f-]{36}\?X-Algorithm=PINATA1&X-Date=\d+&X-Expires=600&X-Method=POST&X-Signature=[0-9a-f]{64}$/,
    )
    const { status, body } = await send(
      link,
      [['mine.txt', 'by link']],
      { network: 'public', name: 'mine.txt', keyvalues: '{"k":"mine"}', cid_version: 'v0' },
      { authorization: 'Bearer undefined', source: 'sdk/file' },
    )
    expect(status).toBe(200)
    const id = new URL(link).pathname.split('/').at(-1)
    expect(body.data).toMatchObject({ id, name: 'fixed.txt', network: 'private', keyvalues: { k: 'v' }, size: 7 })
    expect(body.data.cid).toMatch(/^Qm/)
    const got = await app.ask('GET', `/v3/files/private/${id}`, { key })
    expect(got.body.data).toMatchObject({ id, name: 'fixed.txt' })
  })

  it('can be tried until it succeeds, and answers 409 after that', async () => {
    const link = await sign({ max_file_size: 10 })
    expect(await send(link, [['a.txt', 'more than ten bytes']])).toMatchObject({ status: 413 })
    expect(await send(link, [])).toMatchObject({ status: 400 })
    expect(await send(link, [['a.txt', 'ten bytes!']])).toMatchObject({ status: 200 })
    expect(await send(link, [['a.txt', 'again']])).toMatchObject({
      status: 409,
      body: { error: { reason: 'LINK_USED' } },
    })
  })

  it('makes one file when many use it at once', async () => {
    const link = await sign()
    const tries = Array.from({ length: 12 }, (_, i) => send(link, [['a.txt', `try ${i}`]]))
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 409)).toHaveLength(11)
  })

  it('goes into a group that the key made, for a key that sees only its own, and into no other', async () => {
    const makeOwn = () => app.makeKey(key, { admin: true }, { bounds: { own: true } })
    const [one, two] = [await makeOwn(), await makeOwn()]
    const groups = []
    for (const maker of [one, two, key]) {
      const { body } = await app.ask('POST', '/v3/groups/private', { key: maker, json: { name: 'a group' } })
      groups.push(body.data.id)
    }
    const answers = []
    for (const group_id of [...groups, '00000000-0000-7000-8000-000000000000']) {
      const { status, body } = await askForLink({ network: 'private', group_id }, one)
      answers.push([status, body.error?.message])
    }
    const none = [404, 'There is no such group in this account']
    expect(answers).toEqual([[200, undefined], none, none, none])
    expect((await askForLink({ network: 'private', group_id: groups[1] })).status).toBe(200)
  })

  it('ends in a row of its own, marked as a duplicate of what is there', async () => {
    const once = await send(await sign(), [['a.txt', 'the same twice']])
    const twice = await send(await sign(), [['b.txt', 'the same twice']])
    expect(once.body.data.is_duplicate).toBeUndefined()
    expect(twice.body.data).toMatchObject({ cid: once.body.data.cid, is_duplicate: true, name: 'b.txt' })
    expect(twice.body.data.id).not.toBe(once.body.data.id)
  })

  it('takes the types it allows, by what the bytes are', async () => {
    const images = () => sign({ allow_mime_types: ['image/*'] })
    expect((await send(await images(), [['a.png', png]])).status).toBe(200)
    for (const [name, bytes, type] of [
      ['a.png', 'only text', 'image/png'],
      ['a.png', '<html><body>', 'image/png'],
      ['a.png', Buffer.from([1, 2, 3, 0, 255]), 'image/png'],
      ['a.pdf', '%PDF-1.4', 'image/png'],
    ] as const) {
      const { status, body } = await send(await images(), [[name, bytes, type]])
      expect([name, status, body.error.message]).toEqual([name, 400, expect.stringMatching(/^The detected MIME type /)])
    }
    const csv = await sign({ allow_mime_types: ['text/csv', 'application/json'] })
    expect((await send(csv, [['a.html', '<html>']])).body.error.message).toContain('text/html')
    expect((await send(csv, [['a.csv', 'a,b\n1,2\n']])).status).toBe(200)
  })

  it('takes a folder only where directory is allowed', async () => {
    const folder = [['site/a.txt', 'a'], ['site/b/c.txt', 'c']] as const // prettier-ignore
    for (const link of [await sign(), await sign({ allow_mime_types: ['text/*'] })]) {
      const { status, body } = await send(link, folder)
      expect([status, body.error.message]).toEqual([400, expect.stringContaining('MIME type directory')])
    }
    const { status, body } = await send(await sign({ allow_mime_types: ['directory'] }), folder)
    expect([status, body.data.mime_type, body.data.number_of_files]).toEqual([200, 'directory', 2])
    expect((await send(await sign({ allow_mime_types: ['directory'] }), [['a.txt', 'a']])).status).toBe(400)
  })

  it('puts its file into the group that was fixed, while there is one', async () => {
    const { body: made } = await app.ask('POST', '/v3/groups/private', { key, json: { name: 'inbox' } })
    const group = made.data.id as string
    const [first, second] = [await sign({ group_id: group }), await sign({ group_id: group })]
    const { body } = await send(first, [['a.txt', 'into the group']], { group_id: 'another' })
    expect(body.data.group_id).toBe(group)
    expect((await askForLink({ group_id: group, network: 'public' })).status).toBe(404)
    await app.ask('DELETE', `/v3/groups/private/${group}`, { key })
    expect((await send(second, [['a.txt', 'into no group']])).status).toBe(404)
  })

  it('is refused when altered, before its time and after it', async () => {
    const link = await sign({ max_file_size: 10 })
    for (const [from, to] of [
      [/X-Expires=600/, 'X-Expires=6000'],
      [/X-Date=(\d+)/, 'X-Date=1'],
      [/X-Method=POST/, 'X-Method=GET'],
      [/files\/[0-9a-f]{8}/, 'files/01234567'],
      [/X-Signature=../, 'X-Signature=zz'],
      [/X-Signature=\w+/, `X-Signature=${'0'.repeat(64)}`],
      [/PINATA1/, 'PINATA2'],
      [/&X-Expires=600/, ''],
      [/X-Expires=600/, 'X-Expires=600&X-Expires=600'],
    ] as const) {
      const { status, body } = await send(link.replace(from, to), [['a', 'a']])
      expect([to, status, body.error.reason]).toEqual([to, 401, 'LINK_INVALID'])
    }
    expect(await send(link.split('?')[0] ?? '', [['a', 'a']])).toMatchObject({ status: 401 })
    const later = await sign({ date: seconds() + 3_600 })
    expect(await send(later, [['a', 'a']])).toMatchObject({ status: 401, body: { error: { reason: 'LINK_EXPIRED' } } })
    clock.move(600_000)
    expect(await send(link, [['a', 'a']])).toMatchObject({ status: 401, body: { error: { reason: 'LINK_EXPIRED' } } })
    // What the client appends is no part of what was signed.
    const open = await sign()
    expect((await send(`${open}&X-Upload-Option-Cid-Version=v1`, [['a', 'a']])).status).toBe(200)
  })

  it('dies with its key, with its account and by revocation, not with the uses of its key', async () => {
    const signer = await app.makeKey(key, { resources: ['org:files:write'] }, { maxUses: 2 })
    const [first, second] = [await sign({}, signer), await sign({}, signer)]
    expect((await askForLink({}, signer)).body.error.reason).toBe('KEY_USES_EXHAUSTED')
    expect((await send(first, [['a', 'x1']])).status).toBe(200)
    await app.ask('PUT', `/v3/pinata/keys/${signer.pinata_api_key}`, { key })
    const revoked = { status: 401, body: { error: { reason: 'LINK_REVOKED' } } }
    expect(await send(second, [['a', 'x2']])).toMatchObject(revoked)

    const third = await sign()
    const id = new URL(third).pathname.split('/').at(-1)
    expect((await app.ask('DELETE', `/pinyon/v1/links/${id}`, { key })).status).toBe(200)
    expect((await app.ask('DELETE', `/pinyon/v1/links/${id}`, { key })).status).toBe(200)
    expect(await send(third, [['a', 'x3']])).toMatchObject(revoked)

    const bob = await app.makeAccount(operator, 'bob')
    const fourth = await sign({}, bob)
    await app.ask('PATCH', `/pinyon/v1/accounts/${bob.accountId}`, { key: operator, json: { disabled: true } })
    expect(await send(fourth, [['a', 'x4']])).toMatchObject(revoked)
  })

  it('does no more than the key that signs it', async () => {
    const weak = await app.makeKey(key, { endpoints: { links: { sign: true } } })
    const { status, body } = await askForLink({}, weak)
    expect([status, body.error.reason, body.error.message]).toEqual([
      403,
      'NO_SCOPES_FOUND',
      expect.stringContaining('files.upload'),
    ])
    const able = await app.makeKey(key, { endpoints: { links: { sign: true }, files: { upload: true } } })
    expect((await askForLink({}, able)).status).toBe(200)
    const refused = await app.ask('PATCH', '/pinyon/v1/account', { key, json: { publicContent: 'refused' } })
    expect(refused.status).toBe(200)
    expect((await askForLink({ network: 'public' })).body.error.reason).toBe('PUBLIC_CONTENT_REFUSED')
    await app.ask('PATCH', '/pinyon/v1/account', { key, json: { publicContent: 'allowed' } })
    for (const json of [
      { expires: 0 },
      { expires: 'soon' },
      { expires: undefined },
      { network: 'both' },
      { max_file_size: -1 },
      { allow_mime_types: ['png'] },
      { keyvalues: { k: {} } },
      { date: 'yesterday' },
      { max_uses: 2 },
    ]) {
      expect([json, (await askForLink(json)).status]).toEqual([json, 400])
    }
    expect((await askForLink({ group_id: 'none' })).status).toBe(404)
    expect((await app.ask('POST', '/v3/files/sign', { json: { expires: 60 } })).status).toBe(401)
  })

  it('lives no longer than the server allows, and takes dates in milliseconds', async () => {
    const link = await sign({ date: clock.now(), expires: 1e15 })
    const query = new URL(link).searchParams
    expect([query.get('X-Date'), query.get('X-Expires')]).toEqual([String(seconds()), String(3_650 * 86_400)])
    expect((await send(link, [['a', 'long']])).status).toBe(200)
  })

  it('is seen and revoked by a bound key when it, or one below it, made it, and else is as if unknown', async () => {
    const { body: made } = await app.ask('POST', '/v3/groups/private', { key, json: { name: 'bound to' } })
    const makers = [
      await app.makeKey(key, { admin: true }, { bounds: { own: true } }),
      await app.makeKey(key, { admin: true }, { bounds: { own: true } }),
      await app.makeKey(key, { admin: true }, { bounds: { groups: [made.data.id] } }),
    ]
    const idOf = (link: string) => new URL(link).pathname.split('/').at(-1) ?? ''
    const mine: string[][] = []
    for (const maker of makers) {
      const { body: all } = await app.ask('GET', '/pinyon/v1/keys?limit=1000', { key })
      const parent = all.keys.find((each: { publicPart: string }) => each.publicPart === maker.pinata_api_key)
      const { body: child } = await app.ask('POST', `/pinyon/v1/keys/${parent.id}/children`, {
        key: maker,
        json: { keyName: 'below', permissions: { admin: true } },
      })
      const group = maker === makers[2] ? { group_id: made.data.id } : {}
      mine.push([idOf(await sign(group, maker)), idOf(await sign(group, child))])
    }
    const listed = async (asker: KeyValues) =>
      (await app.ask('GET', '/pinyon/v1/links', { key: asker })).body.links.map(({ id }: { id: string }) => id)
    const revoke = (id: string, asker: KeyValues) => app.ask('DELETE', `/pinyon/v1/links/${id}`, { key: asker })
    const unknown = await revoke('00000000-0000-7000-8000-000000000000', makers[0]!)
    for (const [i, maker] of makers.entries()) {
      expect(await listed(maker)).toEqual([...mine[i]!].reverse())
      for (const id of mine.flat().filter((each) => !mine[i]!.includes(each))) {
        const { status, body } = await revoke(id, maker)
        expect([status, body.error.message]).toEqual([404, unknown.body.error.message])
      }
    }
    for (const [i, maker] of makers.entries())
      for (const id of mine[i]!) expect((await revoke(id, maker)).status).toBe(200)
    const { body } = await app.ask('GET', '/pinyon/v1/links?limit=6', { key })
    expect(body.links.map(({ state }: { state: string }) => state)).toEqual(Array(6).fill('revoked'))
  })

  it('is in the list of its account, and of nobody else', async () => {
    const link = await sign({ filename: 'listed.txt', allow_mime_types: ['text/*'], expires: 7_200 })
    const id = new URL(link).pathname.split('/').at(-1)
    await send(link, [['a.txt', 'now in the list']])
    const { body } = await app.ask('GET', '/pinyon/v1/links?kind=upload&limit=1', { key })
    expect(body.links).toEqual([
      expect.objectContaining({
        id,
        kind: 'upload',
        state: 'used',
        uses: 1,
        file: { id, name: 'listed.txt' },
        bounds: expect.objectContaining({ name: 'listed.txt', allowMimeTypes: ['text/*'] }),
      }),
    ])
    expect(JSON.stringify(body)).not.toContain('X-Signature')
    const audit = await app.ask('GET', '/pinyon/v1/audit?action=link.signed&limit=1', { key })
    expect(audit.body.entries[0]).toMatchObject({ target: id, action: 'link.signed' })
    const carol = await app.makeAccount(operator, 'carol')
    expect((await app.ask('GET', '/pinyon/v1/links', { key: carol })).body).toEqual({ links: [], nextPageToken: null })
    expect((await app.ask('DELETE', `/pinyon/v1/links/${id}`, { key: carol })).status).toBe(404)
    expect(app.log()).not.toContain('X-Signature')
  })
})
