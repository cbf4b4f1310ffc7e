import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { TestClock } from './support/domain.ts'
import { rawAsk } from './support/raw-http.ts'

const target = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'

describe.each(databases)('on %s', (database) => {
  let app: TestApp
  let operator: KeyValues
  let key: KeyValues
  let other: KeyValues
  let shown: Uploaded
  const clock = new TestClock()
  beforeAll(async () => {
    app = await startTestApp({ database, clock })
    operator = await app.setUp()
    key = await app.makeAccount(operator, 'alice')
    other = await app.makeAccount(operator, 'bob')
    shown = await upload(app, key, [['a.txt', 'pin this example\n']])
    clock.move(1_000)
  })
  afterAll(() => app.close())

  describe('a swap', () => {
    it('is set, read and ended in every spelling, and its history stays', async () => {
      const mapped = {
        mapped_cid: target,
        mappedCid: target,
        created_at: expect.any(String),
        createdAt: expect.any(String),
      }
      const ended = { ...mapped, mapped_cid: null, mappedCid: null }
      for (const [path, spelling] of [
        [`/v3/files/public/swap/${shown.cid}`, 'swap_cid'],
        [`/v3/ipfs/swap/${shown.cid}`, 'swapCid'],
      ] as const) {
        const set = await app.ask('PUT', path, { key, json: { [spelling]: target } })
        expect([set.status, set.body]).toEqual([200, { data: mapped }])
        clock.move(1_000)
        const removed = await app.ask('DELETE', path, { key })
        expect([removed.status, removed.body]).toEqual([200, { data: null }])
        clock.move(1_000)
      }
      const history = await app.ask('GET', `/v3/files/public/swap/${shown.cid}?domain=a.mypinata.cloud`, { key })
      expect(history.body.data).toEqual([ended, mapped, ended, mapped])
      const hidden = await upload(app, key, [['b.txt', 'hidden']], { network: 'private' })
      expect((await app.ask('PUT', `/v3/files/swap/${hidden.cid}`, { key, json: { swap_cid: target } })).status).toBe(
        200,
      )
      expect((await app.ask('GET', `/v3/files/private/swap/${hidden.cid}`, { key })).body.data).toEqual([mapped])
      expect((await app.ask('GET', `/v3/files/public/swap/${hidden.cid}`, { key })).status).toBe(404)
    })

    it('is refused for what the account does not hold, and tells nobody of others', async () => {
      const path = `/v3/files/public/swap/${shown.cid}`
      expect((await app.ask('PUT', path, { key: other, json: { swap_cid: target } })).status).toBe(404)
      expect((await app.ask('GET', path, { key: other })).status).toBe(404)
      expect((await app.ask('DELETE', path, { key: other })).status).toBe(404)
      expect((await app.ask('DELETE', path, { key })).status).toBe(404)
      expect((await app.ask('PUT', path, { key, json: {} })).status).toBe(400)
      expect((await app.ask('PUT', path, { key, json: { swap_cid: 'x' } })).status).toBe(400)
      expect((await app.ask('PUT', path, { json: { swap_cid: target } })).status).toBe(401)
      const reader = await app.makeKey(key, { resources: ['org:files:read'] })
      expect((await app.ask('PUT', path, { key: reader, json: { swap_cid: target } })).status).toBe(403)
    })
  })

  describe('a signature', () => {
    // Made with viem for the upload above, at the time of the clock; see recover-signer.test.ts.
    const address = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'
    const signature =
      '0xc5cff2f8c77cd5dad6aa49e0ddd3ef9140a6b4ee4e7f3391c1be122f7b6a0c0e15c6f8eb3c6e32c499b40931d07f746aead4e08f0767e286658dd48a94ed19f91c'
    const path = () => `/v3/files/public/signature/${shown.cid}`
    const add = (asker: KeyValues, json: object = { signature, address }) =>
      app.ask('POST', path(), { key: asker, json })

    it('is kept once, when it is by that address and by the first to upload', async () => {
      expect((await app.ask('GET', path(), { key })).status).toBe(404)
      expect((await add(other)).status).toBe(403)
      expect((await add(key, { signature: signature.replace('c5', 'c6'), address })).status).toBe(403)
      expect((await add(key, { signature, address: `0x${'1'.repeat(40)}` })).status).toBe(403)
      expect((await add(key, { signature: '0x1', address })).status).toBe(400)
      const { status, body } = await add(key)
      expect([status, body.data]).toMatchObject([200, { cid: shown.cid, signature }])
      expect((await add(key)).body.error.message).toContain('signed already')
      for (const asker of [key, other]) {
        const read = await app.ask('GET', `/v3/ipfs/signature/${shown.cid}`, { key: asker })
        expect(read.body.data).toMatchObject({ cid: shown.cid, signature })
      }
      const made = await app.ask('POST', '/v3/gateways', { key, json: { domain: 'signing' } })
      const { id } = made.body.data
      const served = () => rawAsk(app.gatewayUrl, 'HEAD', `/ipfs/${shown.cid}`, { host: 'signing.localhost' })
      expect((await served()).headers['pinata-signature']).toBeUndefined()
      await app.ask('POST', `/v3/gateways/plugins/${id}`, { key, json: { plugin_id: 1 } })
      expect((await served()).headers['pinata-signature']).toBe(signature)
    })

    it('is removed by its account alone', async () => {
      expect((await app.ask('DELETE', path(), { key: other })).status).toBe(404)
      const removed = await app.ask('DELETE', path(), { key })
      expect([removed.status, removed.body]).toEqual([200, { data: null }])
      expect((await app.ask('GET', path(), { key })).status).toBe(404)
    })

    it('is refused to who uploaded later than another', async () => {
      const now = clock.now()
      // Bob's row is the older one for this test: what counts is when each came to hold it.
      const { id } = await upload(app, other, [['a.txt', 'pin this example\n']])
      await app.services.db.write((tx) =>
        tx.updateTable('files').set({ created_at: 1_000 }).where('id', '=', id).execute(),
      )
      expect((await add(key)).body.error.message).toContain('earlier')
      await app.services.db.write((tx) =>
        tx.updateTable('files').set({ created_at: now }).where('id', '=', id).execute(),
      )
      expect((await add(key)).status).toBe(200)
      const audit = await app.ask('GET', '/pinyon/v1/audit?action=signature.added', { key })
      expect(audit.body.entries).toHaveLength(2)
    })
  })
})
