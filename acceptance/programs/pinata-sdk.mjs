// A program written for Pinata with the official SDK (npm `pinata`). Only its configuration names another host.
import { readFile } from 'node:fs/promises'
import { PinataSDK } from 'pinata'

const pinata = new PinataSDK({
  pinataJwt: process.env.PINATA_JWT,
  pinataGateway: process.env.PINYON_GATEWAY,
  endpointUrl: `${process.env.PINYON_API}/v3`,
  uploadUrl: `${process.env.PINYON_API}/v3`,
  legacyUploadUrl: `${process.env.PINYON_API}/pinning/pinFileToIPFS`,
})

const results = {}
/** Runs a step and keeps what came of it: the answer, or the words of the refusal. */
async function step(name, work) {
  try {
    results[name] = { ok: await work() }
  } catch (error) {
    results[name] = { error: error.name, status: error.statusCode, message: error.message }
  }
}

const photo = new File([await readFile(new URL('pines.jpg', import.meta.url))], 'pines.jpg', { type: 'image/jpeg' })
const folder = [new File(['<h1>pines</h1>'], 'index.html'), new File(['body { }'], 'style.css')]

await step('testAuthentication', () => pinata.testAuthentication())
await step('uploadPublic', () => pinata.upload.public.file(photo).name('pines').keyvalues({ tree: 'pine' }))
await step('uploadPrivate', () => pinata.upload.private.file(photo))
await step('uploadJson', () => pinata.upload.public.json({ name: 'Pinyon', edible: true }))
await step('uploadBase64', () => pinata.upload.public.base64(Buffer.from('pine nuts').toString('base64')))
await step('uploadFolder', () => pinata.upload.public.fileArray(folder))
await step('list', () => pinata.files.public.list().limit(10))
await step('listByKeyvalue', () => pinata.files.public.list().keyvalues({ tree: 'pine' }))
await step('listPrivate', () => pinata.files.private.list())
const id = results.uploadPublic.ok?.id ?? process.env.FILE_ID
await step('get', () => pinata.files.public.get(id))
await step('update', () => pinata.files.public.update({ id, name: 'renamed', keyvalues: { tree: 'pinyon' } }))
await step('iterate', async () => {
  const names = []
  for await (const file of pinata.files.public.list().limit(2)) names.push(file.name)
  return names
})
await step('keyCreate', () =>
  pinata.keys.create({
    keyName: 'made by the SDK',
    permissions: { endpoints: { pinning: { pinFileToIPFS: true } } },
    maxUses: 2,
  }),
)
await step('keyList', () => pinata.keys.list().name('made by'))
await step('keyRevoke', () => pinata.keys.revoke([results.keyCreate.ok?.pinata_api_key ?? 'none']))
await step('delete', () => pinata.files.public.delete([id]))
await step('getDeleted', () => pinata.files.public.get(id))
console.log(JSON.stringify(results))
