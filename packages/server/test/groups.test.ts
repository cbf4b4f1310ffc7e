import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listen } from '../src/events/listen.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { nothingFetched, unknownCid } from './support/pins.ts'

const noSuchGroup = {
  error: { code: 404, message: 'There is no such group in this account', reason: 'OBJECT_NOT_FOUND' },
}

describe.each(databases)('groups on v3, on %s', (database) => {
  let app: TestApp
  let operator: KeyValues
  let key: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database, env: { ...nothingFetched, PINYON_MAX_GROUPS: '30' } })
    operator = await app.setUp()
  })
  afterAll(() => app.close())

  async function begin(): Promise<void> {
    key = await app.makeAccount(operator, `groups-${randomBytes(4).toString('hex')}`)
  }
  async function make(name: string, network = 'private', more: object = {}): Promise<{ id: string }> {
    const { status, body } = await app.ask('POST', `/v3/groups/${network}`, { key, json: { name, ...more } })
    expect(status).toBe(200)
    return body.data
  }
  const groupOf = async (id: string, network = 'private') =>
    (await app.ask('GET', `/v3/files/${network}/${id}`, { key })).body.data.group_id
  const listed = async (query: string, network = 'private') =>
    (await app.ask('GET', `/v3/files/${network}?${query}`, { key })).body.data.files.map(({ id }: { id: string }) => id)

  it('are made, shown, changed and deleted, on each network by itself', async () => {
    await begin()
    const { status, body } = await app.ask('POST', '/v3/groups/public', {
      key,
      json: { name: 'Photos', is_public: true },
    })
    expect(status).toBe(200)
    const group = body.data
    const created = expect.stringMatching(/^\d{4}-.*Z$/)
    const shown = { id: expect.any(String), name: 'Photos', is_public: true, created_at: created, createdAt: created, network: 'public' } // prettier-ignore
    expect(body).toEqual({ data: shown })
    expect((await app.ask('GET', `/v3/groups/public/${group.id}`, { key })).body).toEqual({ data: group })
    expect((await app.ask('GET', `/v3/groups/private/${group.id}`, { key })).body).toEqual(noSuchGroup)
    const renamed = await app.ask('PUT', `/v3/groups/public/${group.id}`, { key, json: { name: 'Bilder' } })
    expect(renamed.body.data).toEqual({ ...group, name: 'Bilder' })
    const hidden = await app.ask('PUT', `/v3/groups/public/${group.id}`, { key, body: '{"is_public":false}' })
    expect(hidden.body.data).toEqual({ ...group, name: 'Bilder', is_public: false })
    expect((await app.ask('DELETE', `/v3/groups/public/${group.id}`, { key })).body).toEqual({ data: null })
    const gone = await app.ask('GET', `/v3/groups/public/${group.id}`, { key })
    expect([gone.status, gone.body]).toEqual([404, noSuchGroup])
    expect((await app.ask('DELETE', `/v3/groups/public/${group.id}`, { key })).status).toBe(404)
    const audit = (await app.ask('GET', '/pinyon/v1/audit', { key })).body.entries
    const actions = audit.map(({ action }: { action: string }) => action).filter((action: string) => action.startsWith('group')) // prettier-ignore
    expect(actions).toEqual(['group.deleted', 'group.changed', 'group.changed', 'group.created'])
  })

  it('are listed newest first, page by page, by a part of their name and by who may read them', async () => {
    await begin()
    for (let i = 0; i < 5; i++) await make(`Group ${i}`, 'private', { is_public: i % 2 === 0 })
    await make('Elsewhere', 'public')
    const names: string[] = []
    for (let token = ''; ;) {
      const { body } = await app.ask('GET', `/v3/groups/private?limit=2&pageToken=${token}`, { key })
      names.push(...body.data.groups.map(({ name }: { name: string }) => name))
      if (!body.data.next_page_token) break
      token = body.data.next_page_token
      // A token belongs to its list.
      expect((await app.ask('GET', `/v3/groups/public?limit=2&pageToken=${token}`, { key })).status).toBe(400)
    }
    expect(names).toEqual(['Group 4', 'Group 3', 'Group 2', 'Group 1', 'Group 0'])
    const by = async (query: string) =>
      (await app.ask('GET', `/v3/groups/private?${query}`, { key })).body.data.groups.map(({ name }: { name: string }) => name) // prettier-ignore
    expect(await by('name=gROUP%203')).toEqual(['Group 3'])
    expect(await by('name=100%25')).toEqual([])
    expect(await by('isPublic=true')).toEqual(['Group 4', 'Group 2', 'Group 0'])
    expect(await by('isPublic=false&name=1')).toEqual(['Group 1'])
  })

  it('take in files and let them go, one group a file, with the aliases of older programs', async () => {
    await begin()
    const [one, other] = [await make('one'), await make('other')]
    const file = await upload(app, key, [['a.txt', 'a file']], { network: 'private' })
    const add = `/v3/groups/private/${one.id}/ids/${file.id}`
    expect((await app.ask('PUT', add, { key })).body).toEqual({ data: null })
    expect((await app.ask('PUT', add, { key })).body).toEqual({ data: null })
    expect(await groupOf(file.id)).toBe(one.id)
    expect(await listed(`group=${one.id}`)).toEqual([file.id])
    expect(await listed('group=null')).toEqual([])
    expect((await app.ask('PUT', `/v3/files/groups/${other.id}/ids/${file.id}`, { key })).status).toBe(200)
    expect([await groupOf(file.id), await listed(`group=${one.id}`)]).toEqual([other.id, []])
    // It is not in this one, so it stays where it is.
    expect((await app.ask('DELETE', add, { key })).body).toEqual({ data: null })
    expect(await groupOf(file.id)).toBe(other.id)
    expect((await app.ask('DELETE', `/v3/files/groups/${other.id}/ids/${file.id}`, { key })).status).toBe(200)
    expect([await groupOf(file.id), await listed('group=null')]).toEqual([null, [file.id]])
    const old = await app.ask('POST', '/v3/files/groups', { key, json: { name: 'by alias' } })
    expect(old.body.data.network).toBe('private')
    expect((await app.ask('GET', '/v3/files/groups', { key })).body.data.groups).toHaveLength(3)
    expect((await app.ask('GET', `/v3/files/groups/${old.body.data.id}`, { key })).body).toEqual(old.body)
  })

  it('refuse files that are elsewhere, unknown or of somebody else, and change nothing', async () => {
    await begin()
    const group = await make('private group')
    const shown = await upload(app, key, [['b.txt', 'public']])
    for (const id of [shown.id, 'unknown', randomBytes(16).toString('hex')]) {
      for (const method of ['PUT', 'DELETE']) {
        const { status, body } = await app.ask(method, `/v3/groups/private/${group.id}/ids/${id}`, { key })
        expect([status, body.error.message]).toEqual([404, 'There is no such file in this account'])
      }
    }
    const elsewhere = await app.ask('PUT', `/v3/groups/public/${group.id}/ids/${shown.id}`, { key })
    expect([elsewhere.status, elsewhere.body]).toEqual([404, noSuchGroup])
    expect(await groupOf(shown.id, 'public')).toBeNull()
  })

  it('keep their files when they are deleted, also more than leave with them', async () => {
    await begin()
    const group = await make('large', 'public')
    const first = await upload(app, key, [['first.txt', 'the first']], { group_id: group.id })
    const { db } = app.services
    await listen(app.services, key.accountId)
    // As many rows as leave by two slices and a job; they differ in their id and nothing else.
    await db.write(async (tx) => {
      const row = await tx.selectFrom('files').selectAll().where('id', '=', first.id).executeTakeFirstOrThrow()
      const { seq: _seq, ...file } = row
      for (let i = 0; i < 1_100; i++) {
        const id = `${first.id.slice(0, 24)}${String(i).padStart(12, '0')}`
        await tx
          .insertInto('files')
          .values({ ...file, id, pin_id: null })
          .execute()
      }
    })
    expect((await app.ask('DELETE', `/v3/groups/public/${group.id}`, { key })).status).toBe(200)
    await expect
      .poll(() => db.read.selectFrom('files').select('id').where('group_id', '=', group.id).execute(), {
        timeout: 10_000,
      })
      .toEqual([])
    expect(await groupOf(first.id, 'public')).toBeNull()
    const told = await db.read
      .selectFrom('events')
      .select(['kind', 'data'])
      .where('account_id', '=', key.accountId)
      .execute()
    expect(told).toHaveLength(1_101)
    const ids = new Set<string>()
    for (const { kind, data } of told) {
      const { object, previous_attributes } = JSON.parse(data)
      ids.add(object.id)
      expect([kind, object.group_id, previous_attributes]).toEqual([
        'ipfs.public.file_updated',
        null,
        { group_id: group.id },
      ])
    }
    expect([ids.size, ids.has(first.id)]).toEqual([1_101, true])
  })

  it('are bounded in number and in name', async () => {
    await begin()
    for (const json of [
      {},
      { name: '' },
      { name: 5 },
      { name: 'a\u0000' },
      { name: 'x'.repeat(1_025) },
      { name: 'n', is_public: 'yes' },
    ]) {
      expect([json, (await app.ask('POST', '/v3/groups/private', { key, json })).status]).toEqual([json, 400])
    }
    for (let i = 0; i < 30; i++) await make(`n${i}`)
    const { status, body } = await app.ask('POST', '/v3/groups/private', { key, json: { name: 'one more' } })
    expect([status, body.error.message]).toEqual([409, 'An account has at most 30 groups here (PINYON_MAX_GROUPS)'])
  })

  it('come with every way of uploading and pinning, and are shown by every answer', async () => {
    await begin()
    const [hidden, shown] = [await make('hidden'), await make('shown', 'public')]
    const asked = async (path: string, ask: object) => (await app.ask('POST', path, { key, ...ask })).body
    const form = (fields: Record<string, string>) => {
      const made = new FormData()
      made.append('file', new Blob([randomBytes(20)]), 'x.bin')
      for (const [name, value] of Object.entries(fields)) made.append(name, value)
      return { form: made }
    }
    const pinataOptions = { groupId: shown.id }
    const v3 = await asked('/v3/files', form({ group_id: hidden.id }))
    expect(v3.data.group_id).toBe(hidden.id)
    expect((await asked('/v3/files', form({ group_id: 'null' }))).data.group_id).toBeNull()
    const pinned = await asked('/pinning/pinFileToIPFS', form({ pinataOptions: JSON.stringify(pinataOptions) }))
    expect(pinned.GroupId).toBe(shown.id)
    const json = await asked('/pinning/pinJSONToIPFS', { json: { pinataContent: { a: hidden.id }, pinataOptions } })
    expect(json.GroupId).toBe(shown.id)
    const byCid = await asked('/v3/files/public/pin_by_cid', { json: { cid: unknownCid(), group_id: shown.id } })
    expect(byCid.data.group_id).toBe(shown.id)
    const byHash = await asked('/pinning/pinByHash', { json: { hashToPin: unknownCid(), pinataOptions } })
    const jobs = (await app.ask('GET', '/v3/files/public/pin_by_cid', { key })).body.data.jobs
    expect(jobs.find(({ id }: { id: string }) => id === byHash.id).group_id).toBe(shown.id)
    expect(await listed(`group=${hidden.id}`)).toEqual([v3.data.id])
    expect(await listed(`group=${shown.id}`, 'public')).toEqual([json.ID, pinned.ID])
    const rows = (await app.ask('GET', `/data/pinList?groupId=${shown.id}`, { key })).body.rows
    expect(rows.map(({ id }: { id: string }) => id)).toEqual([json.ID, pinned.ID])
    const manifest = (await app.ask('GET', '/pinyon/v1/manifest/public', { key })).body.files
    expect(manifest.map(({ group }: { group: string }) => group)).toEqual(['shown', 'shown'])
  })

  it('that are unknown, elsewhere or deleted are refused by every way of uploading, and nothing is kept', async () => {
    await begin()
    const [hidden, shown, gone] = [await make('hidden'), await make('shown', 'public'), await make('gone', 'public')]
    await app.ask('DELETE', `/v3/groups/public/${gone.id}`, { key })
    for (const id of [hidden.id, gone.id, 'unknown']) {
      const pinataOptions = { groupId: id }
      const form = new FormData()
      form.append('file', new Blob(['x']), 'x.txt')
      form.append('pinataOptions', JSON.stringify(pinataOptions))
      const answers = [
        await app.ask('POST', '/pinning/pinFileToIPFS', { key, form }),
        await app.ask('POST', '/pinning/pinJSONToIPFS', { key, json: { pinataContent: {}, pinataOptions } }),
        await app.ask('POST', '/pinning/pinByHash', { key, json: { hashToPin: unknownCid(), pinataOptions } }),
        await app.ask('POST', '/v3/files/public/pin_by_cid', { key, json: { cid: unknownCid(), group_id: id } }),
      ]
      expect([id, ...answers.map(({ status }) => status)]).toEqual([id, 404, 404, 404, 404])
    }
    const form = new FormData()
    form.append('file', new Blob(['y']), 'y.txt')
    form.append('group_id', shown.id)
    expect((await app.ask('POST', '/v3/files', { key, form })).body).toEqual(noSuchGroup)
    expect(await app.services.db.read.selectFrom('files').select('id').where('account_id', '=', key.accountId).execute()).toEqual([]) // prettier-ignore
  })
})

