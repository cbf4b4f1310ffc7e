import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, type KeyValues, startTestApp, type TestApp } from './support/app.ts'
import { cidOf, insertModelFiles, type ModelFile } from './support/file-model.ts'

const first = Date.UTC(2026, 1, 1, 10)

/** Twelve files on the public network, a minute apart, one of them history, and one private file. */
function makeFiles(newId: () => string): ModelFile[] {
  const files = Array.from({ length: 12 }, (_, n): ModelFile => ({
    id: newId(),
    state: n === 3 ? 'released' : 'held',
    network: 1,
    name: n === 5 ? null : `Report ${n} 100%.txt`,
    mime: n % 2 === 0 ? 'text/plain' : 'image/png',
    group: n === 7 ? 'group-7' : null,
    size: n * 10,
    createdAt: first + n * 60_000,
    releasedAt: n === 3 ? first + 3_600_000 : null,
    expiresAt: n === 4 ? first + 1_000 : null,
    content: n,
    version: n === 6 ? 0 : 1,
    keyvalues: n === 8 ? {} : { env: n < 6 ? 'test' : 'p q', n, even: n % 2 === 0, day: `2026-02-${10 + n}` },
  }))
  return [...files, { ...files[0], id: newId(), network: 0, name: 'secret' } as ModelFile] // of a list that is not empty
}

