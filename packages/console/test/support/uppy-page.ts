// Uppy as a page on another origin has it: every operation of its core that concerns uploads, by @uppy/tus.
import Uppy, { type UppyFile } from '@uppy/core'
import Tus from '@uppy/tus'

/** What came of one operation, as the page of what works has it. */
export interface UppyStep {
  readonly operation: string
  readonly outcome: 'works' | 'fails'
  readonly detail?: string
}

/** Where it goes, with which key. */
interface To {
  readonly api: string
  readonly jwt: string
}

type Body = Record<string, unknown>
type Sent = UppyFile<Record<string, unknown>, Body>

/** Does all of them, one after another. */
async function runUppy(to: To): Promise<UppyStep[]> {
  const results: UppyStep[] = []
  for (const [operation, work] of Object.entries(operations)) {
    try {
      await within(60_000, work(to))
      results.push({ operation, outcome: 'works' })
    } catch (error) {
      results.push({ operation, outcome: 'fails', detail: String(error).slice(0, 300) })
    }
  }
  return results
}

/** So much that it can be paused while its one chunk is sent. */
const large = 24_000_000

const operations: Record<string, (to: To) => Promise<void>> = {
  async 'addFile, upload'(to) {
    const uppy = open(to)
    add(uppy, 'one.bin', 70_000)
    await check(to, await upload(uppy), { name: 'one.bin', size: 70_000 })
  },
  async 'upload, autoProceed'(to) {
    const uppy = open(to, {}, { autoProceed: true })
    const sent = succeeded(uppy)
    add(uppy, 'at-once.bin', 1_000)
    await check(to, await sent, { name: 'at-once.bin', size: 1_000 })
  },
  async 'upload, chunkSize'(to) {
    const uppy = open(to, { chunkSize: 250_000 })
    add(uppy, 'chunks.bin', 1_000_001)
    await check(to, await upload(uppy), { name: 'chunks.bin', size: 1_000_001 })
  },
  async 'upload, several files, limit'(to) {
    const uppy = open(to, { limit: 2 })
    for (let i = 0; i < 4; i++) add(uppy, `${i}.bin`, 10_000 + i)
    const { successful = [] } = (await uppy.upload()) ?? {}
    if (successful.length !== 4) throw new Error(`${successful.length} of 4 files were uploaded`)
  },
  async 'upload, an empty file'(to) {
    const uppy = open(to)
    add(uppy, 'empty.bin', 0)
    await check(to, await upload(uppy), { name: 'empty.bin', size: 0 })
  },
  async 'upload, uploadDataDuringCreation'(to) {
    const uppy = open(to, { uploadDataDuringCreation: true })
    add(uppy, 'during.bin', 50_000)
    await check(to, await upload(uppy), { name: 'during.bin', size: 50_000 })
  },
  async 'setMeta, allowedMetaFields'(to) {
    const uppy = open(to, { allowedMetaFields: ['name', 'type', 'network', 'keyvalues'] })
    uppy.setMeta({ network: 'public', keyvalues: '{"by":"uppy"}' })
    add(uppy, 'meta.bin', 5_000)
    const [sent] = (await uppy.upload())?.successful ?? []
    const { data } = await ask(to, `/v3/files/public/${idOf(sent)}`)
    if (data.keyvalues.by !== 'uppy') throw new Error(`it has ${JSON.stringify(data.keyvalues)}`)
  },
  async 'upload, overridePatchMethod'(to) {
    const uppy = open(to, { overridePatchMethod: true })
    add(uppy, 'posted.bin', 30_000)
    await check(to, await upload(uppy), { name: 'posted.bin', size: 30_000 })
  },
  async 'upload-progress'(to) {
    const uppy = open(to, { chunkSize: 100_000 })
    const told: number[] = []
    uppy.on('upload-progress', (_, { bytesUploaded }) => void told.push(bytesUploaded))
    add(uppy, 'told.bin', 400_000)
    await upload(uppy)
    if (told.at(-1) !== 400_000) throw new Error(`told of ${told.join(', ')}`)
  },
  async pauseResume(to) {
    const uppy = open(to)
    const id = add(uppy, 'paused.bin', large)
    const begun = moved(uppy)
    const done = succeeded(uppy)
    void uppy.upload()
    await begun
    uppy.pauseResume(id)
    await stands(to, uppy.getFile(id))
    uppy.pauseResume(id)
    await check(to, await done, { name: 'paused.bin', size: large })
  },
  async 'pauseAll, resumeAll'(to) {
    const uppy = open(to)
    const id = add(uppy, 'all.bin', large)
    const begun = moved(uppy)
    const done = succeeded(uppy)
    void uppy.upload()
    await begun
    uppy.pauseAll()
    await stands(to, uppy.getFile(id))
    uppy.resumeAll()
    await check(to, await done, { name: 'all.bin', size: large })
  },
  async 'retryUpload, after a refusal in words'(to) {
    const uppy = open({ ...to, jwt: 'not.a.key' })
    const id = add(uppy, 'again.bin', 20_000)
    const { failed = [] } = (await uppy.upload()) ?? {}
    if (!String(failed[0]?.error).includes('INVALID_CREDENTIALS')) throw new Error(String(failed[0]?.error))
    uppy.getPlugin('Tus')?.setOptions({ headers: { authorization: `Bearer ${to.jwt}` } })
    const [sent] = (await uppy.retryUpload(id))?.successful ?? []
    await check(to, sent, { name: 'again.bin', size: 20_000 })
  },
  async 'removeFile, ends the upload'(to) {
    const uppy = open(to, { chunkSize: 50_000 })
    const id = add(uppy, 'removed.bin', 5_000_000)
    const begun = moved(uppy)
    void uppy.upload()
    await begun
    const address = uploadUrlOf(uppy.getFile(id))
    uppy.removeFile(id)
    await gone(to, address)
  },
  async 'cancelAll, ends the uploads'(to) {
    const uppy = open(to, { chunkSize: 50_000 })
    const id = add(uppy, 'cancelled.bin', 5_000_000)
    const begun = moved(uppy)
    void uppy.upload()
    await begun
    const address = uploadUrlOf(uppy.getFile(id))
    uppy.cancelAll()
    await gone(to, address)
  },
}

