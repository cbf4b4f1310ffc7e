import type { Action } from './action.ts'
import { blobOf, drawBytes, drawFolder, factsOf } from './content.ts'
import type { Driver } from './driver.ts'
import { certain, type Thing } from './history.ts'
import { anyAccount, newFile, uploaded } from './uploads.ts'

/** Uploads that are several requests, and go on after a crash. */
export const resumable: readonly Action[] = [
  { covers: ['filesUpload'], weight: 2, run: (driver) => begin(driver) },
  { covers: ['uploadsAppend'], weight: 8, run: append },
  { covers: ['uploadsEnd', 'linkUploadsEnd'], weight: 1, run: giveUp },
  { covers: ['filesSign', 'filesUploadByLink'], weight: 2, run: byLink },
  { covers: ['filesSign', 'filesUploadByLink', 'linkUploadsAppend'], weight: 1, run: beginByLink },
  { covers: ['folderUploadsCreate', 'folderUploadsFiles', 'folderUploadsFinish'], weight: 2, run: sendFolder },
  { covers: ['folderUploadsCreate', 'folderUploadsEnd'], weight: 1, run: giveUpFolder },
]

const tus = { 'tus-resumable': '1.0.0' }

function metadataOf(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',')
}

/** Where an address leads on whichever port the server is now. */
function pathOf(address: string): string {
  const { pathname, search } = new URL(address)
  return `${pathname}${search}`
}

/** Bytes of an upload that is not over are held in memory: they are sent again. */
const bytesOf = new WeakMap<Thing, Buffer>()

async function begin(driver: Driver, link?: { path: string; account: number; network: string }): Promise<void> {
  if (openUploads(driver).length > 12) return
  const account = link?.account ?? anyAccount(driver)
  const network = link?.network ?? driver.random.pick(['public', 'private'])
  const bytes = drawBytes(driver.random)
  const name = `upload-${driver.random.hex(12)}`
  const thing = driver.history.add({ kind: 'upload', account, name, facts: { network, sizeBytes: bytes.length } })
  bytesOf.set(thing, bytes)
  const metadata = metadataOf({ filename: name, network })
  const answer = await driver.change(
    thing,
    { offset: 0 },
    {
      method: 'POST',
      path: link?.path ?? '/v3/files',
      headers: { ...tus, 'upload-length': String(bytes.length), 'upload-metadata': metadata },
      ...(link === undefined ? {} : { as: 'none' }),
    },
    [201],
  )
  if (answer === undefined) return
  thing.facts.path = pathOf(answer.headers.get('location') ?? '')
  thing.facts.by = link === undefined ? 'key' : 'link'
  thing.id = thing.facts.path.split('/').at(3)
}

function openUploads({ history }: Driver): Thing[] {
  return history.settled('upload', ({ facts }, { offset }) => facts.path !== undefined && offset !== undefined)
}

