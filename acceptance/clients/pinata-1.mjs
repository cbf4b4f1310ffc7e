// npm pinata 1.x, which knows private files only: every operation it has.
import { PinataSDK } from 'pinata-1'
import { assert, refusedStep, report, step, within } from './steps.mjs'

const api = process.env.PINYON_API
const gateway = process.env.PINYON_GATEWAY_URL
const pinata = new PinataSDK({
  pinataJwt: process.env.PINATA_JWT,
  pinataGateway: gateway,
  endpointUrl: `${api}/v3`,
  uploadUrl: `${api}/v3`,
})
const { upload, files, groups, gateways, keys, analytics } = pinata
const big = new Uint8Array(94_371_841).map((_, at) => (at * 2_246_822_519) >>> 24)
const soon = (promise) => within(20_000, promise)

await step('testAuthentication', async () =>
  assert.match(JSON.stringify(await pinata.testAuthentication()), /Congratulations/),
)
const file = await step('upload.file', async () => {
  const made = await upload
    .file(new File(['one'], 'one.txt', { type: 'text/plain' }))
    .addMetadata({ name: 'one', keyvalues: { tree: 'pine' } })
  assert.equal(made.name, 'one')
  return made
})
await step('upload.file, larger than 90 MiB (TUS)', async () => {
  const made = await upload.file(new File([big], 'big.bin')).addMetadata({ name: 'big' })
  assert.deepEqual([made.name, made.size], ['big', big.length])
  await files.delete([made.id])
})
await step('upload.json', async () => assert.equal((await upload.json({ one: 1 })).mime_type, 'application/json'))
await step('upload.base64', async () => assert.ok((await upload.base64(Buffer.from('two').toString('base64'))).cid))
await step('upload.url', async () => assert.equal((await upload.url(`${gateway}/ipfs/bafkqabtimvwgy3yk`)).size, 6))
await step('upload.createSignedURL, and file().url()', async () => {
  const link = await upload.createSignedURL({ expires: 60 })
  assert.ok((await upload.file(new File(['by link'], 'link.txt')).url(link)).cid)
})
await step('files.list', async () => {
  const found = await soon(files.list().metadata({ tree: 'pine' }))
  assert.deepEqual(
    found.files.map(({ id }) => id),
    [file.id],
  )
  const names = []
  for await (const each of files.list().limit(2)) names.push(each.name)
  assert.ok(names.includes('one'))
})
await step('files.update', async () =>
  assert.equal((await files.update({ id: file.id, name: 'uno', keyvalues: { tree: 'fir' } })).name, 'uno'),
)
await step('files.addSwap', async () => {
  const to = await upload.file(new File(['instead'], 'instead.txt'))
  assert.equal((await files.addSwap({ cid: file.cid, swapCid: to.cid })).mapped_cid, to.cid)
})
await step('files.getSwapHistory', async () =>
  assert.equal((await files.getSwapHistory({ cid: file.cid, domain: new URL(gateway).host })).length, 1),
)
await step('files.deleteSwap', async () => assert.equal(await files.deleteSwap(file.cid), 'OK'))
await step('gateways.get', async () => assert.equal((await soon(gateways.get(file.cid))).data, 'one'))
await step('gateways.createSignedURL', async () => {
  const link = await soon(gateways.createSignedURL({ cid: file.cid, expires: 60 }))
  assert.equal(await (await fetch(link)).text(), 'one')
})
const group = await step('groups.create', () => groups.create({ name: 'grove one' }))
await step('groups.list', async () =>
  assert.equal((await soon(groups.list().name('grove one'))).groups[0].id, group.id),
)
await step('groups.get', async () => assert.equal((await groups.get({ groupId: group.id })).name, 'grove one'))
await step('groups.update', async () =>
  assert.equal((await groups.update({ groupId: group.id, name: 'wood one' })).name, 'wood one'),
)
await step('groups.addFiles', async () => {
  assert.equal((await groups.addFiles({ groupId: group.id, files: [file.id] }))[0].status, 'OK')
  assert.equal((await soon(files.list().group(group.id))).files.length, 1)
})
await step('upload.file().group()', async () =>
  assert.equal((await upload.file(new File(['in'], 'in.txt')).group(group.id)).group_id, group.id),
)
await step('groups.removeFiles', async () =>
  assert.equal((await groups.removeFiles({ groupId: group.id, files: [file.id] }))[0].status, 'OK'),
)
await step('groups.delete', async () => assert.equal(await groups.delete({ groupId: group.id }), 'OK'))
const key = await step('keys.create', () =>
  keys.create({ keyName: 'by 1.x', permissions: { resources: ['org:files:read'] } }),
)
await step('keys.list', async () => assert.equal((await soon(keys.list().name('by 1.x')))[0].key, key.pinata_api_key))
await step('keys.revoke', async () => assert.equal((await keys.revoke([key.pinata_api_key]))[0].status, 'Revoked'))
const domain = new URL(gateway).host
await step('analytics.requests', async () => {
  const top = await soon(analytics.requests.from(domain).days(7))
  assert.ok(Array.isArray(top.data ?? top))
})
await step('analytics.bandwidth', async () => {
  const top = await soon(analytics.bandwidth.from(domain).days(7))
  assert.ok(Array.isArray(top.data ?? top))
})
await step('analytics.summary', async () => {
  const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
  const series = await soon(analytics.summary({ domain, start: day(7), end: day(0), interval: 'day' }))
  assert.equal(typeof series.total_requests, 'number')
})
await refusedStep('files.vectorize', () => files.vectorize(file?.id))
await refusedStep('files.queryVectors', () => files.queryVectors({ groupId: group?.id, query: 'pines' }))
await refusedStep('files.deleteVectors', () => files.deleteVectors(file?.id))
await step('files.delete', async () => assert.deepEqual(await files.delete([file.id]), [{ id: file.id, status: 'OK' }]))
report()
