// npm @pinata/sdk, whose host is compiled in; run under `./pinyon run`. Every operation it has.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { absentCid, assert, report, step } from './steps.mjs'

const PinataSDK = createRequire(import.meta.url)('@pinata/sdk')
const { PINATA_JWT, PINATA_API_KEY, PINATA_API_SECRET } = process.env
const pinata = new PinataSDK({ pinataJWTKey: PINATA_JWT })

await step('testAuthentication', async () =>
  assert.deepEqual(await pinata.testAuthentication(), { authenticated: true }),
)
await step('testAuthentication, by key and secret', async () => {
  const byPair = new PinataSDK(PINATA_API_KEY, PINATA_API_SECRET)
  assert.deepEqual(await byPair.testAuthentication(), { authenticated: true })
})
const file = await step('pinFileToIPFS', async () => {
  const made = await pinata.pinFileToIPFS(Readable.from([Buffer.from('legacy')]), {
    pinataMetadata: { name: 'legacy.txt', keyvalues: { tree: 'pine', height: 12 } },
    pinataOptions: { cidVersion: 1 },
  })
  assert.equal(made.PinSize, 6)
  return made
})
await step('pinFromFS', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'folder-'))
  await writeFile(join(dir, 'index.html'), '<h1>')
  await writeFile(join(dir, 'b.css'), 'b')
  const made = await pinata.pinFromFS(dir, { pinataMetadata: { name: 'site' } })
  assert.match(made.IpfsHash, /^Qm/)
  await rm(dir, { recursive: true })
})
await step('pinJSONToIPFS', async () => {
  assert.match((await pinata.pinJSONToIPFS({ bare: true })).IpfsHash, /^Qm/)
  const named = await pinata.pinJSONToIPFS({ a: 1 }, { pinataMetadata: { name: 'a.json' } })
  assert.equal((await pinata.pinList({ hashContains: named.IpfsHash })).rows[0].metadata.name, 'a.json')
})
const absent = absentCid()
await step('pinByHash', async () => {
  const job = await pinata.pinByHash(absent, { pinataMetadata: { name: 'waits' } })
  assert.deepEqual([job.ipfsHash, job.name], [absent, 'waits'])
})
await step('pinJobs', async () =>
  assert.deepEqual(
    (await pinata.pinJobs({ ipfs_pin_hash: absent })).rows.map((row) => row.name),
    ['waits'],
  ),
)
await step('pinList', async () => {
  const metadata = { keyvalues: { height: { value: 10, secondValue: 20, op: 'between' } } }
  const { rows } = await pinata.pinList({ status: 'pinned', pageLimit: 10, metadata })
  assert.deepEqual(
    rows.map((row) => row.ipfs_pin_hash),
    [file.IpfsHash],
  )
})
await step('getFilesByCount', async () => {
  const names = []
  for await (const row of pinata.getFilesByCount({ status: 'pinned' }, 3)) names.push(row.metadata.name)
  assert.equal(names.length, 3)
})
await step('hashMetadata', async () => {
  assert.equal(await pinata.hashMetadata(file.IpfsHash, { name: 'renamed', keyvalues: { tree: 'fir' } }), 'OK')
  assert.equal((await pinata.pinList({ hashContains: file.IpfsHash })).rows[0].metadata.name, 'renamed')
})
await step('userPinnedDataTotal', async () => assert.ok((await pinata.userPinnedDataTotal()).pin_count >= 4))
await step('unpin', async () => {
  assert.equal(await pinata.unpin(file.IpfsHash), 'OK')
  assert.deepEqual((await pinata.pinList({ status: 'pinned', hashContains: file.IpfsHash })).rows, [])
})
report()
