import { randomBytes } from 'node:crypto'
import type { Route } from '@pinyon/contract/route.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { formatCid } from '../src/ipfs/cid.ts'
import { makePublicPart } from '../src/keys/formats.ts'
import { databases, startTestApp, type Ask, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { harmless, lists, naming } from './support/field-names.ts'
import { fieldsOf, paramsOf, pathsOf, sampleBody } from './support/fill-route.ts'
import { nothingFetched } from './support/pins.ts'
import { publishedName } from './support/published-name.ts'
import { rawAsk } from './support/raw-http.ts'
import { ownerPassword, signInAs } from './support/sign-in.ts'
import { begun, patch } from './support/tus.ts'

/** Other ways to ask the same row. */
const variants: Readonly<Record<string, readonly string[]>> = {
  filesContent: ['', 'format=car', 'format=list', 'path=a', 'filename=a.html'],
  pinList: ['', 'status=all', 'status=unpinned', 'includeCount=true'],
  filesList: ['', 'cidPending=true', 'order=ASC'],
  psaList: ['', 'status=queued,pinning,pinned,failed'],
  pinJobs: ['', 'sort=ASC'],
  pinByCidList: ['', 'order=ASC'],
}

/** Rows that make a pin of the CID they are given, and say at once when it is public already: that is no secret. */
const pinning = new Set(['psaAdd', 'pinByHash', 'pinByCid'])

/** One request that names something. */
interface Cell {
  readonly title: string
  readonly row: Route
  readonly method: string
  readonly make: (id: string) => { path: string; json?: unknown }
}

const cells = routeList.flatMap(cellsOf)

function cellsOf(row: Route): Cell[] {
  const extras = variants[row.id] ?? ['']
  const methods = row.method === 'GET' ? ['GET', 'HEAD'] : [row.method]
  const json = sampleBody(row)
  const body = json === undefined ? {} : { json }
  const made: Cell[] = []
  for (const path of pathsOf(row)) {
    const networks = path.includes(':network') ? ['private', 'public'] : ['']
    for (const network of networks) {
      const base = path.replace(':network', network)
      for (const extra of extras) {
        for (const method of extra === '' ? methods : [row.method]) {
          const title = `${method} ${base}?${extra}`
          for (const name of paramsOf(base)) {
            made.push({
              title,
              row,
              method,
              make: (id) => ({ path: `${base.replace(`:${name}`, encodeURIComponent(id))}?${extra}`, ...body }),
            })
          }
          if (paramsOf(base).length > 0) continue // then the parameter names it
          for (const name of fieldsOf(row.query).filter((field) => naming.has(field))) {
            made.push({
              title: `${title} ${name}=`,
              row,
              method,
              make: (id) => ({ path: `${base}?${extra}&${name}=${encodeURIComponent(id)}`, ...body }),
            })
          }
          for (const name of fieldsOf(row.body).filter((field) => naming.has(field) && json !== undefined)) {
            made.push({
              title: `${title} {${name}}`,
              row,
              method,
              make: (id) => ({ path: `${base}?${extra}`, json: { ...json, [name]: lists.has(name) ? [id] : id } }),
            })
          }
        }
      }
    }
  }
  return made
}

it('knows of every field of every row whether it names something', () => {
  const unknown = routeList.flatMap((row) =>
    [...pathsOf(row).flatMap(paramsOf), ...fieldsOf(row.params), ...fieldsOf(row.query), ...fieldsOf(row.body)].flatMap(
      (field) => (naming.has(field) || harmless.has(field) ? [] : [`${row.id}: ${field}`]),
    ),
  )
  expect(unknown).toEqual([])
  expect(cells.length).toBeGreaterThan(80)
})

const unknownCid = () =>
  formatCid({ version: 1, codec: 0x55, multihash: Buffer.concat([Buffer.from([0x12, 32]), randomBytes(32)]) })

describe.each(databases)('two accounts on %s', (database) => {
  let app: TestApp
  let a: KeyValues & { accountId: string }
  let b: KeyValues & { accountId: string }
  /** B as a key, and as a person. */
  let asB: readonly Ask[]
  /** What A has, by kind, with something unknown that looks the same. */
  let kinds: Record<string, { of: string; like: () => string }>
  const privateBytes = randomBytes(600_000)

  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off', ...nothingFetched } })
    const operator = await app.setUp()
    a = await app.makeAccount(operator, 'alice')
    b = await app.makeAccount(operator, 'bob')
    const hidden = await upload(app, a, [['secret.bin', privateBytes]], { network: 'private', keyvalues: '{"k":"v"}' })
    const small = await upload(app, a, [['small.txt', 'what only A knows']], { network: 'private' })
    const folder = await upload(app, a, [['d/a', 'one leaf'], ['d/b', 'another leaf']], { network: 'private' }) // prettier-ignore
    const shown = await upload(app, a, [['shown.txt', 'what A shows']])
    const pinnedCid = unknownCid()
    const pin = (cid: string) => app.ask('POST', '/psa/pins', { key: a, json: { cid, name: 'what A waits for' } })
    const [waiting, held] = [(await pin(pinnedCid)).body, (await pin(shown.cid)).body]
    if (waiting.status !== 'queued' || held.status !== 'pinned') throw new Error('the pins of A are not as expected')
    const linkOf = async (json: object) =>
      new URL((await app.ask('POST', '/v3/files/sign', { key: a, json: { expires: 9_000, ...json } })).body.data)
    const uploadLink = (await linkOf({})).pathname.split('/').at(-1)
    const downloadLink = await linkOf({ url: `${app.gatewayUrl}/files/${small.cid}` })
    const unfinished = await begun(app, a, 20)
    await patch(app, a, unfinished.path, 0, 'what only A')
    const scoped = await app.makeKey(a, { admin: true })
    await app.makeKey(b, { admin: true })
    const session = await signInAs(app, 'alice@example.test', ownerPassword)
    const browser = await signInAs(app, 'bob@example.test', ownerPassword)
    const invited = await app.ask('POST', '/pinyon/v1/members', { key: a, json: { email: 'carol@example.test' } })
    if (invited.status !== 201) throw new Error(`the invitation answered ${invited.status}`)
    const people = (await app.ask('GET', '/pinyon/v1/members', { key: a })).body
    const keys = (await app.ask('GET', '/pinyon/v1/keys', { key: a })).body.keys as { id: string; publicPart: string }[]
    const makeBulk = async (): Promise<string> => {
      const ids = Array.from({ length: 101 }, (_, i) => `nothing ${i}`)
      const json = { network: 'private', ids, change: { name: 'n' } }
      const { id } = (await app.ask('POST', '/pinyon/v1/bulk/update', { key: a, json })).body.job
      // `expect.poll` wants to be inside a test.
      await vi.waitFor(
        async () => expect((await app.ask('GET', `/pinyon/v1/bulk/${id}`, { key: a })).body.state).toBe('done'),
        { timeout: 60_000 },
      )
      return id
    }
    const makeGroup = async (network: string, fileId: string): Promise<string> => {
      const made = await app.ask('POST', `/v3/groups/${network}`, { key: a, json: { name: `a ${network} group` } })
      const path = `/v3/groups/${network}/${made.body.data.id}/ids/${fileId}`
      if ((await app.ask('PUT', path, { key: a })).status !== 200) throw new Error('the group of A took no file')
      return made.body.data.id
    }
    // As page tokens ids are places in time, so the unknown one is of the same moment.
    const neighbour = (of: string) => of.slice(0, -4) + (of.endsWith('00') ? 'ffff' : '0000')
    const id = (of: string | undefined) => ({ of: String(of), like: () => neighbour(String(of)) })
    kinds = {
      'a private file': id(hidden.id),
      'a private folder': id(folder.id),
      'a public file': id(shown.id),
      'an unfinished upload': id(unfinished.id),
      'a key': id(keys.find(({ publicPart }) => publicPart === scoped.pinata_api_key)?.id),
      'the public part of a key': { of: scoped.pinata_api_key, like: makePublicPart },
      'a session': id(session.sessionId),
      'an invite': id(people.invites[0].id),
      'a person': id(people.members[0].userId),
      'an account': id(a.accountId),
      'an upload link': id(uploadLink),
      'a download link': id(downloadLink.searchParams.get('X-Link') ?? undefined),
      'a private group': id(await makeGroup('private', hidden.id)),
      'a bulk operation': id(await makeBulk()),
      'an IPNS name': id(await publishedName(app, a, shown.cid)),
      'a public group': id(await makeGroup('public', shown.id)),
      'a pin that waits': id(waiting.requestid),
      'a pin that is here': id(held.requestid),
      'the CID of a pin that waits': { of: pinnedCid, like: unknownCid },
      'a private CID': { of: small.cid, like: unknownCid },
      'a public CID': { of: shown.cid, like: unknownCid },
    }
    for (const { of } of Object.values(kinds)) if (!/^\w[\w-]{10,}$/.test(of)) throw new Error(`${of} names nothing`)
    asB = [{ key: b }, { headers: browser.headers }]
  })
  afterAll(() => app.close())

  /** An answer without what differs from request to request. */
  async function seen(asker: Ask, cell: Cell, id: string) {
    const { path, json } = cell.make(id)
    const chunk = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '11' }
    const answer = await app.ask(cell.method, path, {
      ...asker,
      ...(json === undefined ? {} : { json }),
      ...(cell.row.bodyKind === 'bytes' ? { body: 'of B', headers: { ...asker.headers, ...chunk } } : {}),
    })
    const made = pinning.has(cell.row.id) && answer.status < 300 ? await forget(answer.body) : ''
    const requestId = answer.headers.get('x-request-id') ?? ''
    // How long it is, its text says without what differs.
    const {
      date: _date,
      'x-request-id': _id,
      'content-length': _length,
      ...headers
    } = Object.fromEntries(answer.headers)
    const text = JSON.stringify(answer.body)
      .replaceAll(id, 'ID')
      .replaceAll(requestId, 'REQUEST')
      .replaceAll(made === '' ? '""' : made, 'MADE')
      .replaceAll(/"(created|date_queued)":"[^"]*"/g, '"$1":""')
      // The audit log names the CIDs of pins that B made by asking, and removed.
      .replaceAll(/"cid":"[^"]*","network":"public"\}/g, '"cid":"CID"}')
      // Asking is itself a use of the key that asks, and its own list shows it.
      .replaceAll(/"uses":\d+/g, '"uses":0')
      .replaceAll(/"(lastUsed|last_used_at)":(null|"[^"]*"|\{[^}]*\})/g, '"$1":null')
    return { status: answer.status, headers, text }
  }

  /** Removes a pin that B has made by asking, so that it shows in no later answer. Gives back its id. */
  async function forget(body: { requestid?: string; id?: string; data?: { id: string } }): Promise<string> {
    const id = body.requestid ?? body.id ?? body.data?.id ?? ''
    const removed = await app.ask('DELETE', `/psa/pins/${id}`, { key: b })
    expect(removed.status).toBe(202)
    return id
  }

  /** Rows by all that they hold: what has no id of its own has an order too. */
  async function inOrder<Row>(rows: Promise<Row[]>): Promise<Row[]> {
    const keyed = (await rows).map((row) => ({ row, text: JSON.stringify(row) }))
    return keyed.sort((one, other) => (one.text < other.text ? -1 : 1)).map(({ row }) => row)
  }

  /** Everything that A has, but for when its keys were used. */
  async function holdings() {
    const { read } = app.services.db
    const of = (
      table:
        | 'files'
        | 'file_keyvalues'
        | 'fetches'
        | 'pin_counts'
        | 'sessions'
        | 'invites'
        | 'members'
        | 'account_totals'
        | 'links'
        | 'swaps'
        | 'signatures'
        | 'groups'
        | 'bulks'
        | 'audit',
    ) => inOrder(read.selectFrom(table).selectAll().where('account_id', '=', a.accountId).execute())
    const keys = await read.selectFrom('keys').selectAll().where('account_id', '=', a.accountId).orderBy('id').execute()
    return {
      files: await of('files'),
      keyvalues: await of('file_keyvalues'),
      fetches: await of('fetches'),
      pinCounts: await of('pin_counts'),
      sessions: await of('sessions'),
      invites: await of('invites'),
      members: await of('members'),
      totals: await of('account_totals'),
      links: await of('links'),
      swaps: await of('swaps'),
      signatures: await of('signatures'),
      groups: await of('groups'),
      bulks: await of('bulks'),
      names: await inOrder(read.selectFrom('ipns_names').selectAll().execute()),
      audit: await of('audit'),
      uploads: await read
        .selectFrom('uploads')
        .selectAll()
        .where('account_id', '=', a.accountId)
        .orderBy('id')
        .execute(),
      account: await read.selectFrom('accounts').selectAll().where('id', '=', a.accountId).execute(),
      users: await read.selectFrom('users').selectAll().orderBy('id').execute(),
      keys: keys.map(
        ({ uses: _uses, last_used_at: _at, last_used_route: _route, last_used_address: _by, ...key }) => key,
      ),
    }
  }

  it(
    'answer each other’s ids exactly as unknown ones, on every route, and change nothing',
    { timeout: 600_000 },
    async () => {
      const before = await holdings()
      let asked = 0
      for (const asker of asB) {
        for (const cell of cells) {
          for (const [kind, { of, like }] of Object.entries(kinds)) {
            if (kind === 'a public CID' && pinning.has(cell.row.id)) continue
            const [theirs, nobodys] = [await seen(asker, cell, of), await seen(asker, cell, like())]
            expect({ cell: cell.title, kind, ...theirs }).toEqual({ cell: cell.title, kind, ...nobodys })
            // 501 is the answer of routes for what we do not have.
            const isFault = theirs.status >= 500 && theirs.status !== 501
            expect([cell.title, kind, isFault ? theirs.text : '']).toEqual([cell.title, kind, ''])
            asked += 2
          }
        }
      }
      expect(asked).toBeGreaterThan(3_000)
      expect(await holdings()).toEqual(before)
      const audit = await app.ask('GET', '/pinyon/v1/audit?limit=1000', { key: b })
      for (const [kind, { of }] of Object.entries(kinds)) {
        // What B itself sent may stand there as the target of what it tried; nothing that A did.
        expect([kind, audit.body.entries.some((entry: { actor: { id: string } }) => entry.actor.id === of)]).toEqual([
          kind,
          false,
        ])
      }
    },
  )

  it('show no private CID on the gateway in any form', async () => {
    for (const suffix of [
      '',
      '/',
      '/a',
      '?format=raw',
      '?format=car',
      '?format=car&dag-scope=block',
      '?download=true',
    ]) {
      for (const method of ['GET', 'HEAD']) {
        const { of, like } = kinds['a private CID'] ?? { of: '', like: unknownCid }
        const answers = []
        for (const cid of [of, like()]) {
          const answer = await rawAsk(app.gatewayUrl, method, `/ipfs/${cid}${suffix}`, {
            authorization: `Bearer ${b.JWT}`,
          })
          const { date: _date, 'x-request-id': _id, ...headers } = answer.headers
          answers.push(JSON.stringify([answer.status, headers, answer.text]).replaceAll(cid, 'CID'))
        }
        expect([method, suffix, answers[0]]).toEqual([method, suffix, answers[1]])
        expect(answers[0]).toMatch(/^\[404/)
      }
    }
  })

  it('answer an upload of what the other holds as if nobody had it', async () => {
    const send = async (path: string, bytes: Uint8Array, fields: Record<string, string>) => {
      const form = new FormData()
      for (const [name, value] of Object.entries(fields)) form.append(name, value)
      form.append('file', new Blob([Buffer.from(bytes)]), 'same.bin')
      const { status, headers, body } = await app.ask('POST', path, { key: b, form })
      const { date: _date, 'x-request-id': _id, ...rest } = Object.fromEntries(headers)
      const { id, cid, created_at, ID, IpfsHash, Timestamp, ...data } = body.data ?? body
      expect([typeof (id ?? ID), typeof (cid ?? IpfsHash), typeof (created_at ?? Timestamp)]).toEqual([
        'string',
        'string',
        'string',
      ])
      return { status, headers: rest, data }
    }
    for (const [path, fields] of [
      ['/v3/files', { network: 'private' }],
      ['/pinning/pinFileToIPFS', {}],
    ] as const) {
      const same = await send(path, privateBytes, fields)
      expect(same).toEqual(await send(path, randomBytes(privateBytes.length), fields))
      expect(same.data).not.toHaveProperty('is_duplicate', true)
      expect(same.data).not.toHaveProperty('isDuplicate', true)
    }
    // A's own file is untouched by B's, and by B's end of it (T44).
    const before = await holdings()
    const mine = (await app.ask('GET', '/v3/files/private', { key: b })).body.data.files as {
      id: string
      cid: string
    }[]
    for (const { id } of mine) expect((await app.ask('DELETE', `/v3/files/private/${id}`, { key: b })).status).toBe(200)
    const pinned = (await app.ask('GET', '/data/pinList', { key: b })).body.rows as { ipfs_pin_hash: string }[]
    for (const { ipfs_pin_hash: cid } of pinned)
      expect((await app.ask('DELETE', `/pinning/unpin/${cid}`, { key: b })).status).toBe(200)
    expect(await holdings()).toEqual(before)
    const id = kinds['a private file']?.of
    const content = await rawAsk(app.apiUrl, 'GET', `/pinyon/v1/files/${id}/content`, {
      authorization: `Bearer ${a.JWT}`,
    })
    expect(content.body.equals(privateBytes)).toBe(true)
  })
})

