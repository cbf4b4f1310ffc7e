import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from './support/run.ts'
import { removeData, setUp, startServer, type KeyValues, type TestServer } from './support/server.ts'

const program = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url))
const redirect = fileURLToPath(new URL('support/redirect-hosts.cjs', import.meta.url))
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

type Steps = Record<string, { ok?: any; error?: string; status?: number; message?: string; details?: string }> // oxlint-disable-line no-explicit-any -- the shapes are the SDKs' own

let server: TestServer
let key: KeyValues

beforeAll(async () => {
  server = await startServer()
  key = await setUp(server)
})

afterAll(async () => {
  await server.stop()
  await removeData(server)
})

/** Makes a key by Pinata's route. */
async function makeKey(permissions: unknown): Promise<KeyValues> {
  const answer = await fetch(`${server.apiUrl}/v3/pinata/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.JWT}`, 'content-type': 'application/json' },
    body: JSON.stringify({ keyName: 'limited', permissions }),
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as KeyValues // the shape is what the programs go on to use
}

async function runSdk(credentials: KeyValues, env: Record<string, string> = {}): Promise<Steps> {
  const ran = await run(process.execPath, [program('pinata-sdk.mjs')], {
    env: { PINYON_API: server.apiUrl, PINYON_GATEWAY: server.gatewayUrl, PINATA_JWT: credentials.JWT, ...env },
  })
  expect(ran.code, ran.stderr).toBe(0)
  return JSON.parse(ran.stdout) as Steps // printed by the program
}

async function runLegacySdk(credentials: KeyValues, env: Record<string, string> = {}): Promise<Steps> {
  const ran = await run(process.execPath, ['--require', redirect, program('legacy-sdk.cjs')], {
    env: {
      PINYON_API: server.apiUrl,
      PINYON_GATEWAY: server.gatewayUrl,
      PINATA_JWT: credentials.JWT,
      PINATA_API_KEY: credentials.pinata_api_key,
      PINATA_API_SECRET: credentials.pinata_api_secret,
      ...(env['FORM'] === 'headers' ? { PINATA_JWT: '' } : {}),
      ...env,
    },
  })
  expect(ran.code, ran.stderr).toBe(0)
  return JSON.parse(ran.stdout) as Steps // printed by the program
}

describe('npm pinata 2.5.6', () => {
  it('does everything it does at Pinata, and the gateway gives the photograph back byte for byte', async () => {
    const steps = await runSdk(key)
    for (const [name, step] of Object.entries(steps))
      if (name !== 'getDeleted') expect(step.error, `${name}: ${step.message}`).toBeUndefined()
    expect(steps['uploadPublic']?.ok).toMatchObject({
      name: 'pines',
      mime_type: 'image/jpeg',
      number_of_files: 1,
      network: 'public',
      keyvalues: { tree: 'pine' },
    })
    expect(steps['uploadFolder']?.ok).toMatchObject({ mime_type: 'directory', number_of_files: 2 })
    expect(steps['listByKeyvalue']?.ok.files).toHaveLength(1)
    expect(steps['listPrivate']?.ok.files).toHaveLength(1)
    expect(steps['update']?.ok).toMatchObject({ name: 'renamed', keyvalues: { tree: 'pinyon' } })
    expect(steps['iterate']?.ok).toHaveLength(4)
    expect(steps['keyList']?.ok).toHaveLength(1)
    expect(steps['keyRevoke']?.ok[0].status).toBe('Revoked')
    expect(steps['delete']?.ok[0].status).toBe('OK')
    expect(steps['getDeleted']).toMatchObject({ error: 'NetworkError', status: 404 })

    const folder = steps['uploadFolder']?.ok.cid as string
    const page = await fetch(`${server.gatewayUrl}/ipfs/${folder}/`)
    expect(await page.text()).toBe('<h1>pines</h1>')
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
  })

  it('reads the photograph back over the gateway while it is pinned', async () => {
    const steps = await runSdk(key)
    const again = await fetch(`${server.apiUrl}/v3/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.JWT}` },
      body: await photoForm(),
    })
    const { data } = (await again.json()) as { data: { cid: string } }
    expect(data.cid).toBe(steps['uploadPublic']?.ok.cid)
    const got = await fetch(`${server.gatewayUrl}/ipfs/${data.cid}`)
    expect(got.headers.get('content-type')).toBe('image/jpeg')
    expect(digest(new Uint8Array(await got.arrayBuffer()))).toBe(digest(await readFile(program('pines.jpg'))))
  })

  it('may upload and nothing else with an upload-only key', async () => {
    const steps = await runSdk(
      await makeKey({ resources: [], endpoints: { files: { upload: true }, pinning: { pinFileToIPFS: true } } }),
      { FILE_ID: 'none' },
    )
    for (const name of ['uploadPublic', 'uploadPrivate', 'uploadJson', 'uploadBase64', 'uploadFolder'])
      expect(steps[name]?.error, name).toBeUndefined()
    for (const name of ['testAuthentication', 'list', 'listPrivate', 'get', 'update', 'keyCreate', 'keyList']) {
      expect(steps[name]?.status, `${name}: ${JSON.stringify(steps[name])}`).toBe(403)
    }
    expect(steps['delete']?.ok[0].status).not.toBe('OK')
  })

  it('may read and nothing else with a read-only key', async () => {
    const steps = await runSdk(await makeKey({ resources: ['org:files:read'] }), { FILE_ID: 'none' })
    for (const name of ['list', 'listPrivate', 'iterate']) expect(steps[name]?.error, name).toBeUndefined()
    expect(steps['get']?.status).toBe(404)
    for (const name of ['uploadPublic', 'uploadPrivate', 'uploadJson', 'uploadFolder', 'update', 'keyCreate'])
      expect(steps[name]?.status, name).toBe(403)
    expect(steps['delete']?.ok[0].status).not.toBe('OK')
  })

  it('may do everything but delete with such a key', async () => {
    const steps = await runSdk(
      await makeKey({
        endpoints: {
          files: { upload: true, list: true, get: true, update: true },
          pinning: { pinFileToIPFS: true, pinJSONToIPFS: true, hashMetadata: true },
          data: { pinList: true, userPinnedDataTotal: true, testAuthentication: true },
        },
      }),
    )
    for (const name of ['testAuthentication', 'uploadPublic', 'uploadFolder', 'list', 'get', 'update', 'iterate'])
      expect(steps[name]?.error, name).toBeUndefined()
    expect(steps['delete']?.ok[0].status).not.toBe('OK')
    expect(steps['getDeleted']?.error).toBeUndefined()
    expect(steps['keyCreate']?.status).toBe(403)
  })
})

