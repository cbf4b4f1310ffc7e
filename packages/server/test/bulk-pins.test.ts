import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pinStatuses } from '../src/files/pin-counts.ts'
import { changePinStatus } from '../src/files/pin-status.ts'
import { enqueue } from '../src/jobs/queue.ts'
import { beginFetches } from './support/begin-fetches.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { nothingFetched, PsaClient, unknownCid } from './support/pins.ts'

const base = '/pinyon/v1/bulk'
const nothing = { queued: 0, pinning: 0, pinned: 0, failed: 0 }
/** Content that stands in its CID, so that it is pinned at once. */
const here = 'bafkqaaa'

describe.each(databases)('bulk operations on pins on %s', (database) => {
  let app: TestApp
  let operator: KeyValues
  let key: KeyValues & { accountId: string }
  let psa: PsaClient
  beforeAll(async () => {
    app = await startTestApp({ database, env: nothingFetched })
    operator = await app.setUp()
  })
  afterAll(() => app.close())

  async function begin(): Promise<void> {
    key = await app.makeAccount(operator, `pins-${randomBytes(4).toString('hex')}`)
    psa = new PsaClient(app, key)
  }
  const post = (operation: string, json: object, asked: KeyValues = key) =>
    app.ask('POST', `${base}/${operation}`, { key: asked, json })
  const counts = async (query = '', asked: KeyValues = key) =>
    (await app.ask('GET', `/pinyon/v1/pins?includeCount=true&${query}`, { key: asked })).body.matching
  const pin = async (name: string, cid = unknownCid()) => (await psa.add({ cid, name })).requestid
  /** As if they had been tried in vain. */
  async function fail(...ids: string[]): Promise<void> {
    const { db, clock } = app.services
    await beginFetches(app.services)
    await db.write(async (tx) => {
      const rows = await tx.selectFrom('files').selectAll().where('id', 'in', ids).execute()
      await tx.updateTable('fetches').set({ state: 'failed', reason: 'not-found' }).where('id', 'in', tx.selectFrom('requests').select('fetch_id').where('file_id', 'in', ids)).execute() // prettier-ignore
      await changePinStatus(tx, rows, 'failed', clock.now())
    })
  }
  async function ended(id: string) {
    const look = async () => (await app.ask('GET', `${base}/${id}`, { key })).body
    await expect.poll(async () => (await look()).state, { timeout: 60_000 }).toMatch(/done|cancelled/)
    return look()
  }
  const itemsOf = ({ results }: { results: { item: string; state: string }[] }) => results.map(({ item, state }) => [item, state]) // prettier-ignore

  it('remove what a filter finds in every status, and count it before', async () => {
    await begin()
    const ids = { lost: await pin('Lost oak'), waits: await pin('oak waits'), oak: await pin('OAK', here), elm: await pin('elm') } // prettier-ignore
    await fail(ids.lost)
    expect(await counts('name=oak')).toEqual({ ...nothing, failed: 1, queued: 1, pinned: 1 })
    expect(await counts('name=oak&status=failed')).toEqual({ ...nothing, failed: 1 })
    const failed = await post('remove-pins', { filter: { status: ['failed'], name: 'oak' } })
    expect([failed.status, itemsOf(failed.body)]).toEqual([200, [[ids.lost, 'done']]])
    const rest = await post('remove-pins', { filter: { name: 'oak' } })
    expect(itemsOf(rest.body)).toEqual([[ids.waits, 'done'], [ids.oak, 'done']]) // prettier-ignore
    expect(await counts()).toEqual({ ...nothing, queued: 1 })
    const byId = await post('remove-pins', { ids: [ids.elm, ids.oak] })
    expect(itemsOf(byId.body)).toEqual([[ids.elm, 'done'], [ids.oak, 'failed']]) // prettier-ignore
    // What is gone has its name still, as history.
    expect(byId.body.results[1]).toMatchObject({ reason: 'OBJECT_NOT_FOUND', name: 'OAK' })
    const lines = await app.services.db.read.selectFrom('audit').select('target').where('account_id', '=', key.accountId).where('action', '=', 'file.deleted').execute() // prettier-ignore
    expect(new Set(lines.map(({ target }) => target))).toEqual(new Set(Object.values(ids)))
  })

  it('try again what failed and what waits, and leave alone what is pinned', async () => {
    await begin()
    const [lost, waits] = [await pin('lost'), await pin('waits')]
    await pin('here', here)
    await fail(lost)
    const tried = await post('retry-pins', { filter: { all: true } })
    expect(itemsOf(tried.body)).toEqual([[lost, 'done'], [waits, 'done']]) // prettier-ignore
    expect(await counts()).toEqual({ ...nothing, queued: 2, pinned: 1 })
    const none = await post('retry-pins', { filter: { status: ['pinned'] } })
    expect([none.status, none.body.error.reason]).toEqual([400, 'INVALID_REQUEST'])
    const cid = (await psa.get(waits)).pin.cid
    expect(itemsOf((await post('retry-pins', { filter: { cid } })).body)).toEqual([[waits, 'done']])
  })

  it('do many by a job, which leaves alone what has left the statuses that were meant, and says so by name', async () => {
    await begin()
    const json = { pins: Array.from({ length: 101 }, (_, i) => ({ cid: unknownCid(), name: `tree ${i}` })) }
    const made = await ended((await post('pin', json)).body.job.id)
    expect(made.done).toBe(101)
    const { db } = app.services
    const started = (await post('remove-pins', { filter: { status: ['queued'], name: 'TREE' } })).body.job
    expect(started).toMatchObject({ operation: 'remove-pins', state: 'collecting' })
    const later = await pin('tree that came later')
    const end = await ended(started.id)
    expect(end).toMatchObject({ state: 'done', total: 101, done: 101, failed: 0 })
    expect(await counts()).toEqual({ ...nothing, queued: 1 })
    // One that was found, and has failed before its turn: the job stands still between the two.
    await db.write((tx) => tx.insertInto('bulks').values({ ...jobRow, id: `${later}-job`, account_id: key.accountId, created_by_key: null, input: JSON.stringify({ work: { operation: 'remove-pins', statuses: [pinStatuses.queued] } }) }).execute()) // prettier-ignore
    await db.write((tx) => tx.insertInto('bulk_items').values({ bulk_id: `${later}-job`, number: 0, item: later, state: 'waiting', file_id: null, reason: null, message: null }).execute()) // prettier-ignore
    await fail(later)
    await db.write((tx) => enqueue(tx, { kind: 'bulk', subject: `${later}-job` }, app.services.clock.now()))
    expect(await ended(`${later}-job`)).toMatchObject({ state: 'done', done: 0, failed: 1 })
    const { body } = await app.ask('GET', `${base}/${later}-job/results?state=failed`, { key })
    expect(body.results).toEqual([{ item: later, state: 'failed', name: 'tree that came later', fileId: null, reason: 'CONFLICT', message: 'It is failed by now, which was not meant, and stays as it is.' }]) // prettier-ignore
    expect(await counts()).toEqual({ ...nothing, failed: 1 })
  })

  it('reach with a smaller key what it made, and want the scope of the single operation', async () => {
    await begin()
    const ofAccount = await pin('of the account')
    const endpoints = { psa: { add: true, get: true, list: true, remove: true } }
    const small = await app.makeKey(key, { endpoints }, { bounds: { own: true } })
    const own = (await new PsaClient(app, small).add({ cid: unknownCid(), name: 'its own' })).requestid
    expect(await counts('', small)).toEqual({ ...nothing, queued: 1 })
    expect(itemsOf((await post('retry-pins', { filter: { all: true } }, small)).body)).toEqual([[own, 'done']])
    const removed = await post('remove-pins', { ids: [ofAccount, own] }, small)
    expect(itemsOf(removed.body)).toEqual([[ofAccount, 'failed'], [own, 'done']]) // prettier-ignore
    expect(removed.body.results[0]).toMatchObject({ name: null, reason: 'OBJECT_NOT_FOUND' })
    const list = await app.makeKey(key, { endpoints: { psa: { list: true } } })
    for (const operation of ['remove-pins', 'retry-pins']) {
      const refused = await post(operation, { filter: { all: true } }, list)
      expect([refused.status, refused.body.error.reason]).toEqual([403, 'NO_SCOPES_FOUND'])
    }
    expect(await counts()).toEqual({ ...nothing, queued: 1 })
  })

  it('refuse what says nothing, too much or no status, and then change nothing', async () => {
    await begin()
    await pin('stays')
    const filters = [
      {},
      { status: [] },
      { status: ['gone'] },
      { all: true, name: 'a' },
      { cid: 'no CID' },
      { group: 'g' },
    ]
    const bad = [{}, { ids: [] }, { ids: ['a'], filter: { all: true } }, ...filters.map((filter) => ({ filter }))]
    for (const operation of ['remove-pins', 'retry-pins']) {
      for (const json of bad) expect([json, (await post(operation, json)).status]).toEqual([json, 400])
    }
    const odd = await post('remove-pins', { ids: ['{'] })
    expect([odd.status, itemsOf(odd.body)]).toEqual([200, [['{', 'failed']]])
    expect(await counts()).toEqual({ ...nothing, queued: 1 })
  })
})

const jobRow = {
  operation: 'remove-pins',
  page_token: null,
  state: 'running',
  total: 1,
  done: 0,
  failed: 0,
  message: null,
  created_by_user: null,
  created_at: 1,
  finished_at: null,
}
