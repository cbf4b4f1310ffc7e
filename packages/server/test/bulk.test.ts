import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { nothingFetched, unknownCid } from './support/pins.ts'

const base = '/pinyon/v1/bulk'

describe.each(databases)('bulk operations on %s', (database) => {
  let app: TestApp
  let operator: KeyValues
  let key: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database, env: nothingFetched })
    operator = await app.setUp()
  })
  afterAll(() => app.close())

  async function begin(): Promise<void> {
    key = await app.makeAccount(operator, `bulk-${randomBytes(4).toString('hex')}`)
  }
  const post = (operation: string, json: object, asked: KeyValues = key) =>
    app.ask('POST', `${base}/${operation}`, { key: asked, json })
  const files = async (query = '', network = 'private') =>
    (await app.ask('GET', `/v3/files/${network}?limit=1000&${query}`, { key })).body.data.files as { id: string; name: string }[] // prettier-ignore
  /** Files of one content, row by row, as quickly as tests need them. */
  async function make(count: number): Promise<string[]> {
    const first = await upload(app, key, [['a.txt', key.accountId]], { network: 'private' })
    const ids = Array.from({ length: count - 1 }, (_, i) => `${first.id.slice(0, 24)}${String(i).padStart(12, '0')}`)
    await app.services.db.write(async (tx) => {
      const row = await tx.selectFrom('files').selectAll().where('id', '=', first.id).executeTakeFirstOrThrow()
      const { seq: _seq, own_1: _1, own_2: _2, own_3: _3, ...file } = row
      for (const id of ids)
        await tx
          .insertInto('files')
          .values({ ...file, id, pin_id: null })
          .execute()
      await tx
        .updateTable('account_totals')
        .set({ files: count, bytes: count * first.size })
        .where('account_id', '=', key.accountId)
        .execute()
    })
    return [first.id, ...ids]
  }
  async function ended(id: string) {
    await expect
      .poll(async () => (await app.ask('GET', `${base}/${id}`, { key })).body.state, { timeout: 60_000 })
      .toMatch(/done|cancelled/)
    return (await app.ask('GET', `${base}/${id}`, { key })).body
  }

  it('do a few at once, and tell what became of each', async () => {
    await begin()
    const [one, two] = [await upload(app, key, [['1', 'one']], { network: 'private' }), await upload(app, key, [['2', 'two']], { network: 'private' })] // prettier-ignore
    const renamed = await post('update', {
      network: 'private',
      ids: [one.id, 'unknown', two.id, one.id],
      change: { name: 'renamed', keyvalues: { k: 'v' } },
    })
    const done = (item: string) => ({ item, state: 'done', name: null, fileId: null, reason: null, message: null })
    const missing = { item: 'unknown', state: 'failed', name: null, fileId: null, reason: 'OBJECT_NOT_FOUND', message: 'There is no such file in this account' } // prettier-ignore
    expect([renamed.status, renamed.body]).toEqual([200, { job: null, results: [done(one.id), missing, done(two.id)] }])
    expect((await files('keyvalues[k]=v')).map(({ name }) => name)).toEqual(['renamed', 'renamed'])
    const group = (await app.ask('POST', '/v3/groups/private', { key, json: { name: 'g' } })).body.data.id
    const moved = await post('move', { network: 'private', filter: { keyvalues: { k: 'v' } }, group_id: group })
    expect(moved.body.results).toHaveLength(2)
    expect(await files(`group=${group}`)).toHaveLength(2)
    expect((await post('move', { network: 'private', ids: [one.id], group_id: null })).body.results).toEqual([done(one.id)]) // prettier-ignore
    expect(await files('group=null')).toHaveLength(1)
    const unpinned = await post('unpin', { network: 'private', filter: { group } })
    expect(unpinned.body.results).toEqual([done(two.id)])
    expect(await files()).toHaveLength(1)
    const cids = [unknownCid(), unknownCid()]
    const pinned = await post('pin', { pins: [...cids.map((cid) => ({ cid, name: 'n' })), { cid: 'no cid' }] })
    expect(pinned.body.results.map(({ item, state, reason }: Record<string, string>) => [item, state, reason])).toEqual(
      [[cids[0], 'done', null], [cids[1], 'done', null], ['no cid', 'failed', 'INVALID_CID']], // prettier-ignore
    )
    const jobs = (await app.ask('GET', '/v3/files/public/pin_by_cid', { key })).body.data.jobs
    expect(jobs.map(({ id }: { id: string }) => id)).toContain(pinned.body.results[0].fileId)
  })

  it('refuse what says nothing or too much, and then change nothing', async () => {
    await begin()
    await make(3)
    const bad = [
      ['unpin', { network: 'private' }],
      ['unpin', { network: 'private', ids: [] }],
      ['unpin', { network: 'private', filter: {} }],
      ['unpin', { network: 'private', filter: { all: true, name: 'a' } }],
      ['unpin', { network: 'private', ids: ['a'], filter: { all: true } }],
      ['unpin', { network: 'elsewhere', filter: { all: true } }],
      ['unpin', { network: 'private', filter: { nam: 'a' } }],
      ['update', { network: 'private', filter: { all: true }, change: {} }],
      ['update', { network: 'private', filter: { all: true }, change: { network: 'public' } }],
      ['move', { network: 'private', filter: { all: true } }],
      ['pin', { pins: [] }],
    ] as const
    for (const [operation, json] of bad) {
      expect([operation, json, (await post(operation, json)).status]).toEqual([operation, json, 400])
    }
    const gone = await post('move', { network: 'private', filter: { all: true }, group_id: 'unknown' })
    expect([gone.status, gone.body.error.message]).toEqual([404, 'There is no such group in this account'])
    expect(await files('group=null')).toHaveLength(3)
  })

  it('do many by a job that one follows, by ids and by filter', async () => {
    await begin()
    const ids = await make(250)
    const started = await post('update', { network: 'private', ids: [...ids, 'unknown'], change: { name: 'by job' } })
    expect([started.status, started.body.results]).toEqual([202, []])
    const job = await ended(started.body.job.id)
    expect(job).toMatchObject({ operation: 'update', state: 'done', total: 251, done: 250, failed: 1, message: null })
    expect((await files('name=by%20job')).length).toBe(250)
    const failed = (await app.ask('GET', `${base}/${job.id}/results?state=failed`, { key })).body
    expect([failed.results.length, failed.results[0].item, failed.results[0].reason]).toEqual([1, 'unknown', 'OBJECT_NOT_FOUND']) // prettier-ignore
    const seen: string[] = []
    for (let token = ''; ;) {
      const page = (await app.ask('GET', `${base}/${job.id}/results?limit=100${token}`, { key })).body
      seen.push(...page.results.map(({ item }: { item: string }) => item))
      if (page.nextPageToken === null) break
      token = `&pageToken=${page.nextPageToken}`
    }
    expect(seen).toEqual([...ids, 'unknown'])
    const all = await post('unpin', { network: 'private', filter: { name: 'BY JOB' } })
    expect(await ended(all.body.job.id)).toMatchObject({ operation: 'unpin', state: 'done', total: 250, done: 250 })
    expect(await files()).toEqual([])
    const list = (await app.ask('GET', base, { key })).body.jobs
    expect(list.map(({ id }: { id: string }) => id)).toEqual([all.body.job.id, job.id])
  })

  it('keep what is done when they are cancelled, and end with the key that started them', async () => {
    await begin()
    const ids = await make(300)
    const { db } = app.services
    // As if the job had not come to its items yet.
    const hold = (id: string) => db.write((tx) => tx.updateTable('jobs').set({ run_at: 9e15 }).where('subject', '=', id).execute()) // prettier-ignore
    const started = (await post('update', { network: 'private', ids, change: { name: 'cancelled' } })).body.job
    await hold(started.id)
    const cancelled = await app.ask('DELETE', `${base}/${started.id}`, { key })
    expect([cancelled.status, cancelled.body.state]).toEqual([200, 'cancelled'])
    const after = (await files('name=cancelled')).length
    expect(after).toBe((await app.ask('GET', `${base}/${started.id}`, { key })).body.done)
    expect((await app.ask('DELETE', `${base}/${started.id}`, { key })).body.state).toBe('cancelled')
    const short = await app.makeKey(key, { resources: ['org:files:write'] })
    const second = (await post('update', { network: 'private', ids, change: { name: 'revoked' } }, short)).body.job
    expect((await app.ask('PUT', `/v3/pinata/keys/${short.pinata_api_key}`, { key })).status).toBe(200)
    const end = await ended(second.id)
    if (end.state === 'cancelled') expect(end.message).toBe('The key that started it does not work any more.')
    expect(end.done + end.failed).toBeLessThanOrEqual(300)
    expect((await files('name=revoked')).length).toBe(end.done)
  })

  it('want the scope of the single operation, and both of groups to take files out', async () => {
    await begin()
    const file = await upload(app, key, [['s', 'scopes']], { network: 'private' })
    const only = (parent: string, name: string) => app.makeKey(key, { endpoints: { [parent]: { [name]: true } } })
    const [update, add] = [await only('files', 'update'), await only('groups', 'addFile')]
    const ids = [file.id]
    expect((await post('update', { network: 'private', ids, change: { name: 'x' } }, update)).status).toBe(200)
    expect((await post('unpin', { network: 'private', ids }, update)).body.error.reason).toBe('NO_SCOPES_FOUND')
    const out = await post('move', { network: 'private', ids, group_id: null }, add)
    expect([out.status, out.body.error.reason, out.body.error.message]).toEqual([403, 'NO_SCOPES_FOUND', expect.stringContaining('groups.removeFile')]) // prettier-ignore
    expect((await app.ask('GET', base, { key: update })).status).toBe(200)
  })

  it('do each item once, however often the job is begun anew', async () => {
    await begin()
    const cids = Array.from({ length: 150 }, unknownCid)
    const started = (await post('pin', { pins: cids.map((cid) => ({ cid })) })).body.job
    // The program ends in the middle, again and again.
    for (let i = 0; i < 3; i++) await app.reopen()
    expect(await ended(started.id)).toMatchObject({ state: 'done', total: 150, done: 150, failed: 0 })
    const made = await app.services.db.read.selectFrom('files').select('cid').where('account_id', '=', key.accountId).execute() // prettier-ignore
    expect(made.map(({ cid }) => cid).toSorted()).toEqual(cids.toSorted())
  })
})
