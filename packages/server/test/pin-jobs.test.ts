import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changePinStatus } from '../src/files/pin-status.ts'
import { findPin } from '../src/requests/queries.ts'
import { beginFetches } from './support/begin-fetches.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { everyStatus, nothingFetched, PsaClient, unknownCid } from './support/pins.ts'

describe.each(databases)('pins by CID on the routes of Pinata, on %s', (database) => {
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
    key = await app.makeAccount(operator, `account-${randomBytes(4).toString('hex')}`)
    psa = new PsaClient(app, key)
  }

  /** Has a pin come into a status with a fetch of this state, as the fetch of it does. */
  async function move(id: string, status: 'pinning' | 'failed', fetch: { reason?: string; number_of_blocks?: number }) {
    await beginFetches(app.services)
    await app.services.db.write(async (tx) => {
      const file = await findPin(tx, { account: key.accountId, id })
      if (file === undefined) throw new Error('there is no such pin')
      await changePinStatus(tx, [file], status, app.services.clock.now())
      const [request] = await tx.selectFrom('requests').select('fetch_id').where('file_id', '=', id).execute()
      await tx
        .updateTable('fetches')
        .set({ attempts: 1, ...fetch })
        .where('id', '=', String(request?.fetch_id))
        .execute()
    })
  }

  it('are accepted by pinByHash and pin_by_cid as the official programs send them', async () => {
    await begin()
    const cid = unknownCid()
    const legacy = {
      hashToPin: cid,
      pinataMetadata: { name: 'n', keyvalues: { k: 1 } },
      pinataOptions: { hostNodes: '' },
    }
    const first = await app.ask('POST', '/pinning/pinByHash', { key, json: legacy })
    expect([first.status, first.body]).toEqual([200, { id: expect.any(String), ipfsHash: cid, status: 'prechecking', name: 'n' }]) // prettier-ignore
    const origin = '/ip4/192.0.2.1/tcp/4001/p2p/12D3KooWJv6GkzRMgpZ5fMMmT3T4hBD6jRY8Xv8N5ZVwSwmsU2cG'
    const v3 = { cid, host_nodes: [origin] }
    const second = await app.ask('POST', '/v3/files/public/pin_by_cid', { key, json: v3 })
    expect([second.status, Object.keys(second.body)]).toEqual([200, ['data']])
    expect(second.body.data).toEqual({
      id: expect.any(String),
      cid,
      name: cid,
      status: 'prechecking',
      keyvalues: {},
      host_nodes: [origin],
      group_id: null,
      date_queued: expect.stringMatching(/Z$/),
    })
    const jobs = await app.ask('GET', '/pinning/pinJobs?includesCount=false', { key })
    expect([jobs.status, jobs.body.count]).toEqual([200, 2])
    expect(jobs.body.rows[1]).toEqual({
      id: first.body.id,
      ipfs_pin_hash: cid,
      date_queued: expect.any(String),
      name: 'n',
      status: 'prechecking',
      keyvalues: { k: 1 },
      host_nodes: [],
      pin_policy: { regions: [{ id: 'LOCAL', desiredReplicationCount: 1 }], version: 1 },
    })
    expect(jobs.body.rows[0].host_nodes).toEqual([origin])
    const list = await app.ask('GET', '/v3/files/public/pin_by_cid?includesCount=false', { key })
    expect(list.body.data.jobs.map(({ id }: { id: string }) => id)).toEqual([second.body.data.id, first.body.id])
    expect(list.body.data.next_page_token).toBeNull()
    // The same pins by the standard; numbers are text there.
    const shown = await psa.list(everyStatus)
    expect(shown.results.map(({ requestid, pin }) => [requestid, pin])).toEqual([
      [second.body.data.id, { cid, name: cid }],
      [first.body.id, { cid, name: 'n', meta: { k: '1' } }],
    ])
    expect((await app.ask('GET', '/data/pinList', { key })).body.rows).toEqual([])
    expect((await app.ask('GET', '/v3/files/public?cidPending=true', { key })).body.data.files).toHaveLength(2)
  })

  it('are in pinList and no job once they are pinned', async () => {
    await begin()
    const { body } = await app.ask('POST', '/pinning/pinByHash', { key, json: { hashToPin: 'bafkqabtimvwgy3yk' } })
    expect(body).toMatchObject({ status: 'prechecking', name: 'bafkqabtimvwgy3yk' })
    const rows = (await app.ask('GET', '/data/pinList', { key })).body.rows
    expect(rows).toEqual([expect.objectContaining({ id: body.id, ipfs_pin_hash: 'bafkqabtimvwgy3yk', size: 6 })])
    expect((await app.ask('GET', '/pinning/pinJobs', { key })).body).toEqual({ count: 0, rows: [] })
    const cancelled = await app.ask('DELETE', `/v3/files/public/pin_by_cid/${body.id}`, { key })
    expect(cancelled.status).toBe(404)
    expect((await app.ask('GET', '/data/pinList', { key })).body.rows).toHaveLength(1)
  })

  it('are listed by status, CID and order, by offset and by token', async () => {
    await begin()
    const ids: string[] = []
    for (let n = 0; n < 12; n++) ids.push((await psa.add({ cid: unknownCid(), name: `job ${n}` })).requestid)
    const [a, b, c, d] = ids as [string, string, string, string]
    await move(a, 'pinning', {})
    await move(b, 'pinning', { number_of_blocks: 3 })
    await move(c, 'failed', { reason: 'out-of-time' })
    await move(d, 'failed', { reason: 'too-large' })
    const legacy = async (query: string) => {
      const { body } = await app.ask('GET', `/pinning/pinJobs?${query}`, { key })
      return { count: body.count, ids: body.rows.map(({ id }: { id: string }) => id) }
    }
    const newest = ids.toReversed()
    expect(await legacy('')).toEqual({ count: 12, ids: newest.slice(0, 5) })
    expect(await legacy('sort=ASC&limit=3&offset=2')).toEqual({ count: 12, ids: ids.slice(2, 5) })
    expect(await legacy('sort=DSC&limit=1000&offset=10')).toEqual({ count: 12, ids: newest.slice(10) })
    for (const [status, found] of [
      ['searching', [a]],
      ['retrieving', [b]],
      ['retreiving', [b]],
      ['expired', [c]],
      ['over_max_size', [d]],
      ['over_free_limit', []],
      ['backfilled', []],
    ] as const) {
      expect([status, await legacy(`status=${status}`)]).toEqual([status, { count: found.length, ids: found }])
    }
    expect((await legacy('status=prechecking')).count).toBe(8)
    const cid = (await psa.get(a)).pin.cid
    expect(await legacy(`ipfs_pin_hash=${cid.toUpperCase()}`)).toEqual({ count: 1, ids: [a] })
    expect(await legacy('ipfs_pin_hash=nothing')).toEqual({ count: 0, ids: [] })

    for (const order of ['ASC', 'DSC']) {
      const seen: string[] = []
      for (let token = ''; ;) {
        const { body } = await app.ask('GET', `/v3/files/public/pin_by_cid?sort=${order}&limit=5&pageToken=${token}`, { key }) // prettier-ignore
        seen.push(...body.data.jobs.map(({ id }: { id: string }) => id))
        token = body.data.next_page_token
        if (token === null) break
        const other = await app.ask('GET', `/v3/files/public/pin_by_cid?cid=${cid}&pageToken=${token}`, { key })
        expect(other.status).toBe(400)
      }
      expect(seen).toEqual(order === 'ASC' ? ids : newest)
    }
    // Why something failed is told in words, and by a code of Pinata's.
    expect((await psa.get(d)).info).toEqual({ status_details: 'The content is larger, deeper or wider than this service pins.' }) // prettier-ignore
    expect((await psa.get(b)).info?.['status_details']).toContain('3 blocks')
    expect((await psa.get(a)).info?.['status_details']).toContain('The IPFS network is off here')
    const fetchOfA = app.services.db.read.selectFrom('requests').select('fetch_id').where('file_id', '=', a)
    await app.services.db.write((tx) =>
      tx.updateTable('fetches').set({ reason: 'network-off' }).where('id', 'in', fetchOfA).execute(),
    )
    // Said once.
    expect((await psa.get(a)).info?.['status_details']?.match(/network is off/g)).toHaveLength(1)
  })

  it('are listed with cidPending whether their turn has come or not, in one order, page after page', async () => {
    await begin()
    const ids: string[] = []
    for (let n = 0; n < 7; n++) {
      ids.push((await psa.add({ cid: unknownCid(), name: `pending ${n}` })).requestid)
      if (n === 2) await beginFetches(app.services)
    }
    await move(ids[6] ?? '', 'pinning', {})
    const last = [(await psa.add({ cid: unknownCid(), name: 'pending 7' })).requestid]
    for (const order of ['ASC', 'DESC']) {
      const seen: string[] = []
      for (let token = ''; ;) {
        const path = `/v3/files/public?cidPending=true&limit=3&order=${order}&name=pending&pageToken=${token}`
        const { data } = (await app.ask('GET', path, { key })).body
        seen.push(...data.files.map(({ id }: { id: string }) => id))
        token = data.next_page_token ?? ''
        if (token === '') break
      }
      const all = [...ids, ...last]
      expect(seen).toEqual(order === 'ASC' ? all : all.toReversed())
    }
    const one = await app.ask('GET', `/v3/files/public?cidPending=true&name=pending%203&includeCount=true`, { key })
    expect(one.body.data.files.map(({ id }: { id: string }) => id)).toEqual([ids[3]])
  })

  it('are cancelled in every status, once', async () => {
    await begin()
    const made = [
      await psa.add({ cid: unknownCid() }),
      await psa.add({ cid: unknownCid() }),
      await psa.add({ cid: unknownCid() }),
    ]
    await move(made[1]?.requestid ?? '', 'pinning', {})
    await move(made[2]?.requestid ?? '', 'failed', { reason: 'no-source' })
    for (const { requestid } of made) {
      const path = `/v3/files/public/pin_by_cid/${requestid}`
      expect((await app.ask('DELETE', path, { key })).body).toEqual({ data: null })
      expect((await app.ask('DELETE', path, { key })).status).toBe(404)
    }
    expect(await psa.list(everyStatus)).toEqual({ count: 0, results: [] })
    const { read } = app.services.db
    for (const table of ['fetches', 'files'] as const) {
      expect(await read.selectFrom(table).select('id').where('account_id', '=', key.accountId).execute()).toEqual([])
    }
    const left = await read.selectFrom('pin_counts').select('pins').where('account_id', '=', key.accountId).execute()
    expect(left.filter(({ pins }) => pins !== 0)).toEqual([])
  })
})
