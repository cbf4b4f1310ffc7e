import { formatCid } from '../../../src/ipfs/cid.ts'
import { MemoryBlocks } from '../../../src/ipfs/memory-blocks.ts'
import { collectBytes, putDirectory, putRaw } from '../../../src/ipfs/sample-dags.ts'
import { writeCar } from '../../../src/ipfs/write-car.ts'
import { sendRequest, type Answered, type Ask } from '../app.ts'
import { formBytes, formType } from '../upload.ts'
import type { MalformedWorld } from './valid-request.ts'

/** Where the requests go. */
export interface MalformedPlace {
  readonly apiUrl: string
  readonly gatewayUrl: string
  /** The first key of the installation. */
  readonly key: MalformedWorld['key']
  readonly email: string
  readonly password: string
  /** Of this world, where there are several; what it makes carries it. */
  readonly name?: string
}

/** Makes, by requests alone, one of each thing that a path can name. Throws when one of them is refused. */
export async function makeMalformedWorld(place: MalformedPlace): Promise<MalformedWorld> {
  const { apiUrl, gatewayUrl, key, name = 'world' } = place
  const ask = async (method: string, path: string, ask: Ask): Promise<Answered> => {
    // On a connection of its own: one kept from the world before was idle for as long as its requests took, and a server
    // that stood still meanwhile ends it on waking, before it reads what came.
    const headers = { connection: 'close', ...ask.headers }
    const answer = await sendRequest(`${apiUrl}${path}`, method, { ...ask, headers })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer
  }
  const post = async (path: string, json: unknown) => (await ask('POST', path, { key: key.JWT, json })).body
  const put = async (network: string, content: string) => {
    const form = formBytes([
      ['network', network],
      ['file', content, 'a.txt'],
    ])
    const headers = { 'content-type': formType }
    return (await ask('POST', '/v3/files', { key: key.JWT, body: new Uint8Array(form), headers })).body.data
  }
  const blocks = new MemoryBlocks()
  const root = putDirectory(blocks, { a: putRaw(blocks, 'in the car') })
  const files = [await put('public', `shown in ${name}`), await put('private', `held in ${name}`)]
  const group = await post('/v3/groups/private', { name: 'malformed' })
  const account = await post('/pinyon/v1/accounts', { name, email: `${name}@example.test` })
  await post('/v3/pinata/keys', { keyName: 'spare', permissions: { admin: true } })
  const { keys } = (await ask('GET', '/pinyon/v1/keys?limit=1', { key: key.JWT })).body
  const folder = await post('/pinyon/v1/folder-uploads', {
    name: 'folder',
    network: 'private',
    files: [{ path: 'a', size: 1 }],
  })
  const begun = await ask('POST', '/v3/files', {
    key: key.JWT,
    headers: { 'tus-resumable': '1.0.0', 'upload-length': '1000000' },
  })
  const upload = new URL(String(begun.headers.get('location'))).pathname.split('/').at(-2)
  const signedIn = await ask('POST', '/pinyon/v1/sessions', { json: { email: place.email, password: place.password } })
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return {
    apiUrl,
    gatewayUrl,
    key,
    session: { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' },
    ids: [
      ...files.map(({ id }) => String(id)),
      String(group.data.id),
      String(account.account.id),
      String(keys[0].id),
      String(folder.id ?? folder.data?.id),
      String(upload),
    ],
    cids: [
      ...files.map(({ cid }) => String(cid)),
      formatCid(root),
      'bafkqaaa',
      'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
    ],
    car: await collectBytes(writeCar(blocks, root, { scope: 'all' })),
  }
}