/** Sends the next chunk, or all that is left. The last answer makes a file. */
async function append(driver: Driver): Promise<void> {
  const open = openUploads(driver)
  if (open.length === 0) return
  const upload = driver.random.pick(open)
  const bytes = bytesOf.get(upload)
  const offset = Number(certain(upload)?.['offset'])
  if (bytes === undefined || Number.isNaN(offset)) return
  const left = bytes.length - offset
  const length = driver.random.below(3) === 0 ? left : 1 + driver.random.below(left)
  const isLast = length === left
  const file = isLast
    ? newFile(driver, { parts: [{ path: '', bytes }], account: upload.account, id: upload.id! })
    : undefined // set with its path
  const name = { name: upload.name }
  const before = file === undefined ? undefined : file.possible
  const state = uploaded(name, { network: upload.facts.network ?? '' })
  if (file !== undefined) file.possible = ['absent', state]
  const answer = await driver.change(
    upload,
    isLast ? { done: true } : { offset: offset + length },
    {
      method: 'PATCH',
      path: upload.facts.path ?? '',
      headers: { ...tus, 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
      body: bytes.subarray(offset, offset + length),
      ...(upload.facts.by === 'link' ? { as: 'none' } : {}),
    },
    [204],
  )
  if (file === undefined) return
  upload.facts.file = file
  if (answer !== undefined) {
    file.possible = [state]
    file.facts.cid = answer.headers.get('upload-cid') ?? undefined
  } else if (certain(upload) !== undefined) file.possible = before ?? ['absent']
}

async function giveUp(driver: Driver): Promise<void> {
  const open = openUploads(driver)
  if (open.length < 4) return
  const upload = driver.random.pick(open)
  const as = upload.facts.by === 'link' ? ({ as: 'none' } as const) : {}
  const ask = { method: 'DELETE', path: upload.facts.path ?? '', headers: tus, ...as }
  if ((await driver.change(upload, 'absent', ask, [204])) !== undefined) bytesOf.delete(upload)
}

async function signUpload(driver: Driver, json: object): Promise<{ path: string; account: number } | undefined> {
  const account = anyAccount(driver)
  const ask = { method: 'POST', path: '/v3/files/sign', json: { expires: 30 * 86_400, ...json }, as: account }
  const answer = await driver.ask(ask)
  if (answer === undefined || !driver.accepts(ask, answer)) return undefined
  return { path: pathOf(answer.body.data), account }
}

async function byLink(driver: Driver): Promise<void> {
  const network = driver.random.pick(['public', 'private'])
  const link = await signUpload(driver, { network })
  if (link === undefined) return
  const parts = [{ path: '', bytes: drawBytes(driver.random) }]
  // The id of the link is that of its file.
  const id = link.path.split(/[/?]/).at(3)
  const file = newFile(driver, { parts, account: link.account, ...(id === undefined ? {} : { id }) })
  const form = new FormData()
  form.append('name', file.name)
  form.append('file', blobOf(parts[0]!.bytes), 'one.bin') // the one part above
  const ask = { method: 'POST', path: link.path, form, as: 'none' } as const
  const answer = await driver.change(file, uploaded(file, { network }), ask)
  if (answer !== undefined) file.facts.cid = answer.body.data.cid
}

async function beginByLink(driver: Driver): Promise<void> {
  const network = driver.random.pick(['public', 'private'])
  const link = await signUpload(driver, { network })
  if (link !== undefined) await begin(driver, { ...link, network })
}

async function createFolder(driver: Driver, parts: ReturnType<typeof drawFolder>, network: string) {
  const account = anyAccount(driver)
  const name = `folder-${driver.random.hex(12)}`
  const thing = driver.history.add({ kind: 'folder-upload', account, name })
  const files = parts.map(({ path, bytes }) => ({ path, size: bytes.length }))
  const ask = { method: 'POST', path: '/pinyon/v1/folder-uploads', json: { name, network, files } }
  const answer = await driver.change(thing, { open: true }, ask)
  if (answer === undefined) return undefined
  thing.id = answer.body.id
  return thing
}

async function sendFolder(driver: Driver): Promise<void> {
  const parts = drawFolder(driver.random)
  const network = driver.random.pick(['public', 'private'])
  const upload = await createFolder(driver, parts, network)
  if (upload === undefined) return
  const { id, account } = upload
  for (const half of [parts.slice(0, 1), parts.slice(1)]) {
    const form = new FormData()
    for (const { path, bytes } of half) form.append('file', blobOf(bytes), path)
    const ask = { method: 'POST', path: `/pinyon/v1/folder-uploads/${id}/files`, form, as: account }
    const answer = await driver.ask(ask)
    if (answer === undefined || !driver.accepts(ask, answer)) return
  }
  const state = uploaded(upload, { network })
  const file = driver.history.add({ kind: 'file', account, name: upload.name, id, facts: { parts: factsOf(parts) } })
  file.possible = ['absent', state]
  const ask = { method: 'POST', path: `/pinyon/v1/folder-uploads/${id}/finish` }
  const answer = await driver.change(upload, { open: false }, ask)
  if (answer !== undefined) {
    file.possible = [state]
    file.facts.cid = answer.body.cid
  } else if (certain(upload) !== undefined) file.possible = ['absent']
}

async function giveUpFolder(driver: Driver): Promise<void> {
  const upload = await createFolder(driver, drawFolder(driver.random), 'private')
  if (upload === undefined) return
  const ask = { method: 'DELETE', path: `/pinyon/v1/folder-uploads/${upload.id}` }
  await driver.change(upload, 'absent', ask, [200, 204])
}
