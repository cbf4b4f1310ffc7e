import { randomBytes } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { formatCid, parseCid } from '../src/ipfs/cid.ts'
import { importSample, putRaw } from '../src/ipfs/sample-dags.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { openPublicBlocks } from '../src/pins/public-blocks.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { BlockOrigin } from './support/block-origin.ts'
import { upload, uploadDag } from './support/content.ts'
import { rawAsk } from './support/raw-http.ts'

const gatewayHost = 'gw.example.org'

describe.each(databases)('the open mode on %s', { timeout: 60_000 }, (database) => {
  let origin: BlockOrigin
  let app: TestApp
  let key: KeyValues & { readonly accountId: string }
  beforeAll(async () => {
    origin = await BlockOrigin.start()
    app = await startTestApp({
      database,
      env: {
        PINYON_GATEWAY_OPEN: 'on',
        PINYON_IPFS_GATEWAYS: origin.url,
        PINYON_GATEWAY_SUBDOMAINS: gatewayHost,
      },
    })
    key = await app.setUp()
  }, 60_000)
  afterAll(async () => {
    await app.close()
    await origin.close()
  })
  afterEach(() => void origin.asked.splice(0))

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    rawAsk(app.gatewayUrl, method, path, headers)
  const folder = (salt: string) =>
    importSample(
      [
        { path: 'site/index.html', content: Buffer.from(`<p>${salt}</p>`) },
        { path: 'site/a/long.txt', content: Buffer.from(`${salt} `.repeat(40)) },
        { path: 'site/b.txt', content: Buffer.from(`b of ${salt}`) },
      ],
      { chunkBytes: 64, links: 3 },
    )
  const absentCid = () => formatCid(putRaw(new MemoryBlocks(), randomBytes(20)))

  const forms: [path: string, headers?: Record<string, string>, method?: string][] = [
    ['/'],
    ['/', {}, 'HEAD'],
    ['/a/'],
    ['/a/long.txt'],
    ['/a/long.txt', {}, 'HEAD'],
    ['/a/long.txt', { range: 'bytes=70-199' }],
    ['/a/long.txt', { range: 'bytes=0-1,300-' }],
    ['/a/long.txt?format=raw'],
    ['/b.txt?download=true'],
    ['/b.txt?format=json'],
    ['/?format=car'],
    ['/?format=car&dag-scope=entity'],
    ['/a/long.txt?format=car&entity-bytes=70:140'],
    ['/?format=tar'],
    ['/nothing'],
    ['/b.txt', { 'if-none-match': '*' }],
  ]

  it('answers in every form as if the content were held here, and fetches each block once', async () => {
    const theirs = await folder(`forms ${database}`)
    const ours = await folder(`forms ${database}`)
    const cid = origin.add(theirs)
    // The same content, held by a server beside it.
    const holder = await startTestApp({ database: 'sqlite' })
    try {
      await uploadDag(holder, await holder.setUp(), ours)
      for (const [path, headers = {}, method = 'GET'] of forms) {
        const opened = await get(`/ipfs/${cid}${path}`, headers, method)
        const held = await rawAsk(holder.gatewayUrl, method, `/ipfs/${cid}${path}`, headers)
        const { date: _1, 'x-request-id': _2, ...openedHeaders } = opened.headers
        const { date: _3, 'x-request-id': _4, ...heldHeaders } = held.headers
        const strip = (all: Record<string, unknown>) => ({ ...all, 'content-type': String(all['content-type']).replace(/boundary=.*/, '') }) // prettier-ignore
        expect([path, method, opened.status, strip(openedHeaders)]).toEqual([
          path,
          method,
          held.status,
          strip(heldHeaders),
        ])
        if (headers['range']?.includes(',') !== true) expect(opened.body.equals(held.body), path).toBe(true)
      }
    } finally {
      await holder.close()
    }
    await keptHere(theirs.blocks.size)
    const asked = origin.asked.splice(0)
    expect(new Set(asked).size).toBe(asked.length)
    expect((await get(`/ipfs/${cid}/?format=car`)).status).toBe(200)
    expect(origin.asked).toEqual([])
  })

  /** Waits until so many blocks are in the cache, which is written behind the answers. */
  async function keptHere(atLeast: number): Promise<void> {
    await expect.poll(cachedFiles, { timeout: 60_000 }).toBeGreaterThanOrEqual(atLeast)
  }

  async function cachedFiles(): Promise<number> {
    const names = await readdir(join(app.dataDir, 'open-cache'), { recursive: true, withFileTypes: true })
    return names.filter((entry) => entry.isFile()).length
  }

  it('is of no account: what it fetched counts nowhere, is in no ledger, and is given to no peer', async () => {
    const theirs = await folder(`nobody's ${database}`)
    const cid = origin.add(theirs)
    const used = async () => (await app.ask('GET', '/pinyon/v1/usage', { key })).body
    const before = await used()
    expect((await get(`/ipfs/${cid}/?format=car`)).status).toBe(200)
    expect(await used()).toEqual(before)
    expect(await app.services.db.read.selectFrom('pins').selectAll().execute()).toEqual([])
    expect(await app.services.db.read.selectFrom('blocks').selectAll().execute()).toEqual([])
    expect(await openPublicBlocks(app.services).has(theirs.root.multihash)).toBe(false)
    expect(await openPublicBlocks(app.services).get(theirs.root.multihash)).toBeUndefined()
  })

  it('with only-if-cached asks nobody: 412 for what is not here, 200 for what was kept', async () => {
    const cid = origin.add(await importSample([{ path: 'c', content: Buffer.from(`cached ${database}`) }]))
    const cached = () => get(`/ipfs/${cid}`, { 'cache-control': 'only-if-cached' })
    expect((await cached()).status).toBe(412)
    expect(origin.asked).toEqual([])
    const before = await cachedFiles()
    expect((await get(`/ipfs/${cid}`)).text).toBe(`cached ${database}`)
    await keptHere(before + 1)
    origin.asked.splice(0)
    expect((await cached()).text).toBe(`cached ${database}`)
    expect(origin.asked).toEqual([])
  })

  it('asks others for what is private here as if it were not here, and never gives the private bytes', async () => {
    const bytes = Buffer.from(`a secret ${database}`)
    const hidden = await upload(app, key, [['s.txt', bytes]], { network: 'private' })
    const unknown = absentCid()
    const [asked, nobodys] = await Promise.all([get(`/ipfs/${hidden.cid}`), get(`/ipfs/${unknown}`)])
    expect([asked.status, asked.text.replaceAll(hidden.cid, 'CID')]).toEqual([
      nobodys.status,
      nobodys.text.replaceAll(unknown, 'CID'),
    ])
    expect(asked.status).toBe(504)
    expect(asked.headers['retry-after']).toBe('30')
    expect(asked.text).toContain('nobody who was asked has it')
    expect(origin.asked).toContain(hidden.cid)
    // Where somebody else shows it to everybody, it is theirs that is given.
    origin.blocks.add(parseCid(hidden.cid).multihash, bytes)
    origin.asked.splice(0)
    expect((await get(`/ipfs/${hidden.cid}`)).text).toBe(String(bytes))
    expect(origin.asked).toEqual([hidden.cid])
  })

  it('neither asks for nor gives what was taken down', async () => {
    const sample = await importSample([{ path: 'd', content: Buffer.from(`denied ${database}`) }])
    const cid = origin.add(sample)
    const before = await cachedFiles()
    expect((await get(`/ipfs/${cid}`)).status).toBe(200)
    await keptHere(before + 1)
    origin.asked.splice(0)
    const denied = await app.ask('POST', '/pinyon/v1/denials', { key, json: { cid, reason: 'A court said so.' } })
    expect(denied.status).toBe(201)
    for (const form of ['', '?format=raw', '?format=car']) expect((await get(`/ipfs/${cid}${form}`)).status).toBe(410)
    expect(origin.asked).toEqual([])
  })

  it('is nothing of the gateways of accounts: they refuse without asking anybody', async () => {
    const cid = origin.add(await importSample([{ path: 'r', content: Buffer.from(`restricted ${database}`) }]))
    const made = await app.ask('POST', '/v3/gateways', { key, json: { domain: 'mine' } })
    expect(made.status).toBe(200)
    const host = `mine.${gatewayHost}`
    expect((await get(`/ipfs/${cid}`, { host })).status).toBe(403)
    const token = await app.ask('POST', `/v3/gateways/${made.body.data.id}/access_tokens`, { key })
    const admitted = await get(`/ipfs/${cid}?pinataGatewayToken=${token.body.data.value}`, { host })
    expect(admitted.status).toBe(404)
    expect(origin.asked).toEqual([])
    expect((await get(`/ipfs/${cid}`)).status).toBe(200)
  })

  it('fetches once for all who ask for the same at the same time', async () => {
    const cid = origin.add(await importSample([{ path: 'm', content: Buffer.from(`many ${database}`) }]))
    const arrived = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    origin.before = () => (arrived.resolve(), goOn.promise)
    const asking = Promise.all(Array.from({ length: 20 }, () => get(`/ipfs/${cid}`)))
    await arrived.promise
    goOn.resolve()
    for (const { text } of await asking) expect(text).toBe(`many ${database}`)
    origin.before = () => undefined
    expect(new Set(origin.asked).size).toBe(origin.asked.length)
  })

  it('takes wrong bytes from nobody, and keeps none', async () => {
    const cid = origin.add(await importSample([{ path: 'l', content: Buffer.from(`lied about ${database}`) }]))
    origin.lies = true
    const lied = await get(`/ipfs/${cid}`)
    origin.lies = false
    expect([lied.status, lied.text]).toEqual([504, expect.stringContaining('nobody who was asked has it')])
    expect((await get(`/ipfs/${cid}`, { 'cache-control': 'only-if-cached' })).status).toBe(412)
  })

  it('begins with an empty cache after each start', async () => {
    const cid = origin.add(await importSample([{ path: 'w', content: Buffer.from(`wiped ${database}`) }]))
    expect((await get(`/ipfs/${cid}`)).status).toBe(200)
    await keptHere(1)
    // A process that was killed left this.
    const left = join(app.dataDir, 'open-cache', '0123456789abcdef', '7')
    await mkdir(left, { recursive: true })
    await writeFile(join(left, '7'), 'left')
    await app.reopen()
    await expect.poll(cachedFiles, { timeout: 60_000 }).toBe(0)
    expect((await get(`/ipfs/${cid}`, { 'cache-control': 'only-if-cached' })).status).toBe(412)
  })
})