function open({ api, jwt }: To, options: object = {}, more: object = {}): Uppy<Record<string, unknown>, Body> {
  return new Uppy<Record<string, unknown>, Body>(more).use(Tus, {
    endpoint: `${api}/v3/files`,
    headers: { authorization: `Bearer ${jwt}` },
    retryDelays: [],
    ...options,
  })
}

function add(uppy: ReturnType<typeof open>, name: string, size: number): string {
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
  return uppy.addFile({ name, type: 'application/octet-stream', data: new Blob([bytes]) })
}

async function upload(uppy: ReturnType<typeof open>): Promise<Sent | undefined> {
  const { successful = [], failed = [] } = (await uppy.upload()) ?? {}
  if (failed.length > 0) throw new Error(String(failed[0]?.error))
  return successful[0]
}

function succeeded(uppy: ReturnType<typeof open>): Promise<Sent | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Sent | undefined>()
  uppy.once('upload-success', (file) => resolve(file))
  uppy.once('upload-error', (_, error) => reject(new Error(error.message)))
  return promise
}

/**
 * Resolves when bytes have gone. Progress is told of before the first of them is sent too, and Chromium drops the headers
 * of a request that is ended between being opened and being sent.
 */
function moved(uppy: ReturnType<typeof open>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  uppy.on('upload-progress', (_, { bytesUploaded }) => {
    if (bytesUploaded > 0) resolve()
  })
  uppy.once('upload-error', (_, error) => reject(new Error(error.message)))
  return promise
}

async function check(to: To, sent: Sent | undefined, expected: { name: string; size: number }): Promise<void> {
  const { data } = await ask(to, `/v3/files/private/${idOf(sent)}`)
  if (data.name === expected.name && data.size === expected.size) return
  throw new Error(`the file is ${JSON.stringify(data)}`)
}

/** The address that the upload was given; its last part but one is the id of the file. */
function uploadUrlOf(file: unknown): string {
  const { tus, response } = file as { tus?: { uploadUrl?: string }; response?: { uploadURL?: string } } // what the plugin keeps
  return response?.uploadURL ?? tus?.uploadUrl ?? ''
}

function idOf(file: unknown): string {
  return uploadUrlOf(file).split('/').at(-2) ?? ''
}

// oxlint-disable-next-line no-explicit-any -- answers of several shapes
async function ask({ api, jwt }: To, path: string): Promise<any> {
  return (await fetch(`${api}${path}`, { headers: { authorization: `Bearer ${jwt}` } })).json()
}

/** Answered once no request brings bytes any more. */
async function stands({ jwt }: To, file: unknown): Promise<void> {
  const { ok } = await fetch(uploadUrlOf(file), { method: 'HEAD', headers: { authorization: `Bearer ${jwt}` } })
  if (!ok) throw new Error('the paused upload is not there')
}

async function gone({ jwt }: To, address: string): Promise<void> {
  for (;;) {
    const { status } = await fetch(address, { headers: { authorization: `Bearer ${jwt}` } })
    if (status === 404) return
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms))
  return Promise.race([promise, late])
}

Object.assign(globalThis, { runUppy })
