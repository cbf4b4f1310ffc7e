import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type TestApp } from './support/app.ts'
import { remains, sendChunked, formBytes, sendForm } from './support/upload.ts'

describe.each(databases)('POST /v3/files on %s', (database) => {
  let app: TestApp
  let key: Awaited<ReturnType<TestApp['setUp']>>

  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  it('keeps a file, private and as CIDv1 unless told otherwise', async () => {
    const { status, body } = await sendForm(app, '/v3/files', key, [['file', 'hello world\n', 'greeting.txt']])
    expect(status).toBe(200)
    expect(body).toEqual({
      data: {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        user_id: key.accountId,
        name: 'greeting.txt',
        cid: 'bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4',
        size: 12,
        number_of_files: 1,
        mime_type: 'text/plain',
        group_id: null,
        keyvalues: {},
        created_at: expect.stringMatching(/Z$/),
        expires_at: null,
        network: 'private',
        vectorized: false,
      },
    })
    const read = await app.ask('GET', `/v3/files/private/${body.data.id}`, { key })
    const { user_id: _, vectorized: __, ...file } = body.data
    expect(read.body).toEqual({ data: file })
    const content = await app.ask('GET', `/pinyon/v1/files/${body.data.id}/content`, { key })
    expect(content.body).toBe('hello world\n')
  })

  it('takes the fields after the file, as the SDK sends them', async () => {
    const { status, body } = await sendForm(app, '/v3/files', key, [
      ['file', 'fields after', 'a.txt'],
      ['network', 'public'],
      ['name', 'my name'],
      ['keyvalues', JSON.stringify({ env: 'test', n: '1' })],
      ['streamable', 'true'],
      ['cid_version', 'v0'],
    ])
    expect(status).toBe(200)
    expect(body.data).toMatchObject({ name: 'my name', network: 'public', keyvalues: { env: 'test', n: '1' } })
    expect(body.data.cid).toMatch(/^Qm/)
    const reply = await fetch(`${app.gatewayUrl}/ipfs/${body.data.cid}`)
    expect(await reply.text()).toBe('fields after')
  })

  it('takes key-values that are wrapped once more, and both spellings of versions', async () => {
    const wrapped = await sendForm(app, '/v3/files', key, [
      ['keyvalues', JSON.stringify({ keyvalues: { a: 'b' } })],
      ['cid_version', '0'],
      ['file', 'wrapped', 'a.txt'],
    ])
    expect(wrapped.body.data).toMatchObject({ keyvalues: { a: 'b' }, cid: expect.stringMatching(/^Qm/) })
    const one = await sendForm(app, '/v3/files', key, [
      ['file', 'one', 'a.txt'],
      ['cid_version', '1'],
    ])
    expect(one.body.data.cid).toMatch(/^bafk/)
  })

  it('makes a folder of several parts with paths, on either network', async () => {
    for (const network of ['public', 'private']) {
      const { status, body } = await sendForm(app, '/v3/files', key, [
        ['network', network],
        ['file', 'alpha\n', '/site/a.txt'],
        ['file', 'beta\n', './site/sub/b.txt'],
      ])
      expect(status).toBe(200)
      expect(body.data).toMatchObject({ name: 'site', mime_type: 'directory', number_of_files: 2, size: 11, network })
      const content = await app.ask('GET', `/pinyon/v1/files/${body.data.id}/content?path=sub/b.txt`, { key })
      expect(content.body).toBe('beta\n')
    }
  })

  it('makes a folder of a single part with a path', async () => {
    const { body } = await sendForm(app, '/v3/files', key, [['file', 'alone', 'only/me.txt']])
    expect(body.data).toMatchObject({ name: 'only', mime_type: 'directory', number_of_files: 1, size: 5 })
  })

  it('gives the same file for the same content again, unchanged, and counts it once', async () => {
    const form = (name: string) =>
      sendForm(app, '/v3/files', key, [
        ['file', 'said twice', name],
        ['keyvalues', JSON.stringify({ name })],
      ])
    const first = await form('first.txt')
    const before = await remains(app, key.accountId)
    const second = await form('second.txt')
    expect(second.status).toBe(200)
    expect(first.body.data.is_duplicate).toBeUndefined()
    expect(second.body.data).toEqual({ ...first.body.data, is_duplicate: true })
    expect(await remains(app, key.accountId)).toEqual(before)
    const elsewhere = await sendForm(app, '/v3/files', key, [
      ['file', 'said twice', 'third.txt'],
      ['network', 'public'],
    ])
    expect(elsewhere.body.data.id).not.toBe(first.body.data.id)
  })

  it('gives one file for the same content sent many times at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => sendForm(app, '/v3/files', key, [['file', 'at once', 'a.txt']])),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(new Set(answers.map(({ body }) => body.data.id)).size).toBe(1)
    expect(answers.filter(({ body }) => body.data.is_duplicate === true)).toHaveLength(11)
  })

  it('takes a body without a length, and large files whose form is said after them', async () => {
    const content = Buffer.alloc(3_000_000, 'content ')
    const bytes = formBytes([
      ['file', content, 'large.bin'],
      ['cid_version', 'v0'],
    ])
    const pieces = Array.from({ length: 100 }, (_, i) =>
      bytes.subarray((i * bytes.length) / 100, ((i + 1) * bytes.length) / 100),
    )
    const late = await sendChunked(app, '/v3/files', key, pieces)
    expect(late.status).toBe(200)
    const early = await sendForm(app, '/v3/files', key, [
      ['cid_version', 'v0'],
      ['file', content, 'large.bin'],
    ])
    expect(early.body.data).toMatchObject({ id: late.body.data.id, is_duplicate: true, size: content.length })
    const read = await app.ask('GET', `/pinyon/v1/files/${late.body.data.id}/content`, { key })
    expect(read.body === content.toString()).toBe(true)
  })

  it('ends a file at its time', async () => {
    const form = (expiresAt: number) =>
      sendForm(app, '/v3/files', key, [
        ['file', 'short-lived', 'a.txt'],
        ['expires_at', String(expiresAt)],
      ])
    const now = Math.floor(app.services.clock.now() / 1000)
    const refused = await form(now - 10)
    expect(refused.status).toBe(400)
    expect(refused.body.error.message).toContain('expires_at')
    const { body } = await form(now + 60)
    expect(body.data.expires_at).toBe(new Date((now + 60) * 1000).toISOString())
  })

  it.each([
    ['no file', [['name', 'x']], 400],
    [
      'an unknown network',
      [
        ['file', 'x', 'a'],
        ['network', 'both'],
      ],
      400,
    ],
    [
      'key-values that are no JSON',
      [
        ['file', 'x', 'a'],
        ['keyvalues', '{'],
      ],
      400,
    ],
    [
      'key-values that are a list',
      [
        ['file', 'x', 'a'],
        ['keyvalues', '["a"]'],
      ],
      400,
    ],
    [
      'key-values of objects',
      [
        ['file', 'x', 'a'],
        ['keyvalues', '{"a":{}}'],
      ],
      400,
    ],
    [
      'too many key-values',
      [
        ['file', 'x', 'a'],
        ['keyvalues', JSON.stringify(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`k${i}`, 'v'])))],
      ],
      400,
    ],
    [
      'JSON that nests without end',
      [
        ['file', 'x', 'a'],
        ['keyvalues', '['.repeat(100_000)],
      ],
      400,
    ],
    [
      'an unknown CID version',
      [
        ['file', 'x', 'a'],
        ['cid_version', 'v2'],
      ],
      400,
    ],
    [
      'a time that is none',
      [
        ['file', 'x', 'a'],
        ['expires_at', 'tomorrow'],
      ],
      400,
    ],
    [
      'a name with a control character',
      [
        ['file', 'x', 'a'],
        ['name', 'a\u0000b'],
      ],
      400,
    ],
    [
      'an endless name',
      [
        ['file', 'x', 'a'],
        ['name', 'x'.repeat(2_000)],
      ],
      400,
    ],
    [
      'a group that is not there',
      [
        ['file', 'x', 'a'],
        ['group_id', '019c1f0e-5a2b-7c3d-8e4f-0123456789ab'],
      ],
      404,
    ],
    [
      'a field twice',
      [
        ['file', 'x', 'a'],
        ['network', 'private'],
        ['network', 'public'],
      ],
      400,
    ],
    [
      'a field that is a megabyte',
      [
        ['file', 'x', 'a'],
        ['name', 'x'.repeat(1_100_000)],
      ],
      413,
    ],
    [
      'a file in a field',
      [
        ['file', 'x', 'a'],
        ['other', 'x', 'b.txt'],
      ],
      400,
    ],
    ['a path that climbs', [['file', 'x', 'a/../../b']], 400],
    ['a path that ends in a slash', [['file', 'x', 'a/']], 400],
    ['an empty segment', [['file', 'x', 'a//b']], 400],
    ['an empty file name', [['file', 'x', '']], 400],
    ['a file name with a line break', [['file', 'x', 'a%0Ab']], 400],
    ['a file name with NUL', [['file', 'x', 'a\u0000b']], 400],
    [
      'two files',
      [
        ['file', 'x', 'a'],
        ['file', 'y', 'b'],
      ],
      400,
    ],
    [
      'two folders',
      [
        ['file', 'x', 'a/x'],
        ['file', 'y', 'b/y'],
      ],
      400,
    ],
    [
      'a file twice in a folder',
      [
        ['file', 'x', 'a/x'],
        ['file', 'y', 'a/x'],
      ],
      400,
    ],
    [
      'a file that is a folder too',
      [
        ['file', 'x', 'a/x'],
        ['file', 'y', 'a/x/y'],
      ],
      400,
    ],
  ] as const)('refuses %s and keeps nothing', async (_, parts, status) => {
    const before = await remains(app, key.accountId)
    const refused = await sendForm(app, '/v3/files', key, parts)
    expect({ status: refused.status, error: refused.body.error }).toMatchObject({
      status,
      error: { code: status, message: expect.any(String), reason: expect.any(String) },
    })
    expect(await remains(app, key.accountId)).toEqual(before)
  })

  it('refuses who may not, in order: nobody, then who lacks the scope', async () => {
    const parts = [['file', 'x', 'a.txt']] as const
    expect((await sendForm(app, '/v3/files', undefined, parts)).status).toBe(401)
    const reader = await app.makeKey(key, { resources: ['org:files:read'] })
    expect((await sendForm(app, '/v3/files', reader, parts)).status).toBe(403)
  })
})