describe.each(databases)('lists over HTTP on %s', (database) => {
  let app: TestApp
  let admin: KeyValues & { accountId: string }
  let files: ModelFile[]

  beforeAll(async () => {
    const clock = { now: () => Date.now() }
    app = await startTestApp({ database, clock })
    admin = await app.setUp()
    files = makeFiles(app.services.newId)
    await insertModelFiles(app.services.db, admin.accountId, files)
  })

  afterAll(() => app.close())

  const get = (path: string, key: KeyValues | string | undefined = admin) => app.ask('GET', path, { key })
  /** Numbers of the files that a list shows. */
  const numbersOf = (rows: { id: string }[]) => rows.map(({ id }) => files.findIndex((file) => file.id === id))
  const v3 = async (query: string) => {
    const { status, body } = await get(`/v3/files/public?limit=100&${query}`)
    expect(status, JSON.stringify(body)).toBe(200)
    return numbersOf(body.data.files)
  }
  const pinList = async (query: string) => {
    const { status, body } = await get(`/data/pinList?pageLimit=100&${query}`)
    expect(status, JSON.stringify(body)).toBe(200)
    return numbersOf(body.rows)
  }
  const all = [11, 10, 9, 8, 7, 6, 5, 2, 1, 0]

  it('show a file as v3 and as pinList have it', async () => {
    const { body } = await get('/v3/files/public?name=report+2')
    expect(body).toEqual({
      data: {
        files: [
          {
            id: files[2]?.id,
            name: 'Report 2 100%.txt',
            cid: cidOf({ content: 2, version: 1 }),
            size: 20,
            number_of_files: 1,
            mime_type: 'text/plain',
            group_id: null,
            keyvalues: { env: 'test', n: '2', even: 'true', day: '2026-02-12' },
            created_at: '2026-02-01T10:02:00.000Z',
            expires_at: null,
            network: 'public',
          },
        ],
        next_page_token: null,
      },
    })
    const listed = await get('/data/pinList?metadata[name]=report 2&includeCount=true')
    expect(listed.body).toEqual({
      count: 1,
      rows: [
        {
          id: files[2]?.id,
          ipfs_pin_hash: cidOf({ content: 2, version: 1 }),
          size: 20,
          user_id: admin.accountId,
          date_pinned: '2026-02-01T10:02:00.000Z',
          date_unpinned: null,
          metadata: { name: 'Report 2 100%.txt', keyvalues: { env: 'test', n: 2, even: true, day: '2026-02-12' } },
          regions: [{ regionId: 'LOCAL', currentReplicationCount: 1, desiredReplicationCount: 1 }],
          mime_type: 'text/plain',
          number_of_files: 1,
        },
      ],
    })
    expect((await get('/data/pinList?pageLimit=1')).body).not.toHaveProperty('count')
  })

  it('page by 10 unless asked otherwise, newest first unless asked otherwise', async () => {
    expect(numbersOf((await get('/v3/files/public')).body.data.files)).toEqual(all)
    expect(numbersOf((await get('/data/pinList')).body.rows)).toEqual(all)
    const { body } = await get('/v3/files/public?limit=4&order=ASC')
    expect(numbersOf(body.data.files)).toEqual([0, 1, 2, 5])
    const next = await get(`/v3/files/public?limit=4&order=ASC&pageToken=${body.data.next_page_token}`)
    expect(numbersOf(next.body.data.files)).toEqual([6, 7, 8, 9])
    expect(await pinList('pageOffset=8')).toEqual([1, 0])
    expect(await pinList('pageOffset=4000')).toEqual([])
    const many = await app.makeAccount(admin, `many-${database}`)
    const dozen = Array.from({ length: 12 }, () => ({ ...files[0], id: app.services.newId() }) as ModelFile) // as above
    await insertModelFiles(app.services.db, many.accountId, dozen)
    expect((await get('/v3/files/public', many)).body.data.files).toHaveLength(10)
    expect((await get('/data/pinList', many)).body.rows).toHaveLength(10)
  })

  it('keep networks, history and expired files apart', async () => {
    expect(numbersOf((await get('/v3/files/private')).body.data.files)).toEqual([12])
    expect(numbersOf((await get('/v3/files')).body.data.files)).toEqual([12])
    expect(await pinList('status=pinned')).toEqual(all)
    expect(await pinList('status=unpinned')).toEqual([3])
    expect(await pinList('status=all')).toEqual([11, 10, 9, 8, 7, 6, 5, 3, 2, 1, 0])
    expect(await pinList('status=all&unpinStart=2026-02-01T11:00:00Z&unpinEnd=2026-02-01T11:00:00Z')).toEqual([3])
    expect(await v3('cidPending=true')).toEqual([])
  })

  it('filter on v3 by everything that v3 knows', async () => {
    expect(await v3('name=100%25')).toEqual(all.filter((n) => n !== 5))
    expect(await v3('name=rEPORT%201')).toEqual([11, 10, 1])
    expect(await v3('mimeType=image/png')).toEqual([11, 9, 7, 5, 1])
    expect(await v3('group=group-7')).toEqual([7])
    expect(await v3('group=null')).toEqual(all.filter((n) => n !== 7))
    expect(await v3('group=unknown')).toEqual([])
    expect(await v3('keyvalues[env]=p+q')).toEqual([11, 10, 9, 7, 6])
    expect(await v3('keyvalues%5Benv%5D=p%20q&metadata[even]=true')).toEqual([10, 6])
    expect(await v3('metadata[n]=7')).toEqual([7])
    expect(await v3('keyvalues[__proto__]=x')).toEqual([])
    expect(await v3(`cid=${cidOf({ content: 6, version: 1 })}`)).toEqual([6])
    expect(await v3(`cid=${cidOf({ content: 7, version: 0 })}&mimeType=image/png`)).toEqual([7])
    expect(await v3('cid=not-a-cid')).toEqual([])
    expect(await v3('name=&mimeType=&group=')).toEqual(all)
  })

  it('say on v3 how many files fit, whatever the page, when that is asked for', async () => {
    const count = async (query: string) => (await get(`/v3/files/public?limit=1&${query}`)).body.data.count
    expect(await count('includeCount=true&name=rEPORT')).toBe(all.length - 1)
    expect(await count('includeCount=true&mimeType=image/png')).toBe(5)
    expect(await count('includeCount=true&cid=not-a-cid')).toBe(0)
    expect(await count('includeCount=false')).toBeUndefined()
  })

  it('filter on pinList by everything that pinList knows', async () => {
    expect(await pinList(`cid=${cidOf({ content: 6, version: 1 })}`)).toEqual([6])
    expect(await pinList('cid=x')).toEqual([])
    expect(await pinList(`hashContains=${cidOf({ content: 9, version: 1 })}`)).toEqual([9])
    expect(await pinList(`hashContains=${cidOf({ content: 6, version: 0 }).slice(4, 20)}`)).toEqual([6])
    expect(await pinList('groupId=group-7')).toEqual([7])
    expect(await pinList('pinStart=2026-02-01T10:05:00Z&pinEnd=2026-02-01T10:07:00.000Z')).toEqual([7, 6, 5])
    expect(await pinList('pinStart=2026-02-01T12:05:00%2B02:00&pinEnd=2026-02-01 10:05')).toEqual([5])
    expect(await pinList('pinSizeMin=90&pinSizeMax=100')).toEqual([10, 9])
    expect(await pinList('pinSizeMin=100&pinSizeMax=90')).toEqual([])
    expect(await pinList('metadata[name]=report&status=pinned&pinSizeMax=10&')).toEqual([1, 0])
  })

  it('filter by key-values with each operator, as SDKs and CLIs write them', async () => {
    const by = (json: string) => pinList(`metadata[keyvalues]=${json}`)
    expect(await by('{"env":{"value":"test","op":"eq"}}')).toEqual([5, 2, 1, 0])
    expect(await by('%7B%22env%22:%7B%22value%22:%22%es%%22,%22op%22:%22like%22%7D%7D')).toEqual([5, 2, 1, 0])
    expect(await by('{"env":{"value":"P%","op":"iLike"},"n":{"value":9,"op":"gt"}}')).toEqual([11, 10])
    expect(await by('{"n":{"value":2,"secondValue":5,"op":"between"}}')).toEqual([5, 2])
    expect(await by('{"n":{"value":"2","secondValue":"9","op":"notBetween"}}')).toEqual([11, 10, 1, 0])
    expect(await by('{"day":{"value":"2026-02-20","op":"gte"}}')).toEqual([11, 10])
    expect(await by('{"env":{"value":"^T","op":"iRegexp"}}')).toEqual([5, 2, 1, 0])
    expect(await by('{"env":{"value":"t$","op":"regexp"},"even":{"value":true,"op":"ne"}}')).toEqual([5, 1])
    expect(await by('{"n":7}')).toEqual([7])
    expect(await by('{}')).toEqual(all)
    expect(await pinList('metadata[keyvalues][n]={"value":10,"op":"lt"}&metadata[keyvalues][env]=p+q')).toEqual([
      9, 7, 6,
    ])
  })

  it.each([
    [
      '/v3/files/public?limit=LIMIT',
      'limit',
      ['-1', '0', '1001', '1e9', 'NaN', '10abc', '', '1.5', '0x10', '%00', '１'],
    ],
    ['/data/pinList?pageLimit=LIMIT', 'pageLimit', ['-1', '0', '1001', '1e9', 'NaN', '10abc', '']],
    ['/data/pinList?pageOffset=LIMIT', 'pageOffset', ['-1', '1000000001', '1e9', 'NaN', '10abc', '']],
    ['/data/pinList?pinSizeMin=LIMIT', 'pinSizeMin', ['-1', '1e3', '9007199254740993', 'x']],
    [
      '/data/pinList?pinStart=LIMIT',
      'pinStart',
      [
        '0000',
        '0000-01-01',
        '99999-01-01',
        '2026-13-01',
        '2026-02-30',
        '10:00',
        'yesterday',
        '',
        '1e10',
        '1969-12-31T23:59:59Z',
      ],
    ],
    ['/data/pinList?unpinEnd=LIMIT', 'unpinEnd', ['0000', '2026-02-01T25:00:00Z', 'NaN']],
    ['/data/pinList?status=LIMIT', 'status', ['x', '']],
    ['/data/pinList?includeCount=LIMIT', 'includeCount', ['yes', '2']],
    ['/v3/files/public?order=LIMIT', 'order', ['up', '']],
    ['/v3/files/public?cidPending=LIMIT', 'cidPending', ['maybe']],
    ['/v3/files/public?pageToken=LIMIT', 'pageToken', ['x', '0', 'AAAAAAAAAAAAAAAAAAAA', '..%2f']],
    [
      '/data/pinList?metadata[keyvalues]=LIMIT',
      'metadata[keyvalues]',
      [
        '{',
        '[]',
        '"x"',
        'null',
        '5',
        '{"k":null}',
        '{"k":{}}',
        '{"k":{"value":null}}',
        '{"k":{"value":[1]}}',
        '{"k":{"value":"v","op":"drop"}}',
        '{"k":{"value":1,"op":"between"}}',
        '{"k":{"value":1e999,"op":"gt"}}',
        '{"k":{"value":"(","op":"regexp"}}',
        '{"k":{"value":"(a{30}){30}","op":"iRegexp"}}',
        `{"k":{"value":"${'x'.repeat(600)}","op":"regexp"}}`,
      ],
    ],
  ])('answer %s with 400 that names %s', async (path, field, values) => {
    for (const value of values) {
      const { status, body } = await get(
        path.replace('LIMIT', value.startsWith('%') ? value : encodeURIComponent(value)),
      )
      expect([value, status]).toEqual([value, 400])
      expect(JSON.stringify(body)).toContain(field)
    }
  })

  it('refuse a parameter that is there twice', async () => {
    for (const query of [
      'name=a&name=b',
      'limit=1&limit=2',
      'keyvalues[k]=a&keyvalues[k]=b',
      'pageToken=a&pageToken=b',
    ]) {
      expect((await get(`/v3/files/public?${query}`)).status, query).toBe(400)
    }
    expect((await get('/data/pinList?metadata[name]=a&metadata[name]=b')).status).toBe(400)
  })

  it('take what looks like SQL for the text it is', async () => {
    const texts = [
      "' or 1=1 --",
      "'; drop table files; --",
      '" or ""="',
      '%',
      '_',
      '\\',
      "\\'",
      '$1',
      '?',
      '${x}',
      'a"b AND c*',
    ]
    for (const text of texts) {
      const value = encodeURIComponent(text)
      const named = all.filter((n) => n !== 5 && '%'.includes(text))
      expect(await v3(`name=${value}`), text).toEqual(named)
      for (const field of ['mimeType', 'group', 'cid', `keyvalues[env]`]) {
        expect(await v3(`${field}=${value}`), `${field} ${text}`).toEqual([])
      }
      expect(await v3(`keyvalues[${value}]=x`), text).toEqual([])
      expect(await pinList(`hashContains=${value}&groupId=${value}`), text).toEqual([])
      for (const op of ['eq', 'gt', 'like', 'iLike']) {
        const json = encodeURIComponent(JSON.stringify({ [text]: { value: text, op } }))
        expect(await pinList(`metadata[keyvalues]=${json}`), text).toEqual([])
      }
    }
    for (const text of ['%00', '%ED%A0%80', 'a%00b']) {
      for (const query of [`name=${text}`, `keyvalues[${text}]=x`, `keyvalues[x]=${text}`, `group=${text}`]) {
        expect((await get(`/v3/files/public?${query}`)).status, query).toBeLessThan(500)
      }
    }
    expect(await v3('')).toEqual(all)
  })

  it('ask for a credential, and for the scope to list', async () => {
    for (const path of ['/v3/files/public', '/v3/files', '/data/pinList']) {
      expect((await app.ask('GET', path)).status, path).toBe(401)
      const uploadOnly = await app.makeKey(admin, { endpoints: { pinning: { pinFileToIPFS: true } } })
      expect((await get(path, uploadOnly)).status, path).toBe(403)
    }
    const readOnly = await app.makeKey(admin, { resources: ['org:files:read'] })
    expect((await get('/v3/files/public', readOnly)).status).toBe(200)
    const lister = await app.makeKey(admin, { endpoints: { data: { pinList: true } } })
    expect((await get('/data/pinList', lister)).status).toBe(200)
    expect((await get('/v3/files/elsewhere')).status).toBeGreaterThanOrEqual(400)
  })

  it('show nothing of another account', async () => {
    const other = await app.makeAccount(admin, `other-${database}`)
    expect((await get('/v3/files/public', other)).body).toEqual({ data: { files: [], next_page_token: null } })
    const cid = cidOf({ content: 6, version: 0 })
    expect((await get(`/data/pinList?cid=${cid}&status=all&includeCount=true`, other)).body).toEqual({
      count: 0,
      rows: [],
    })
  })
})
