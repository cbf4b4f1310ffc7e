// npm pinata-web3, the legacy API in the shape of the newer SDKs: every operation it has.
import { Readable } from 'node:stream'
import { PinataSDK } from 'pinata-web3'
import { absentCid, assert, refusedStep, report, signCid, step, within } from './steps.mjs'

const api = process.env.PINYON_API
const gateway = process.env.PINYON_GATEWAY_URL
const pinata = new PinataSDK({ pinataJwt: process.env.PINATA_JWT, pinataGateway: gateway, endpointUrl: api })
const { upload, gateways, usage, keys, groups, signatures } = pinata
const soon = (promise) => within(20_000, promise)
const domain = new URL(gateway).host
const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)

await step('testAuthentication', async () =>
  assert.match(JSON.stringify(await pinata.testAuthentication()), /Congratulations/),
)
const file = await step('upload.file', async () => {
  const made = await upload
    .file(new File(['web3'], 'web3.txt', { type: 'text/plain' }))
    .addMetadata({ name: 'web3', keyValues: { tree: 'pine', height: 12 } })
  assert.match(made.IpfsHash, /^bafk/)
  assert.equal(made.PinSize, 4)
  return made
})
await step('upload.file().cidVersion(0)', async () =>
  assert.match((await upload.file(new File(['v0'], 'v0.txt')).cidVersion(0)).IpfsHash, /^Qm/),
)
await step('upload.fileArray', async () => {
  const folder = await upload.fileArray([new File(['a'], 'a.txt'), new File(['b'], 'b.txt')])
  assert.match(folder.IpfsHash, /^bafy/)
})
await step('upload.base64', async () =>
  assert.ok((await upload.base64(Buffer.from('nuts').toString('base64'))).IpfsHash),
)
await step('upload.url', async () => assert.equal((await upload.url(`${gateway}/ipfs/bafkqabtimvwgy3yk`)).PinSize, 6))
await step('upload.json', async () => assert.match((await upload.json({ web: 3 })).IpfsHash, /^bafk/))
await step('upload.stream', async () =>
  assert.equal((await upload.stream(Readable.from([Buffer.from('flows')]))).PinSize, 5),
)
const absent = absentCid()
await step('upload.cid', async () =>
  assert.equal((await upload.cid(absent).addMetadata({ name: 'waits' })).ipfsHash, absent),
)
await step('pinJobs', async () =>
  assert.deepEqual(
    (await soon(pinata.pinJobs().cid(absent))).map((job) => job.ipfs_pin_hash),
    [absent],
  ),
)
await step('listFiles', async () => {
  const found = await soon(pinata.listFiles().cid(file.IpfsHash))
  assert.deepEqual(
    found.map((row) => [row.ipfs_pin_hash, row.metadata.name]),
    [[file.IpfsHash, 'web3']],
  )
  assert.equal((await soon(pinata.listFiles().keyValue('height', 10, 'gt'))).length, 1)
  let count = 0
  for await (const row of pinata.listFiles().pageLimit(3)) count += row.id === undefined ? 0 : 1
  assert.ok(count > 4, String(count))
})
await step('updateMetadata', async () =>
  assert.equal(await pinata.updateMetadata({ cid: file.IpfsHash, name: 'renamed', keyValues: { tree: 'fir' } }), 'OK'),
)
await step('usage.pinnedFileCount', async () => assert.ok((await usage.pinnedFileCount()) > 5))
await step('usage.totalStorageSize', async () => assert.ok((await usage.totalStorageSize()) > 20))
await step('gateways.get', async () => assert.equal((await soon(gateways.get(file.IpfsHash))).data, 'web3'))
await step('gateways.convert', async () => assert.ok(await gateways.convert(`ipfs://${file.IpfsHash}`, gateway)))
await step('gateways.containsCID', async () =>
  assert.equal((await gateways.containsCID(`${gateway}/ipfs/${file.IpfsHash}`)).containsCid, true),
)
await step('gateways.swapCid', async () => {
  const to = await upload.file(new File(['instead'], 'instead.txt'))
  assert.equal((await gateways.swapCid({ cid: file.IpfsHash, swapCid: to.IpfsHash })).mappedCid, to.IpfsHash)
})
await step('gateways.swapHistory', async () =>
  assert.equal((await gateways.swapHistory({ cid: file.IpfsHash, domain })).length, 1),
)
await step('gateways.deleteSwap', async () => assert.equal(await gateways.deleteSwap(file.IpfsHash), 'OK'))
await step('gateways.topUsageAnalytics', async () => {
  const top = { domain, start: day(7), end: day(0), sortBy: 'requests', attribute: 'cid' }
  assert.ok(Array.isArray(await soon(gateways.topUsageAnalytics(top))))
})
await step('gateways.dateIntervalAnalytics', async () => {
  const series = await soon(gateways.dateIntervalAnalytics({ domain, start: day(7), end: day(0), interval: 'day' }))
  assert.equal(typeof series.total_requests, 'number', JSON.stringify(series))
})
await refusedStep(
  'signatures.add',
  async () => {
    const [row] = await soon(pinata.listFiles().cid(file.IpfsHash))
    const signed = await signCid(file.IpfsHash, new Date(row.date_pinned).toISOString())
    // What the client would send if it sent the address, too: the two steps below need it.
    await fetch(`${api}/v3/ipfs/signature/${file.IpfsHash}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${process.env.PINATA_JWT}` },
      body: JSON.stringify(signed),
    })
    await signatures.add(signed)
  },
  { status: 400, why: '400, in words: the client leaves out the address, without which nothing can be checked' },
)
await step('signatures.get', async () => assert.match((await signatures.get(file.IpfsHash)).signature, /^0x/))
await step('signatures.delete', async () => assert.equal(await signatures.delete(file.IpfsHash), 'OK'))
const group = await step('groups.create', () => groups.create({ name: 'grove web3' }))
await step('groups.list', async () => assert.equal((await soon(groups.list().name('grove web3')))[0].id, group.id))
await step('groups.get', async () => assert.equal((await groups.get({ groupId: group.id })).name, 'grove web3'))
await step('groups.update', async () =>
  assert.equal((await groups.update({ groupId: group.id, name: 'wood web3' })).name, 'wood web3'),
)
await step('groups.addCids', async () => {
  assert.equal(await groups.addCids({ groupId: group.id, cids: [file.IpfsHash] }), 'OK')
  assert.equal((await soon(pinata.listFiles().group(group.id))).length, 1)
})
await step('upload.file().group()', async () => {
  const made = await upload.file(new File(['in'], 'in.txt')).group(group.id)
  assert.equal((await soon(pinata.listFiles().group(group.id).cid(made.IpfsHash))).length, 1)
})
await step('groups.removeCids', async () =>
  assert.equal(await groups.removeCids({ groupId: group.id, cids: [file.IpfsHash] }), 'OK'),
)
await step('groups.delete', async () => assert.equal(await groups.delete({ groupId: group.id }), 'OK'))
const key = await step('keys.create', () =>
  keys.create({ keyName: 'by web3', permissions: { endpoints: { data: { pinList: true } } } }),
)
await step('keys.list', async () => assert.equal((await soon(keys.list().name('by web3')))[0].key, key.pinata_api_key))
await step('keys.revoke', async () => assert.equal((await keys.revoke([key.pinata_api_key]))[0].status, 'Revoked'))
await step('unpin', async () => {
  assert.deepEqual(
    (await pinata.unpin([file.IpfsHash])).map(({ status }) => status),
    ['OK'],
  )
  assert.deepEqual(await soon(pinata.listFiles().cid(file.IpfsHash)), [])
})
report()