describe.each(databases)('two keys with own in one account, on %s', (database) => {
  let app: TestApp
  let admin: KeyValues & { accountId: string }
  let one: KeyValues
  let two: KeyValues
  let kinds: Record<string, { of: string; like: () => string }>
  const bytes = randomBytes(300_000)

  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off', ...nothingFetched } })
    admin = await app.setUp()
    one = await app.makeKey(admin, { admin: true, operator: true }, { bounds: { own: true } })
    two = await app.makeKey(admin, { admin: true, operator: true }, { bounds: { own: true } })
    const hidden = await upload(app, one, [['secret.bin', bytes]], { network: 'private', keyvalues: '{"k":"v"}' })
    const folder = await upload(app, one, [['d/a', 'one leaf'], ['d/b', 'another leaf']], { network: 'private' }) // prettier-ignore
    const shown = await upload(app, one, [['shown.txt', 'what one shows']])
    const whole = await upload(app, admin, [['whole.txt', 'what the account has']], { network: 'private' })
    const pin = (cid: string) => app.ask('POST', '/psa/pins', { key: one, json: { cid, name: 'waits' } })
    const [waiting, held] = [(await pin(unknownCid())).body, (await pin(shown.cid)).body]
    const keys = (await app.ask('GET', '/pinyon/v1/keys', { key: admin })).body.keys as Record<string, string>[]
    const neighbour = (of: string) => of.slice(0, -4) + (of.endsWith('00') ? 'ffff' : '0000')
    const id = (of: string | undefined) => ({ of: String(of), like: () => neighbour(String(of)) })
    kinds = {
      'a private file': id(hidden.id),
      'a private folder': id(folder.id),
      'a public file': id(shown.id),
      'a file of the account': id(whole.id),
      'a pin that waits': id(waiting.requestid),
      'a pin that is here': id(held.requestid),
      'a key': id(keys.find(({ publicPart }) => publicPart === one.pinata_api_key)?.['id']),
      'the public part of a key': { of: one.pinata_api_key, like: makePublicPart },
      'a private CID': { of: hidden.cid, like: unknownCid },
      'a public CID': { of: shown.cid, like: unknownCid },
    }
  })
  afterAll(() => app.close())

  const files = () => app.services.db.read.selectFrom('files').selectAll().orderBy('id').execute()

  async function seen(cell: Cell, id: string) {
    const { path, json } = cell.make(id)
    const { status, body, headers } = await app.ask(cell.method, path, {
      key: two,
      ...(json === undefined ? {} : { json }),
    })
    const made = body?.requestid ?? body?.id ?? body?.data?.id
    const isPin = pinning.has(cell.row.id) && status < 300
    if (isPin) expect((await app.ask('DELETE', `/psa/pins/${made}`, { key: two })).status).toBe(202)
    const text = JSON.stringify(body)
      .replaceAll(id, 'ID')
      .replaceAll(headers.get('x-request-id') ?? ' ', 'REQUEST')
      .replaceAll(isPin ? String(made) : ' ', 'MADE')
      .replaceAll(/"(created|date_queued)":"[^"]*"/g, '"$1":""')
      .replaceAll(/"uses":\d+/g, '"uses":0')
      .replaceAll(/"(lastUsed|last_used_at)":(null|"[^"]*"|\{[^}]*\})/g, '"$1":null')
    return { status, text }
  }

  it(
    'answer each other’s ids and those of the account as unknown ones, on every route',
    { timeout: 600_000 },
    async () => {
      const before = await files()
      let asked = 0
      for (const cell of cells) {
        for (const [kind, { of, like }] of Object.entries(kinds)) {
          if (kind === 'a public CID' && pinning.has(cell.row.id)) continue
          const [theirs, nobodys] = [await seen(cell, of), await seen(cell, like())]
          expect({ cell: cell.title, kind, ...theirs }).toEqual({ cell: cell.title, kind, ...nobodys })
          if (cell.row.keepsReach !== true && cell.row.credentials.includes('key')) {
            expect([
              cell.title,
              theirs.status,
              theirs.text === '""' || theirs.text.includes('OUTSIDE_KEY_BOUNDS'),
            ]).toEqual([cell.title, 403, true])
          }
          asked += 2
        }
      }
      expect(asked).toBeGreaterThan(1_500)
      expect((await files()).filter(({ source, state }) => source === 'upload' || state !== 'released')).toEqual(
        before.filter(({ source, state }) => source === 'upload' || state !== 'released'),
      )
    },
  )

  it('show nothing of each other in any list, count or total', async () => {
    const paths = [
      '/data/pinList?includeCount=true&status=all',
      '/data/userPinnedDataTotal',
      '/pinning/pinJobs',
      '/v3/files/public',
      '/v3/files/private',
      '/v3/files/public?cidPending=true',
      '/v3/files/public/pin_by_cid',
      '/psa/pins?status=queued,pinning,pinned,failed',
      '/pinyon/v1/pins',
      '/pinyon/v1/manifest/public',
      '/pinyon/v1/manifest/private',
      '/pinyon/v1/whoami',
    ]
    const fresh = await app.makeKey(admin, { admin: true }, { bounds: { own: true } })
    for (const path of paths) {
      const { status, body } = await app.ask('GET', path, { key: fresh })
      const text = JSON.stringify(body)
      expect([path, status]).toEqual([path, 200])
      for (const [kind, { of }] of Object.entries(kinds))
        expect([path, kind, text.includes(of)]).toEqual([path, kind, false])
      expect([path, /"(count|pin_count|pin_size_total|usedBytes|files|queued|pinned)":[1-9]/.exec(text)?.[0]]).toEqual([
        path,
        undefined,
      ])
    }
    const own = (await app.ask('GET', '/data/pinList?includeCount=true', { key: one })).body
    expect([own.count, own.rows.length]).toEqual([2, 2])
    expect((await app.ask('GET', '/psa/pins?status=queued,pinned', { key: one })).body.count).toBe(2)
    expect((await app.ask('GET', '/pinyon/v1/pins', { key: one })).body.counts).toMatchObject({ queued: 1, pinned: 1 })
    const all = (await app.ask('GET', '/v3/files/private', { key: admin })).body.data.files
    expect(all).toHaveLength(3)
  })

  it('make rows of their own of the same bytes, and end only these', async () => {
    const first = (await app.ask('GET', '/v3/files/private', { key: one })).body.data.files
    const same = await upload(app, two, [['secret.bin', bytes]], { network: 'private' })
    expect(same).not.toHaveProperty('is_duplicate', true)
    expect(first.map(({ id }: { id: string }) => id)).not.toContain(same.id)
    expect(await upload(app, two, [['again', bytes]], { network: 'private' })).toMatchObject({
      id: same.id,
      is_duplicate: true,
    })
    for (const key of [one, two]) await upload(app, key, [['both', 'what both pin']])
    const { cid } = await upload(app, two, [['both', 'what both pin']])
    expect((await app.ask('DELETE', `/pinning/unpin/${cid}`, { key: two })).status).toBe(200)
    expect((await app.ask('DELETE', `/pinning/unpin/${cid}`, { key: two })).status).toBe(400)
    expect((await app.ask('GET', `/data/pinList?hashContains=${cid}`, { key: one })).body.rows).toHaveLength(1)
    expect((await app.ask('DELETE', `/v3/files/private/${same.id}`, { key: two })).status).toBe(200)
    expect((await app.ask('GET', '/v3/files/private', { key: one })).body.data.files).toEqual(first)
  })

  it('do not come by private content of others by naming its CID', async () => {
    const { of: cid } = kinds['a private CID'] ?? { of: '' }
    const pin = (await app.ask('POST', '/psa/pins', { key: two, json: { cid } })).body
    expect(pin.status).toBe('queued')
    expect((await app.ask('DELETE', `/psa/pins/${pin.requestid}`, { key: two })).status).toBe(202)
  })

  it('see what the keys below them make, and not what those above them make', async () => {
    const id = (await app.ask('GET', '/pinyon/v1/whoami', { key: one })).body.key.id as string
    const make = (json: object) => app.ask('POST', `/pinyon/v1/keys/${id}/children`, { key: one, json: { keyName: 'user', ...json } }) // prettier-ignore
    const user = (await make({ permissions: { admin: true }, bounds: { own: true } })).body as KeyValues
    const helper = (await make({ permissions: { admin: true } })).body as KeyValues
    const made = await upload(app, user, [['by the user', 'made by the user']])
    const helped = await upload(app, helper, [['by the helper', 'made by the helper']])
    const ids = async (key: KeyValues) =>
      (await app.ask('GET', '/v3/files/public?limit=1000', { key })).body.data.files.map(
        (file: { id: string }) => file.id,
      )
    expect(await ids(user)).toEqual([made.id])
    expect(await ids(one)).toEqual(expect.arrayContaining([made.id, helped.id]))
    expect(await ids(helper)).toEqual(await ids(one))
    expect(await ids(two)).not.toContain(made.id)
  })
})
