import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type TestApp } from './support/app.ts'
import { formBytes, formType, type Part, remains, sendForm } from './support/upload.ts'

describe.each(databases)('legacy pinning on %s', (database) => {
  let app: TestApp
  let key: Awaited<ReturnType<TestApp['setUp']>>

  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  const pinFile = (parts: readonly Part[]) => sendForm(app, '/pinning/pinFileToIPFS', key, parts)
  const pinJson = (json: unknown) => app.ask('POST', '/pinning/pinJSONToIPFS', { key, json })

  it('pins a file publicly, as CIDv0 unless told otherwise', async () => {
    const { status, body } = await pinFile([['file', 'pin this example\n', 'example.txt']])
    expect(status).toBe(200)
    expect(body).toEqual({
      IpfsHash: 'QmSinmGMQgKKekN4ERJtJA4yJaZeDPrj2nEzp5yGRJUkZx',
      PinSize: 17,
      Timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      ID: expect.any(String),
      Name: 'example.txt',
      NumberOfFiles: 1,
      MimeType: 'text/plain',
      GroupId: null,
      Keyvalues: null,
    })
    const reply = await fetch(`${app.gatewayUrl}/ipfs/${body.IpfsHash}`)
    expect(await reply.text()).toBe('pin this example\n')
    const again = await pinFile([['file', 'pin this example\n', 'other.txt']])
    expect(again.body).toEqual({ ...body, isDuplicate: true })
  })

  it('pins CIDv1 when that is said after the file', async () => {
    const { body } = await pinFile([
      ['file', 'pin this example\n', 'example.txt'],
      ['pinataMetadata', JSON.stringify({ name: 'named', keyvalues: { text: 'a', number: 1.5, yes: true } })],
      ['pinataOptions', JSON.stringify({ cidVersion: 1 })],
    ])
    expect(body).toMatchObject({
      IpfsHash: 'bafkreid2rn5xdup5tqjmolkueweelij4wv6ubinuxkjdabmzaom2wngmaa',
      Name: 'named',
      Keyvalues: { text: 'a', number: '1.5', yes: 'true' },
    })
  })

  it('takes absent, empty and undefined options as none', async () => {
    for (const [i, text] of ['', '{}', 'undefined', 'null', '{"cidVersion":null,"groupId":null}'].entries()) {
      const { status, body } = await pinFile([
        ['file', `options ${i}`, 'a.txt'],
        ['pinataMetadata', text],
        ['pinataOptions', text],
      ])
      expect([text, status, body.IpfsHash?.slice(0, 2)]).toEqual([text, 200, 'Qm'])
    }
  })

  it('pins a folder under the name of its first segment, which is no part of it', async () => {
    const files = (root: string): Part[] => [
      ['file', 'alpha\n', `${root}/a.txt`],
      ['file', 'beta\n', `${root}/sub/b.txt`],
    ]
    const one = await pinFile([...files('one'), ['pinataOptions', '{"cidVersion":1}']])
    expect(one.body).toMatchObject({ Name: 'one', MimeType: 'directory', NumberOfFiles: 2, PinSize: 11 })
    const two = await pinFile([...files('two'), ['pinataOptions', '{"cidVersion":1}']])
    expect(two.body).toMatchObject({ ID: one.body.ID, isDuplicate: true })
    const reply = await fetch(`${app.gatewayUrl}/ipfs/${one.body.IpfsHash}/sub/b.txt`)
    expect(await reply.text()).toBe('beta\n')
  })

  it('puts a directory around a file when asked', async () => {
    const { body } = await pinFile([
      ['file', 'wrapped\n', 'inside.txt'],
      ['pinataOptions', '{"wrapWithDirectory":true}'],
    ])
    expect(body).toMatchObject({ MimeType: 'directory', NumberOfFiles: 1, PinSize: 8 })
    const reply = await fetch(`${app.gatewayUrl}/ipfs/${body.IpfsHash}/inside.txt`)
    expect(await reply.text()).toBe('wrapped\n')
  })

  it('pins large folders whose form is said after them', async () => {
    const files = Array.from(
      { length: 300 },
      (_, i) => ['file', Buffer.alloc(8_000, `file ${i} `), `big/${i}.bin`] as const,
    )
    const early = await pinFile([['pinataOptions', '{"cidVersion":1}'], ...files])
    expect(early.body).toMatchObject({ NumberOfFiles: 300, PinSize: 2_400_000 })
    const late = await pinFile([...files, ['pinataOptions', '{"cidVersion":1}']])
    expect(late.body).toEqual({ ...early.body, isDuplicate: true })
    const { body } = await pinFile(files)
    expect(body.IpfsHash).toMatch(/^Qm/)
    const reply = await fetch(`${app.gatewayUrl}/ipfs/${body.IpfsHash}/299.bin`)
    expect(await reply.text()).toBe(files[299]?.[1].toString())
  })

  it('pins JSON as JavaScript writes it', async () => {
    const { body } = await pinJson({
      pinataContent: { a: 1, b: 'two' },
      pinataMetadata: { name: 'j', keyvalues: { k: 1 } },
      pinataOptions: { cidVersion: 1 },
    })
    expect(body).toMatchObject({
      IpfsHash: 'bafkreihrlp6jhvyiaechi44sf5t75wdd5td7qlygo7v3oerjeoxoqhqps4',
      PinSize: 17,
      Name: 'j',
      MimeType: 'application/json',
      Keyvalues: { k: '1' },
    })
    const bare = await app.ask('POST', '/pinning/pinJSONToIPFS', { key, body: '{ "a" : 1,\n "b":"two" }' })
    expect(bare.body).toMatchObject({ IpfsHash: 'QmRkQSSLf5SaxzuUeFNi8KKvtHcuYp5ao1zw2bgRJhQG6b', Name: 'json' })
  })

  it('pins members called __proto__, and any JSON there is', async () => {
    for (const text of ['{"__proto__":{"a":1},"2":0,"1":0}', '[1,"two",null]', '"text"', 'null', '{}', '1e21']) {
      const body = `{"pinataContent":${text}}`
      const pinned = await app.ask('POST', '/pinning/pinJSONToIPFS', { key, body })
      expect(pinned.status).toBe(200)
      const reply = await fetch(`${app.gatewayUrl}/ipfs/${pinned.body.IpfsHash}`)
      expect(await reply.text()).toBe(JSON.stringify(JSON.parse(text)))
    }
  })

  it.each([
    ['a form that is none', formType, 'hello', 'Invalid request format.'],
    [
      'a form that ends too early',
      formType,
      `--pinyon-test-boundary\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc`,
      'Invalid request format.',
    ],
    ['a file without a name', formType, formBytes([['file', 'x']]), 'Invalid request format.'],
    ['no file', formType, formBytes([['pinataOptions', '{}']]), 'Invalid request format.'],
    [
      'two files',
      formType,
      formBytes([
        ['file', 'x', 'a'],
        ['file', 'y', 'b'],
      ]),
      'More than one file and/or directory was provided for pinning.',
    ],
    ['a form without a boundary', 'multipart/form-data', 'x', 'Malformed content type'],
    ['another type', 'text/plain', 'x', 'Malformed content type'],
  ])('refuses %s in the words of Pinata', async (_, type, content, words) => {
    const before = await remains(app, key.accountId)
    const body = new Uint8Array(Buffer.from(content))
    const refused = await app.ask('POST', '/pinning/pinFileToIPFS', { key, body, headers: { 'content-type': type } })
    expect([refused.status, refused.body]).toEqual([400, { error: words }])
    expect(await remains(app, key.accountId)).toEqual(before)
  })

  it.each([
    [
      'options that are no JSON',
      [
        ['file', 'x', 'a'],
        ['pinataOptions', '{'],
      ],
      400,
    ],
    [
      'an unknown version',
      [
        ['file', 'x', 'a'],
        ['pinataOptions', '{"cidVersion":2}'],
      ],
      400,
    ],
    [
      'options that are a list',
      [
        ['file', 'x', 'a'],
        ['pinataOptions', '[]'],
      ],
      400,
    ],
    [
      'key-values of objects',
      [
        ['file', 'x', 'a'],
        ['pinataMetadata', '{"keyvalues":{"a":{"b":1}}}'],
      ],
      400,
    ],
    [
      'a group that is not there',
      [
        ['file', 'x', 'a'],
        ['pinataOptions', '{"groupId":"x"}'],
      ],
      404,
    ],
    ['a path that climbs', [['file', 'x', 'a/../b']], 400],
  ] as const)('refuses %s and keeps nothing', async (_, parts, status) => {
    const before = await remains(app, key.accountId)
    const refused = await pinFile(parts)
    expect([refused.status, refused.body]).toEqual([
      status,
      { error: expect.objectContaining({ reason: expect.any(String), details: expect.any(String) }) },
    ])
    expect(await remains(app, key.accountId)).toEqual(before)
  })

  it.each([
    ['no body', ''],
    ['what is no JSON', '{"a":'],
    ['JSON that nests without end', '['.repeat(100_000)],
    ['wrong options', '{"pinataContent":{},"pinataOptions":{"cidVersion":7}}'],
    ['wrong metadata', '{"pinataContent":{},"pinataMetadata":{"name":7}}'],
  ])('refuses to pin %s as JSON', async (_, body) => {
    const refused = await app.ask('POST', '/pinning/pinJSONToIPFS', {
      key,
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(refused.status).toBe(400)
    expect(refused.body.error.reason).toBe('INVALID_REQUEST')
  })

  it('unpins every spelling of a CID at once, and says when there is nothing to unpin', async () => {
    const { body } = await pinFile([
      ['file', 'unpin me', 'a.txt'],
      ['pinataOptions', '{"wrapWithDirectory":true}'],
    ])
    const before = await app.ask('GET', '/data/userPinnedDataTotal', { key })
    const v1 = await import('multiformats/cid').then(({ CID }) => CID.parse(body.IpfsHash).toV1().toString())
    const unpinned = await app.ask('DELETE', `/pinning/unpin/${v1}`, { key })
    expect([unpinned.status, unpinned.body]).toEqual([200, 'OK'])
    const after = await app.ask('GET', '/data/userPinnedDataTotal', { key })
    expect(before.body.pin_count - after.body.pin_count).toBe(1)
    expect(before.body.pin_size_total - after.body.pin_size_total).toBe(8)
    expect((await fetch(`${app.gatewayUrl}/ipfs/${body.IpfsHash}`)).status).toBe(404)
    for (const cid of [v1, body.IpfsHash]) {
      const again = await app.ask('DELETE', `/pinning/unpin/${cid}`, { key })
      expect([again.status, again.body.error?.reason]).toEqual([400, 'CURRENT_USER_HAS_NOT_PINNED_CID'])
    }
    expect((await app.ask('DELETE', '/pinning/unpin/nonsense', { key })).body.error.reason).toBe('INVALID_CID')
  })

  it('changes name and key-values by CID: set, merged, removed', async () => {
    const { body } = await pinJson({
      pinataContent: { changed: true },
      pinataMetadata: { name: 'before', keyvalues: { keep: 1, gone: 'x', flip: true } },
    })
    const change = (json: unknown) => app.ask('PUT', '/pinning/hashMetadata', { key, json })
    const changed = await change({
      ipfsPinHash: body.IpfsHash,
      name: 'after',
      keyvalues: { gone: null, flip: false, added: 'y', never: null },
    })
    expect([changed.status, changed.body]).toEqual([200, 'OK'])
    const { body: read } = await app.ask('GET', `/v3/files/public/${body.ID}`, { key })
    expect(read.data).toMatchObject({ name: 'after', keyvalues: { keep: '1', flip: 'false', added: 'y' } })
    const many = await change({
      ipfsPinHash: body.IpfsHash,
      keyvalues: Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`k${i}`, i])),
    })
    expect(many.status).toBe(400)
    const unknown = await change({ ipfsPinHash: 'QmSinmGMQgKKekN4ERJtJA4yJaZeDPrj2nEzp5yGRJUkZy', name: 'x' })
    expect(unknown.status).toBe(400)
    const { body: unchanged } = await app.ask('GET', `/v3/files/public/${body.ID}`, { key })
    expect(unchanged).toEqual(read)
  })

  it('shows and changes nothing of another account', async () => {
    const other = await app.makeAccount(key, `other-${database}`)
    const { body } = await pinJson({ pinataContent: { mine: true } })
    const unpin = await app.ask('DELETE', `/pinning/unpin/${body.IpfsHash}`, { key: other })
    expect(unpin.body.error.reason).toBe('CURRENT_USER_HAS_NOT_PINNED_CID')
    const json = { ipfsPinHash: body.IpfsHash, name: 'theirs' }
    const rename = await app.ask('PUT', '/pinning/hashMetadata', { key: other, json })
    expect(rename.body.error.reason).toBe('CURRENT_USER_HAS_NOT_PINNED_CID')
    const theirs = await app.ask('POST', '/pinning/pinJSONToIPFS', { key: other, json: { mine: true } })
    expect(theirs.body).toMatchObject({ IpfsHash: body.IpfsHash })
    expect(theirs.body.isDuplicate).toBeUndefined()
    await app.ask('DELETE', `/pinning/unpin/${body.IpfsHash}`, { key: other })
    expect((await fetch(`${app.gatewayUrl}/ipfs/${body.IpfsHash}`)).status).toBe(200)
  })
})
