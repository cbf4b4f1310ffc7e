import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expireEvents } from '../src/events/expire-events.ts'
import { listen } from '../src/events/listen.ts'
import { isHeard, recordEvent } from '../src/events/record-event.ts'
import { databases, type KeyValues, startTestApp, type TestApp } from './support/app.ts'
import { sendForm } from './support/upload.ts'

/** The machine may be busy. */
const within = { timeout: 60_000 }

describe.each(databases)('events on %s', (database) => {
  let app: TestApp
  let operator: KeyValues & { accountId: string }
  let accounts = 0

  beforeAll(async () => {
    app = await startTestApp({ database })
    operator = await app.setUp()
  })
  afterAll(() => app.close())

  const unheard = (more?: Record<string, unknown>) => app.makeAccount(operator, `ev-${database}-${++accounts}`, more)
  /** An account to which somebody listens. */
  async function account(more?: Record<string, unknown>) {
    const key = await unheard(more)
    await listen(app.services, key.accountId)
    return key
  }
  const makeWebhook = async (key: KeyValues) => {
    const { body } = await app.ask('POST', '/pinyon/v1/webhooks', {
      key,
      json: { url: 'https://hooks.example.test/', kinds: ['pin.failed'] },
    })
    return `/pinyon/v1/webhooks/${body.webhook.id}`
  }
  const upload = (key: KeyValues, text: string, network = 'public', keyvalues = {}) =>
    sendForm(app, '/v3/files', key, [
      ['network', network],
      ['keyvalues', JSON.stringify(keyvalues)],
      ['file', Buffer.from(text), `${text.slice(0, 20)}.txt`, 'text/plain'],
    ])

  /** What was told of an account so far, but for its keys. */
  async function recorded(accountId: string) {
    const rows = await app.services.db.read
      .selectFrom('events')
      .select(['kind', 'data'])
      .where('account_id', '=', accountId)
      .where('kind', 'not like', 'key.%')
      .orderBy('id')
      .execute()
    return rows.map(({ kind, data }) => ({ kind, data: JSON.parse(data) }))
  }

  it('tells of a file that is added, changed and deleted, with what it was before', async () => {
    const key = await account()
    for (const network of ['public', 'private'] as const) {
      const { body } = await upload(key, `told ${network}`, network, { k: 'old' })
      const { id, cid } = body.data
      const path = `/v3/files/${network}/${id}`
      await app.ask('PUT', path, { key, json: { name: 'new.txt', keyvalues: { k: 'new' } } })
      await app.ask('PUT', path, { key, json: { name: 'new.txt' } }) // nothing is different
      await app.ask('DELETE', path, { key })
      const events = (await recorded(key.accountId)).filter(({ kind }) => kind.startsWith(`ipfs.${network}`))
      expect(events.map(({ kind }) => kind)).toEqual([
        `ipfs.${network}.file_added`,
        `ipfs.${network}.file_updated`,
        `ipfs.${network}.file_deleted`,
      ])
      const object = { id, cid, name: 'new.txt', keyvalues: { k: 'new' }, number_of_files: 1, group_id: null }
      expect(events[0]?.data).toMatchObject({ object: { id, name: `told ${network}.txt` }, source: 'direct_upload' })
      expect(events[1]?.data).toMatchObject({
        object,
        previous_attributes: { name: `told ${network}.txt`, keyvalues: { k: 'old' } },
      })
      expect(events[2]?.data.object).toMatchObject(object)
    }
  })

  it('tells nothing of an upload that changes nothing or is refused', async () => {
    const key = await account({ quotaBytes: 1_000 })
    await upload(key, 'once')
    await upload(key, 'once')
    await sendForm(app, '/v3/files', key, [['network', 'public']])
    expect((await recorded(key.accountId)).map(({ kind }) => kind)).toEqual(['ipfs.public.file_added'])
  })

  it('tells once for each crossing that the quota is near, and that it is reached', async () => {
    const key = await account({ quotaBytes: 1_000 })
    const ids = []
    for (const [name, size] of [
      ['a', 700],
      ['b', 150],
      ['c', 50],
    ] as const) {
      const { body } = await upload(key, name.padEnd(size, '.'))
      ids.push(body.data.id)
    }
    for (const name of ['d', 'e']) expect((await upload(key, name.padEnd(500, '.'))).status).toBe(403)
    const quota = async () =>
      (await recorded(key.accountId)).flatMap(({ kind, data }) =>
        kind.startsWith('quota') ? [[kind, data.object.usedBytes]] : [],
      )
    await expect.poll(quota, within).toEqual([
      ['quota.near', 850],
      ['quota.reached', 900],
    ])
    await app.ask('DELETE', `/v3/files/public/${ids[0]}`, { key })
    await upload(key, 'f'.padEnd(800, '.'))
    expect(await quota()).toEqual([
      ['quota.near', 850],
      ['quota.reached', 900],
      ['quota.near', 1_000],
      ['quota.reached', 1_000],
    ])
  })

  it('records nothing while nobody listens, and knows all the same that the quota was reached', async () => {
    const key = await unheard({ quotaBytes: 1_000 })
    const { body } = await upload(key, 'unheard'.padEnd(1_000, '.'))
    await app.ask('PUT', `/v3/files/public/${body.data.id}`, { key, json: { name: 'other' } })
    expect(await recorded(key.accountId)).toEqual([])
    await listen(app.services, key.accountId)
    expect((await upload(key, 'refused'.padEnd(500, '.'))).status).toBe(403)
    expect(await recorded(key.accountId)).toEqual([])
    await app.ask('DELETE', `/v3/files/public/${body.data.id}`, { key })
    expect((await recorded(key.accountId)).map(({ kind }) => kind)).toEqual(['ipfs.public.file_deleted'])
  })

  it('listens as long as there is a webhook, and then as long as events are kept', async () => {
    const key = await unheard()
    const { db, clock, config } = app.services
    const now = clock.now()
    const later = (ms: number) => isHeard(db.read, { accountId: key.accountId, at: now + ms })
    const sweep = () => expireEvents({ db, clock: { now: () => now }, config }, new AbortController().signal)
    expect(await later(0)).toBe(false)
    const path = await makeWebhook(key)
    await sweep()
    expect(await later(100 * config.eventsKeptMs)).toBe(true)
    await app.ask('PATCH', path, { key, json: { enabled: false } })
    await sweep()
    expect([await later(config.eventsKeptMs - 1), await later(config.eventsKeptMs)]).toEqual([true, false])
    await app.ask('PATCH', path, { key, json: { enabled: true } })
    expect(await later(100 * config.eventsKeptMs)).toBe(true)
    await app.ask('DELETE', path, { key })
    await sweep()
    expect(await later(config.eventsKeptMs)).toBe(false)
  })

  it('has a webhook only when every write that is not done yet tells it', async () => {
    const key = await unheard()
    const { accountId } = key
    const { db, clock } = app.services
    const event = { accountId, kind: 'quota.near', at: clock.now(), data: {} } as const
    const order: string[] = []
    const write = db.write(async (tx) => {
      const before = await isHeard(tx, event)
      const made = makeWebhook(key).then(() => order.push('webhook'))
      // On PostgreSQL it gets so far while this write goes on, and no further, however long that is.
      if (database === 'postgres') {
        await expect.poll(() => isHeard(tx, event), { interval: 5 }).toBe(true)
        for (let i = 0; i < 100; i++) await app.ask('GET', '/pinyon/v1/webhooks', { key })
      }
      order.push('write')
      return { before, made }
    })
    const { before, made } = await write.then(({ before, made }) => ({ before, made }))
    await made
    expect([before, order]).toEqual([false, ['write', 'webhook']])
    await db.write((tx) => recordEvent(tx, event))
    expect((await recorded(accountId)).map(({ kind }) => kind)).toEqual(['quota.near'])
  })

  it('tells of keys that are made and revoked, without their secrets', async () => {
    const key = await account()
    const made = await app.makeKey(key, { resources: ['org:read'] })
    await app.ask('PUT', `/v3/pinata/keys/${made.pinata_api_key}`, { key })
    const rows = await app.services.db.read
      .selectFrom('events')
      .select(['kind', 'data'])
      .where('account_id', '=', key.accountId)
      .orderBy('id')
      .execute()
    const own = rows.filter(({ data }) => data.includes(made.pinata_api_key))
    expect(own.map(({ kind }) => kind)).toEqual(['key.created', 'key.revoked'])
    expect(JSON.stringify(own)).not.toContain(made.pinata_api_secret)
  })
})
