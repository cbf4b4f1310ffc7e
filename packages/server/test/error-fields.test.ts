import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'

let app: TestApp
let key: KeyValues
beforeAll(async () => {
  app = await startTestApp()
  key = await app.setUp()
})
afterAll(() => app.close())

const half = '\ud800'
const long = 'x'.repeat(2_000)

async function refusalOf(method: string, path: string, ask: Parameters<TestApp['ask']>[2]): Promise<string> {
  const { status, body } = await app.ask(method, path, { key, ...ask })
  expect(status, JSON.stringify(body)).toBe(400)
  return body.error.details ?? body.error.message
}

function formOf(fields: Record<string, string>): FormData {
  const form = new FormData()
  form.set('file', new Blob(['x']), 'x.txt')
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return form
}

it.each([
  ['pinataMetadata', { name: 5 }, 'pinataMetadata.name: '],
  ['pinataMetadata', { name: half }, 'pinataMetadata.name: '],
  ['pinataMetadata', { keyvalues: { k: {} } }, 'pinataMetadata.keyvalues.k: must be well-formed text'],
  ['pinataMetadata', { keyvalues: { k: 'a\0b' } }, 'pinataMetadata.keyvalues.k: must be well-formed text'],
  ['pinataMetadata', [], 'pinataMetadata: '],
  ['pinataOptions', { cidVersion: 2 }, 'pinataOptions.cidVersion: must be one of 0, 1'],
  ['pinataOptions', { groupId: 'a\0b' }, 'pinataOptions.groupId: must be well-formed Unicode without NUL'],
])('names what is wrong in %s %j of a form and of JSON', async (field, value, words) => {
  const form = formOf({ [field]: JSON.stringify(value) })
  expect(await refusalOf('POST', '/pinning/pinFileToIPFS', { form })).toContain(words)
  const json = { pinataContent: {}, [field]: value }
  expect(await refusalOf('POST', '/pinning/pinJSONToIPFS', { json })).toContain(words)
})

it.each([
  ['keyvalues', '{"k":{}}', 'keyvalues.k: must be well-formed text'],
  ['keyvalues', '{"keyvalues":{"k":[]}}', 'keyvalues.k: '],
  ['keyvalues', '{"\\ud800":"x"}', 'keyvalues.'],
  ['keyvalues', '[', 'keyvalues: It is not valid JSON'],
  ['keyvalues', '7', 'keyvalues: '],
  ['name', long, 'name: must be at most 1024'],
  ['expires_at', 'soon', 'expires_at: must be a time in whole seconds since 1970'],
  ['expires_at', '5', 'expires_at: must be in the future'],
  ['network', 'secret', 'network: must be one of public, private'],
])('names what is wrong in %s=%s of a v3 form', async (field, value, words) => {
  expect(await refusalOf('POST', '/v3/files', { form: formOf({ [field]: value }) })).toContain(words)
})

it.each<[string, string, unknown, string]>([
  ['GET', '/v3/files/public?name=a%00b', undefined, 'name: must be well-formed Unicode without NUL'],
  ['GET', '/v3/files/public?group=a%00b', undefined, 'group: '],
  ['GET', '/v3/files/public?mimeType=%00', undefined, 'mimeType: '],
  ['GET', '/data/pinList?metadata[name]=%00', undefined, 'metadata[name]: '],
  ['GET', '/data/pinList?metadata[keyvalues][k]=%00', undefined, 'metadata[keyvalues][k]: '],
  ['GET', '/pinyon/v1/keys?name=%00', undefined, 'name: '],
  ['GET', '/pinyon/v1/audit?action=%00', undefined, 'action: '],
  ['DELETE', '/pinyon/v1/members/a%00b', undefined, 'userId: '],
  ['PATCH', '/pinyon/v1/account', { name: `a${half}` }, 'name: '],
  ['POST', '/v3/pinata/keys', { keyName: 'a\0', permissions: { admin: true } }, 'keyName: '],
  ['POST', '/v3/pinata/keys', { keyName: 'k' }, 'permissions: is missing'],
  [
    'POST',
    '/v3/pinata/keys',
    { keyName: 'k', expiresIn: 1e12, permissions: {} },
    'expiresIn: must be at most 3153600000',
  ],
  ['GET', '/data/pinList?status=gone', undefined, 'status: must be one of all, pinned, unpinned'],
  ['POST', '/pinyon/v1/sessions', { email: 'a@b', password: `a${half}` }, 'password: must be well-formed Unicode'],
  ['PUT', '/pinning/hashMetadata', { ipfsPinHash: 'bafkqaaa', keyvalues: { k: half } }, 'keyvalues.k: '],
])('names the field and what is wrong with it: %s %s %j', async (method, path, json, words) => {
  expect(await refusalOf(method, path, { json })).toContain(words)
})

it('keeps any text that JSON can carry when it is content', async () => {
  const json = { pinataContent: { a: 'a\0b', [half]: half } }
  expect((await app.ask('POST', '/pinning/pinJSONToIPFS', { key, json })).status).toBe(200)
})
