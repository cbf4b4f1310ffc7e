// npm tus-js-client, against the address at which the SDKs begin their large uploads too.
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { FileUrlStorage, Upload } from 'tus-js-client'
import { assert, refusedStep, report, step, within } from './steps.mjs'

const api = process.env.PINYON_API
const headers = { authorization: `Bearer ${process.env.PINATA_JWT}` }
const addresses = join(import.meta.dirname, 'addresses.json')
const bytes = randomBytes(3_000_001)
const urlStorage = new FileUrlStorage(addresses)

const open = (content, options = {}) => {
  const { promise, resolve, reject } = Promise.withResolvers()
  const upload = new Upload(content, {
    endpoint: `${api}/v3/files`,
    headers,
    metadata: { filename: 'pines.bin', network: 'private' },
    chunkSize: 500_000,
    onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader('upload-cid')),
    onError: reject,
    ...options,
  })
  // Waited for only by who asks: an upload that is given up never comes to its CID.
  const cid = () => within(60_000, promise)
  return { upload, cid }
}
function* piecesOf(whole) {
  for (let at = 0; at < whole.length; at += 65_536) yield whole.subarray(at, at + 65_536)
}
const send = async (content, options) => {
  const { upload, cid } = open(content, options)
  upload.start()
  const made = await cid()
  assert.match(made, /^ba/)
  const id = upload.url.split('/').at(-2)
  const { data } = await (await fetch(`${api}/v3/files/private/${id}`, { headers })).json()
  assert.deepEqual([data.cid, data.size, data.name], [made, bytes.length, 'pines.bin'])
}

await step('Upload.start', () => send(bytes))
await step('Upload.start, chunkSize: Infinity', () => send(bytes, { chunkSize: Infinity }))
await step('Upload.start, uploadDataDuringCreation', () => send(bytes, { uploadDataDuringCreation: true }))
await step('Upload.start, of a file', async () => {
  const path = join(import.meta.dirname, 'pines.bin')
  await writeFile(path, bytes)
  await send(createReadStream(path))
})
await step('Upload.start, uploadLengthDeferred', () =>
  send(Readable.from(piecesOf(bytes)), { uploadLengthDeferred: true }),
)
await step('Upload.start, addRequestId', () => send(bytes, { addRequestId: true }))
const stopped = Promise.withResolvers()
const first = open(bytes, {
  urlStorage,
  onChunkComplete: () => void first.upload.abort().then(stopped.resolve, stopped.reject),
})
await step('Upload.abort', () => {
  first.upload.start()
  return within(20_000, stopped.promise)
})
const second = open(bytes, { urlStorage })
const kept = await step('findPreviousUploads', async () => {
  const found = await second.upload.findPreviousUploads()
  assert.equal(found.length, 1)
  return found[0]
})
await step('resumeFromPreviousUpload', async () => {
  second.upload.resumeFromPreviousUpload(kept)
  second.upload.start()
  assert.match(await second.cid(), /^ba/)
})
await step('Upload.abort(true)', async () => {
  const gone = Promise.withResolvers()
  const third = open(bytes, { onChunkComplete: () => void third.upload.abort(true).then(gone.resolve, gone.reject) })
  third.upload.start()
  await within(20_000, gone.promise)
  assert.equal((await fetch(third.upload.url, { method: 'HEAD', headers })).status, 404)
})
await step('Upload.terminate', async () => {
  const begun = await fetch(`${api}/v3/files`, { method: 'POST', headers: { ...headers, 'upload-length': '5' } })
  await Upload.terminate(begun.headers.get('location'), { headers })
})
await refusedStep('Upload.start, parallelUploads', () => send(bytes, { parallelUploads: 2, retryDelays: null }), {
  status: 400,
  why: '400, in words: uploads in parts are not taken, one upload is sent',
})
report()