describe.each(databases)('groups and bounds of keys, on %s', (database) => {
  let app: TestApp
  let key: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database, env: nothingFetched })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  /** A key with bounds, as its row has them. */
  async function bound(bounds: { own?: true; groups?: string[] }): Promise<KeyValues> {
    const made = await app.makeKey(key, { admin: true })
    const set = { bounds: JSON.stringify(bounds) }
    const { db } = app.services
    await db.write(async (tx) => {
      const { id } = await tx.selectFrom('keys').select('id').where('public_part', '=', made.pinata_api_key).executeTakeFirstOrThrow() // prettier-ignore
      await tx
        .updateTable('keys')
        .set(bounds.own ? { ...set, own_1: id } : set)
        .where('id', '=', id)
        .execute()
    })
    return made
  }
  const make = async (asked: KeyValues, name: string) =>
    (await app.ask('POST', '/v3/groups/private', { key: asked, json: { name } })).body.data.id as string
  const names = async (asked: KeyValues) =>
    (await app.ask('GET', '/v3/groups/private', { key: asked })).body.data.groups.map(({ name }: { name: string }) => name) // prettier-ignore

  it('a key with own sees and changes only groups that it made', async () => {
    const [one, two] = [await bound({ own: true }), await bound({ own: true })]
    const [mine, theirs] = [await make(one, 'of one'), await make(two, 'of two')]
    expect([await names(one), await names(two)]).toEqual([['of one'], ['of two']])
    expect(await names(key)).toEqual(['of two', 'of one'])
    for (const [method, json] of [['GET'], ['PUT', { name: 'taken' }], ['DELETE']] as const) {
      const ask = json === undefined ? { key: one } : { key: one, json }
      expect((await app.ask(method, `/v3/groups/private/${theirs}`, ask)).body).toEqual(noSuchGroup)
    }
    const file = await upload(app, one, [['a', 'own']], { network: 'private', group_id: mine })
    const path = `/v3/groups/private/${theirs}/ids/${file.id}`
    expect((await app.ask('PUT', path, { key: one })).body).toEqual(noSuchGroup)
    const form = new FormData()
    form.append('file', new Blob(['into the other']), 'b')
    form.append('group_id', theirs)
    expect((await app.ask('POST', '/v3/files', { key: one, form })).body).toEqual(noSuchGroup)
  })

  it('a key that is bound to groups sees these alone, and makes, ends and leaves none', async () => {
    const [inside, outside] = [await make(key, 'inside'), await make(key, 'outside')]
    const key1 = await bound({ groups: [inside] })
    expect(await names(key1)).toEqual(['inside'])
    expect((await app.ask('GET', `/v3/groups/private/${outside}`, { key: key1 })).body).toEqual(noSuchGroup)
    const file = await upload(app, key1, [['a', 'bound']], { network: 'private' })
    const path = `/v3/groups/private/${inside}`
    const refused = [
      await app.ask('POST', '/v3/groups/private', { key: key1, json: { name: 'n' } }),
      await app.ask('DELETE', path, { key: key1 }),
      await app.ask('DELETE', `${path}/ids/${file.id}`, { key: key1 }),
    ]
    for (const { status, body } of refused) expect([status, body.error.reason]).toEqual([403, 'OUTSIDE_KEY_BOUNDS'])
    expect((await app.ask('GET', `/v3/files/private?group=${inside}`, { key })).body.data.files).toHaveLength(1)
  })
})

