// npm pinata 2.x: every operation it has.
import { PinataSDK } from 'pinata'
import { absentCid, assert, refusedStep, report, signCid, step, within } from './steps.mjs'

const api = process.env.PINYON_API
const gateway = process.env.PINYON_GATEWAY_URL
const pinata = new PinataSDK({
  pinataJwt: process.env.PINATA_JWT,
  pinataGateway: gateway,
  endpointUrl: `${api}/v3`,
  uploadUrl: `${api}/v3`,
  legacyUploadUrl: `${api}/pinning/pinFileToIPFS`,
})
const { upload, files, groups, gateways, keys, analytics, signatures, x402 } = pinata
const textFile = (text, name = 'a.txt') => new File([text], name, { type: 'text/plain' })
const big = new Uint8Array(94_371_841).map((_, at) => (at * 2_654_435_761) >>> 24)

await step('testAuthentication', async () =>
  assert.match(JSON.stringify(await pinata.testAuthentication()), /Congratulations/),
)

const networks = { public: files.public, private: files.private }
const made = {}
for (const network of ['public', 'private']) {
  const up = upload[network]
  made[network] = await step(`upload.${network}.file`, async () => {
    const file = await up
      .file(textFile(`file ${network}`))
      .name('first')
      .keyvalues({ tree: 'pine' })
    assert.deepEqual([file.name, file.network, file.keyvalues], ['first', network, { tree: 'pine' }])
    return file
  })
  await step(`upload.${network}.file, larger than 90 MiB (TUS)`, async () => {
    const file = await up.file(new File([big], `big-${network}.bin`)).name(`big ${network}`)
    assert.deepEqual([file.name, file.size], [`big ${network}`, big.length])
    await networks[network].delete([file.id])
  })
  await step(`upload.${network}.json`, async () => {
    const file = await up.json({ network, made: 'of wood' }).name('wood.json')
    assert.deepEqual([file.name, file.mime_type], ['wood.json', 'application/json'])
  })
  await step(`upload.${network}.base64`, async () =>
    assert.equal((await up.base64(Buffer.from(`nuts ${network}`).toString('base64')).name('nuts')).name, 'nuts'),
  )
  await step(`upload.${network}.url`, async () => {
    const file = await up.url(`${gateway}/ipfs/bafkqabtimvwgy3yk`).name('from afar')
    assert.deepEqual([file.name, file.size], ['from afar', 6])
  })
  await step(`upload.${network}.createSignedURL, and file().url()`, async () => {
    const link = await up.createSignedURL({ expires: 60, name: 'by link', maxFileSize: 1_000 })
    assert.match(link, /^https:\/\//)
    const file = await up.file(textFile(`by link ${network}`)).url(link)
    assert.equal(file.network, network)
    const again = await up.createSignedURL({ expires: 60 })
    assert.equal((await up.json({ by: 'link', network }).url(again)).mime_type, 'application/json')
  })
}
await step('upload.public.fileArray', async () => {
  const folder = await upload.public.fileArray([textFile('<h1>', 'index.html'), textFile('b', 'b.css')]).name('site')
  const { number_of_files: count } = folder
  assert.ok(count === 2 || folder.NumberOfFiles === 2, JSON.stringify(folder))
})
await step('upload.public.cid', async () => {
  const job = await upload.public.cid('bafkqabtimvwgy3yk').name('hello')
  assert.equal(job.cid, 'bafkqabtimvwgy3yk')
})
const waiting = await step('files.public.queue', async () => {
  const cid = absentCid()
  await upload.public.cid(cid).name('waits')
  const { jobs } = await files.public.queue().cid(cid)
  assert.equal(jobs.length, 1)
  return jobs[0]
})
await step('files.public.deletePinRequest', async () => {
  assert.equal(await files.public.deletePinRequest(waiting.id), 'OK')
  assert.deepEqual((await files.public.queue().cid(waiting.cid)).jobs, [])
})

for (const [network, side] of Object.entries(networks)) {
  const { id, cid } = made[network] ?? {}
  await step(`files.${network}.list`, async () => {
    const found = await side.list().keyvalues({ tree: 'pine' }).limit(5)
    assert.deepEqual(
      found.files.map((file) => file.id),
      [id],
    )
    assert.ok(!found.next_page_token)
    const names = []
    for await (const file of side.list().limit(1)) names.push(file.name)
    assert.ok(names.length > 3 && names.includes('first'), names.join())
    assert.equal((await side.list().cid(cid).noGroup(true).order('ASC').mimeType('text/plain')).files.length, 1)
  })
  await step(`files.${network}.get`, async () => assert.equal((await side.get(id)).cid, cid))
  await step(`files.${network}.update`, async () => {
    const file = await side.update({ id, name: 'second', keyvalues: { tree: 'fir' } })
    assert.deepEqual([file.name, file.keyvalues], ['second', { tree: 'fir' }])
  })
  await step(`files.${network}.addSwap`, async () => {
    const to = await upload[network].file(textFile(`instead ${network}`))
    assert.equal((await side.addSwap({ cid, swapCid: to.cid })).mapped_cid, to.cid)
  })
  await step(`files.${network}.getSwapHistory`, async () => {
    const history = await side.getSwapHistory({ cid, domain: new URL(gateway).host })
    assert.equal(history.length, 1)
  })
  await step(`files.${network}.deleteSwap`, async () => assert.equal(await side.deleteSwap(cid), 'OK'))
}

await step('gateways.public.get', async () => {
  const { data, contentType } = await gateways.public.get(made.public.cid)
  assert.deepEqual([data, contentType.split(';')[0]], ['file public', 'text/plain'])
})
await step('gateways.private.get', async () => {
  const { data } = await gateways.private.get(made.private.cid)
  assert.equal(data, 'file private')
})
await step('gateways.private.createAccessLink', async () => {
  const link = await gateways.private.createAccessLink({ cid: made.private.cid, expires: 60 })
  assert.equal(await (await fetch(link)).text(), 'file private')
})
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAGQAAAA8CAMAAACn4e/8AAAAA1BMVEUiiEQeWDieAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAHUlEQVRYhe3BMQEAAADCoPVPbQwfoAAAAAAAgKcBF6wAAaPjle8AAAAASUVORK5CYII=',
  'base64',
)
/** Width and height that the head of a PNG says. */
const sidesOf = (bytes) => [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
const pictures = {}
for (const network of ['public', 'private']) {
  pictures[network] = await upload[network].file(new File([png], 'green.png', { type: 'image/png' }))
  await step(`gateways.${network}.get().optimizeImage`, async () => {
    const { cid } = pictures[network]
    const small = await gateways[network].get(cid).optimizeImage({ width: 50, height: 50, fit: 'scaleDown' })
    assert.deepEqual(
      [small.contentType, ...sidesOf(Buffer.from(await small.data.arrayBuffer()))],
      ['image/png', 50, 30],
    )
    const webp = await gateways[network].get(cid).optimizeImage({ format: 'webp', quality: 60, animation: false })
    assert.equal(webp.contentType, 'image/webp')
  })
}
await step('gateways.private.createAccessLink().optimizeImage', async () => {
  const wish = { width: 20, height: 20, fit: 'cover', gravity: 'auto', dpr: 2, onError: true, metadata: 'keep' }
  const { cid } = pictures.private
  const link = await gateways.private.createAccessLink({ cid, expires: 60 }).optimizeImage(wish)
  assert.deepEqual(sidesOf(Buffer.from(await (await fetch(link)).arrayBuffer())), [40, 40])
  assert.equal((await fetch(link.replace('img-width=20', 'img-width=21'))).status, 401)
})
for (const network of ['public', 'private']) await networks[network].delete([pictures[network].id])
await step('gateways.public.convert', async () =>
  assert.match(await gateways.public.convert(`ipfs://${made.public.cid}`, gateway), /\/ipfs\/bafy|\/ipfs\/bafk/),
)

for (const network of ['public', 'private']) {
  const side = groups[network]
  const group = await step(`groups.${network}.create`, async () => {
    const created = await side.create({ name: `grove ${network}` })
    assert.equal(created.name, `grove ${network}`)
    return created
  })
  const id = group?.id
  await step(`groups.${network}.list`, async () => {
    assert.deepEqual(
      (await side.list().name('grove').limit(5)).groups.map((each) => each.id),
      [id],
    )
  })
  await step(`groups.${network}.get`, async () => assert.equal((await side.get({ groupId: id })).id, id))
  await step(`groups.${network}.update`, async () =>
    assert.equal((await side.update({ groupId: id, name: `wood ${network}` })).name, `wood ${network}`),
  )
  await step(`groups.${network}.addFiles`, async () => {
    const done = await side.addFiles({ groupId: id, files: [made[network].id] })
    assert.deepEqual(
      done.map(({ status }) => status),
      ['OK'],
    )
    assert.equal((await networks[network].list().group(id)).files.length, 1)
  })
  await step(`upload.${network}.file().group()`, async () =>
    assert.equal((await upload[network].file(textFile(`in group ${network}`)).group(id)).group_id, id),
  )
  await step(`groups.${network}.removeFiles`, async () => {
    const done = await side.removeFiles({ groupId: id, files: [made[network].id] })
    assert.deepEqual(
      done.map(({ status }) => status),
      ['OK'],
    )
  })
  await step(`groups.${network}.delete`, async () => assert.equal(await side.delete({ groupId: id }), 'OK'))
}

const key = await step('keys.create', async () => {
  const created = await keys.create({
    keyName: 'by the SDK',
    permissions: { endpoints: { pinning: { pinFileToIPFS: true } } },
    maxUses: 2,
  })
  assert.match(created.JWT, /^eyJ/)
  return created
})
await step('keys.list', async () => {
  const [found] = await keys.list().name('by the SDK').limitedUse(true)
  assert.equal(found.key, key.pinata_api_key)
})
await step('keys.revoke', async () => assert.equal((await keys.revoke([key.pinata_api_key]))[0].status, 'Revoked'))

await step('signatures.public.add', async () => {
  const file = await upload.public.file(textFile('signed'))
  const signed = await signCid(file.cid, file.created_at)
  assert.equal((await signatures.public.add(signed)).signature, signed.signature)
  made.signed = signed
})
await step('signatures.public.get', async () =>
  assert.equal((await signatures.public.get(made.signed.cid)).signature, made.signed.signature),
)
await step('signatures.public.delete', async () => assert.equal(await signatures.public.delete(made.signed.cid), 'OK'))

const domain = new URL(gateway).host
await step('analytics.requests', async () => {
  const top = await within(10_000, analytics.requests.from(domain).days(7))
  assert.ok(Array.isArray(top.data ?? top), JSON.stringify(top))
})
await step('analytics.bandwidth', async () => {
  const top = await within(10_000, analytics.bandwidth.from(domain).days(7))
  assert.ok(Array.isArray(top.data ?? top), JSON.stringify(top))
})
await step('analytics.summary', async () => {
  const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
  const series = await within(10_000, analytics.summary({ domain, start: day(7), end: day(0), interval: 'day' }))
  assert.equal(typeof series.total_requests, 'number', JSON.stringify(series))
})

const fileId = made.private?.id ?? 'none'
await refusedStep('files.private.vectorize', () => files.private.vectorize(fileId))
await refusedStep('files.private.queryVectors', () => files.private.queryVectors({ groupId: fileId, query: 'pines' }))
await refusedStep('files.private.deleteVectors', () => files.private.deleteVectors(fileId))
await refusedStep('x402.createPaymentInstruction', () =>
  x402.createPaymentInstruction({
    name: 'x',
    payment_requirements: [{ asset: '0x0', pay_to: '0x0', network: 'base', amount: '1' }],
  }),
)
await refusedStep('x402.listPaymentInstructions', () => x402.listPaymentInstructions())
await refusedStep('x402.getPaymentInstruction', () => x402.getPaymentInstruction(fileId))
await refusedStep('x402.updatePaymentInstruction', () => x402.updatePaymentInstruction(fileId, { name: 'y' }))
await refusedStep('x402.deletePaymentInstruction', () => x402.deletePaymentInstruction(fileId))
await refusedStep('x402.listCids', () => x402.listCids(fileId))
await refusedStep('x402.addCid', () => x402.addCid(fileId, 'bafkqabtimvwgy3yk'))
await refusedStep('x402.removeCid', () => x402.removeCid(fileId, 'bafkqabtimvwgy3yk'))

for (const [network, side] of Object.entries(networks))
  await step(`files.${network}.delete`, async () => {
    const id = made[network].id
    assert.deepEqual(await side.delete([id]), [{ id, status: 'OK' }])
    await assert.rejects(side.get(id), /404/)
  })
report()
