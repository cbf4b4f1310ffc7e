import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { type HeliaPeer, startHeliaPeer } from './support/helia-peer.ts'
import { rawAsk } from './support/raw-http.ts'

describe.each(databases)('where the open mode fetches from, on %s', { timeout: 120_000 }, (database) => {
  let holder: TestApp
  let holderKey: KeyValues
  let helia: HeliaPeer
  let app: TestApp
  beforeAll(async () => {
    holder = await startTestApp()
    holderKey = await holder.setUp()
    helia = await startHeliaPeer()
    app = await startTestApp({
      database,
      env: {
        PINYON_GATEWAY_OPEN: 'on',
        PINYON_IPFS: 'embedded',
        PINYON_IPFS_NETWORK: 'local',
        PINYON_IPFS_LISTEN: '/ip4/127.0.0.1/tcp/0,/ip4/127.0.0.1/tcp/0/ws',
        PINYON_IPFS_GATEWAYS: holder.gatewayUrl,
      },
    })
    await helia.connect(app.services.node.delegates()[0] ?? '')
  }, 240_000)
  afterAll(async () => {
    await app.close()
    await helia.close()
    await holder.close()
  })

  const get = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'GET', path, headers)

  it('gets by bitswap what only a peer has', async () => {
    const bytes = randomBytes(3_000_000)
    const cid = (await helia.files.addBytes(bytes)).toString()
    const part = await get(`/ipfs/${cid}`, { range: 'bytes=1500000-1500099' })
    expect([part.status, part.body]).toEqual([206, bytes.subarray(1_500_000, 1_500_100)])
    expect((await get(`/ipfs/${cid}`)).body.equals(bytes)).toBe(true)
  })

  it('gets from a second Pinyon what is public there, and gives it to no peer', async () => {
    const bytes = randomBytes(300_000)
    const { cid } = await upload(holder, holderKey, [['s/a.bin', bytes], ['s/b.txt', 'b']]) // prettier-ignore
    expect((await get(`/ipfs/${cid}/a.bin`)).body.equals(bytes)).toBe(true)
    const listing = await get(`/ipfs/${cid}/`)
    expect([listing.status, listing.text]).toEqual([200, expect.stringContaining('b.txt')])
    await expect(helia.block(cid, 1_000)).rejects.toThrow()
    const hidden = await upload(holder, holderKey, [['h.txt', `hidden at ${database}`]], { network: 'private' })
    expect((await get(`/ipfs/${hidden.cid}`)).status).toBe(504)
  })
})