describe('npm @pinata/sdk 2.1.0, its host redirected from outside', () => {
  let folder: string

  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'pinyon-nft-')), 'metadata')
    await mkdir(folder)
    for (let i = 0; i < 10_000; i++) {
      await writeFile(
        join(folder, `${i}.json`),
        JSON.stringify({
          name: `NFT #${i}`,
          image: `ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/${i}.png`,
        }),
      )
    }
  }, 60_000)

  afterAll(() => rm(join(folder, '..'), { recursive: true, force: true }))

  it.each(['bearer', 'headers'])('does everything it does at Pinata (%s)', async (form) => {
    const steps = await runLegacySdk(key, { FORM: form })
    for (const [name, step] of Object.entries(steps))
      if (name !== 'unpinAgain') expect(step.error, `${name}: ${step.details}`).toBeUndefined()
    expect(steps['testAuthentication']?.ok).toEqual({ authenticated: true })
    expect(steps['pinJSONBare']?.ok.IpfsHash).toBe('QmRkQSSLf5SaxzuUeFNi8KKvtHcuYp5ao1zw2bgRJhQG6b')
    expect(steps['pinFileToIPFS']?.ok).toMatchObject({
      IpfsHash: 'QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o',
      PinSize: 12,
    })
    expect(steps['pinListFiltered']?.ok.rows).toHaveLength(1)
    expect(steps['pinListRenamed']?.ok.rows[0].metadata).toEqual({
      name: 'renamed.json',
      keyvalues: { height: 12, evergreen: true, wood: 'soft' },
    })
    expect(steps['unpin']?.ok).toBe('OK')
    expect(steps['unpinAgain']?.error).toBe('CURRENT_USER_HAS_NOT_PINNED_CID')
  })

  it('pins a folder of 10,000 NFT metadata files under the CID that Kubo gives it', async () => {
    const steps = await runLegacySdk(key, { FOLDER: folder })
    expect(steps['pinFromFS']?.error, steps['pinFromFS']?.details).toBeUndefined()
    const vectors = JSON.parse(await readFile(new URL('cid-vectors.json', import.meta.url), 'utf8')) as {
      directories: { name: string; v1: string }[]
    }
    const IpfsHash = steps['pinFromFS']?.ok.IpfsHash as string
    expect(IpfsHash).toBe(vectors.directories.find(({ name }) => name === 'nft-10000')?.v1)
    for (const i of [0, 5_000, 9_999]) {
      const got = await fetch(`${server.gatewayUrl}/ipfs/${IpfsHash}/${i}.json`)
      expect(Buffer.from(await got.arrayBuffer()).equals(await readFile(join(folder, `${i}.json`)))).toBe(true)
      expect(got.headers.get('content-type')).toBe('application/json')
    }
  })
})

async function photoForm(): Promise<FormData> {
  const form = new FormData()
  form.set('file', new File([await readFile(program('pines.jpg'))], 'pines.jpg'))
  form.set('network', 'public')
  return form
}