describe.each(databases)('groups on the legacy routes, on %s', (database) => {
  let app: TestApp
  let key: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database, env: nothingFetched })
    key = await app.setUp()
  })
  afterAll(() => app.close())
  const ask = (method: string, path: string, json?: unknown) => app.ask(method, path, { key, ...(json === undefined ? {} : { json }) }) // prettier-ignore

  it('are bare objects and lists, and changes of them answer text', async () => {
    const made = await ask('POST', '/groups', { name: 'Legacy' })
    const time = expect.stringMatching(/Z$/)
    expect([made.status, made.body]).toEqual([200, { id: expect.any(String), user_id: key.accountId, name: 'Legacy', createdAt: time, updatedAt: time }]) // prettier-ignore
    const { id } = made.body
    expect((await ask('GET', `/groups/${id}`)).body).toEqual(made.body)
    await ask('POST', '/groups', { name: 'Second' })
    expect((await ask('GET', '/groups')).body.map(({ name }: { name: string }) => name)).toEqual(['Second', 'Legacy'])
    expect((await ask('GET', '/groups?limit=1&offset=1')).body).toEqual([made.body])
    expect((await ask('GET', '/groups?nameContains=seC')).body).toHaveLength(1)
    expect((await ask('PUT', `/groups/${id}`, { name: 'Renamed' })).body).toMatchObject({ id, name: 'Renamed' })
    // The same groups as the public ones of v3.
    expect((await ask('GET', `/v3/groups/public/${id}`)).body.data.name).toBe('Renamed')
    const deleted = await ask('DELETE', `/groups/${id}`)
    expect([deleted.status, deleted.body, deleted.headers.get('content-type')]).toEqual([200, 'OK', 'text/plain; charset=utf-8']) // prettier-ignore
    const gone = await ask('GET', `/groups/${id}`)
    expect([gone.status, gone.body]).toEqual([404, { error: { reason: 'OBJECT_NOT_FOUND', details: 'There is no such group in this account' } }]) // prettier-ignore
  })

  it('take in all public files of a CID, also those that are still to be fetched, and let them go', async () => {
    const { id } = (await ask('POST', '/groups', { name: 'By CID' })).body
    const file = await upload(app, key, [['a.txt', 'by cid']])
    const alike = await upload(app, key, [['a.txt', 'by cid']], { network: 'private' })
    await ask('POST', '/psa/pins', { cid: file.cid })
    const waiting = unknownCid()
    const pin = (await ask('POST', '/v3/files/public/pin_by_cid', { cid: waiting })).body.data
    const added = await ask('PUT', `/groups/${id}/cids`, { cids: [file.cid, waiting] })
    expect([added.status, added.body]).toEqual([200, 'OK'])
    expect((await ask('GET', `/data/pinList?groupId=${id}`)).body.rows).toHaveLength(2)
    expect((await ask('GET', `/v3/files/private/${alike.id}`)).body.data.group_id).toBeNull()
    const jobs = (await ask('GET', '/v3/files/public/pin_by_cid')).body.data.jobs
    expect(jobs.find((job: { id: string }) => job.id === pin.id).group_id).toBe(id)
    // A body on DELETE, as the official program sends it.
    const removed = await ask('DELETE', `/groups/${id}/cids`, { cids: [file.cid] })
    expect([removed.status, removed.body]).toEqual([200, 'OK'])
    expect((await ask('GET', `/data/pinList?groupId=${id}`)).body.rows).toEqual([])
    expect((await ask('GET', '/data/pinList?groupId=null')).body.rows).toHaveLength(2)
  })

  it('refuse CIDs that are not pinned, and then none has moved', async () => {
    const { id } = (await ask('POST', '/groups', { name: 'Refused' })).body
    const file = await upload(app, key, [['c.txt', 'refused']])
    const missing = unknownCid()
    for (const method of ['PUT', 'DELETE']) {
      const { status, body } = await ask(method, `/groups/${id}/cids`, { cids: [file.cid, missing] })
      expect([status, body.error.reason, body.error.details]).toEqual([400, 'CURRENT_USER_HAS_NOT_PINNED_CID', `The current user has not pinned the cid: ${missing}`]) // prettier-ignore
    }
    expect((await ask('GET', `/data/pinList?groupId=${id}`)).body.rows).toEqual([])
    for (const cids of [[], 'x', ['not a cid'], Array.from({ length: 1_001 }, () => file.cid)]) {
      expect((await ask('PUT', `/groups/${id}/cids`, { cids })).status).toBe(400)
    }
  })

  it('keep pin policies and show them', async () => {
    const regions = (...ids: string[]) => ids.map((each) => ({ id: each, desiredReplicationCount: 2 }))
    const row = async (cid: string) => (await ask('GET', `/data/pinList?cid=${cid}`)).body.rows[0].regions
    const shown = (...ids: string[]) => ids.map((regionId) => ({ regionId, currentReplicationCount: 1, desiredReplicationCount: 2 })) // prettier-ignore
    const before = await upload(app, key, [['d.txt', 'before']])
    expect(await row(before.cid)).toEqual([{ regionId: 'LOCAL', currentReplicationCount: 1, desiredReplicationCount: 1 }]) // prettier-ignore
    const set = await ask('PUT', '/pinning/userPinPolicy', { newPinPolicy: { regions: regions('FRA1') } })
    expect([set.status, set.body]).toEqual([200, 'OK'])
    const after = await upload(app, key, [['d.txt', 'after']])
    await ask('POST', '/pinning/pinByHash', { hashToPin: unknownCid(), pinataMetadata: { name: 'policy' } })
    const [job] = (await ask('GET', '/pinning/pinJobs')).body.rows
    expect(job.pin_policy).toEqual({ regions: regions('FRA1'), version: 1 })
    expect((await row(before.cid))[0].regionId).toBe('LOCAL')
    expect(await row(after.cid)).toEqual(shown('FRA1'))
    const policy = { ipfsPinHash: after.cid, newPinPolicy: { regions: regions('NYC1', 'FRA1') } }
    expect((await ask('PUT', '/pinning/hashPinPolicy', policy)).body).toBe('OK')
    expect(await row(after.cid)).toEqual(shown('NYC1', 'FRA1'))
    const custom = { pinataContent: { policy: 1 }, pinataOptions: { customPinPolicy: { regions: regions('NYC1') } } }
    expect(await row((await ask('POST', '/pinning/pinJSONToIPFS', custom)).body.IpfsHash)).toEqual(shown('NYC1'))
    await ask('PUT', '/pinning/userPinPolicy', { newPinPolicy: { regions: [] } })
    expect((await row((await upload(app, key, [['d.txt', 'reset']])).cid))[0].regionId).toBe('LOCAL')
    const unknown = await ask('PUT', '/pinning/hashPinPolicy', { ...policy, ipfsPinHash: unknownCid() })
    expect([unknown.status, unknown.body.error.reason]).toEqual([400, 'CURRENT_USER_HAS_NOT_PINNED_CID'])
    for (const newPinPolicy of [
      undefined,
      {},
      { regions: [{ id: 'X' }] },
      { regions: [{ id: '', desiredReplicationCount: 1 }] },
    ]) {
      expect((await ask('PUT', '/pinning/userPinPolicy', { newPinPolicy })).status).toBe(400)
    }
  })
})

describe.each(databases)('limits of the installation, on %s', (database) => {
  it('are told in words, and leave nothing behind', async () => {
    const env = { ...nothingFetched, PINYON_MAX_KEYVALUES: '2', PINYON_MAX_UPLOAD: '1', PINYON_MAX_JSON: '1' }
    const app = await startTestApp({ database, env })
    const key = await app.setUp()
    const three = { a: '1', b: '2', c: '3' }
    const answers = [
      await app.ask('POST', '/pinning/pinJSONToIPFS', { key, json: { pinataContent: 1, pinataMetadata: { keyvalues: three } } }), // prettier-ignore
      await app.ask('POST', '/pinning/pinByHash', { key, json: { hashToPin: unknownCid(), pinataMetadata: { keyvalues: three } } }), // prettier-ignore
      await app.ask('POST', '/v3/files/public/pin_by_cid', { key, json: { cid: unknownCid(), keyvalues: three } }),
    ]
    for (const { status, body } of answers) {
      expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('keyvalues: a file may carry at most 2 of them')]) // prettier-ignore
    }
    const file = await upload(app, key, [['a', 'b']], { keyvalues: '{"a":"1","b":"2"}' })
    const grown = await app.ask('PUT', `/v3/files/public/${file.id}`, { key, json: { keyvalues: { c: '3' } } })
    expect(grown.status).toBe(400)
    const form = new FormData()
    form.append('file', new Blob([randomBytes(1_100_000)]), 'large.bin')
    expect((await app.ask('POST', '/v3/files', { key, form })).status).toBe(413)
    const announced = await app.ask('POST', '/v3/files', { key, headers: { 'upload-length': '1000001' } })
    expect([announced.status, announced.headers.get('tus-max-size')]).toEqual([413, '1000000'])
    const later = await app.ask('POST', '/v3/files', { key, headers: { 'upload-defer-length': '1' } })
    const { pathname } = new URL(String(later.headers.get('location')))
    const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' }
    const grows = { key, body: new Uint8Array(10), headers: { ...headers, 'upload-length': '1000001' } }
    expect((await app.ask('PATCH', pathname, grows)).status).toBe(413)
    expect((await app.ask('PATCH', pathname, { key, body: randomBytes(1_000_001), headers })).status).toBe(413)
    expect((await app.ask('OPTIONS', '/v3/files')).headers.get('tus-max-size')).toBe('1000000')
    const json = { pinataContent: 'x'.repeat(1_100_000) }
    expect((await app.ask('POST', '/pinning/pinJSONToIPFS', { key, json })).status).toBe(413)
    expect((await app.ask('GET', '/v3/files/public', { key })).body.data.files).toHaveLength(1)
    await app.close()
  })
})
