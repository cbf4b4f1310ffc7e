import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import { base58btc } from 'multiformats/bases/base58'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../src/config/config-error.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { PresetNames } from './support/preset-names.ts'
import { rawAsk } from './support/raw-http.ts'

describe.each(databases)('denylists on %s', (database) => {
  const names = new PresetNames()
  let dir: string
  let file: string
  let app: TestApp
  let operator: KeyValues
  let key: KeyValues
  let site: Uploaded
  let leaf: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pinyon-denylists-'))
    file = join(dir, 'ours.deny')
    await writeFile(file, '# nothing yet\n')
    app = await startTestApp({ database, nameSource: names, env: { PINYON_DENYLISTS: dir, PINYON_DNSLINK: 'names' } })
    operator = await app.setUp()
    key = await app.makeAccount(operator, 'listed')
    site = await upload(app, key, [
      ['s/a.txt', `a file on ${database}`],
      ['s/sub/b.txt', `below on ${database}`],
    ])
    const { headers } = await read(`/ipfs/${site.cid}/a.txt`)
    leaf = String(headers['x-ipfs-roots']).split(',')[1] ?? ''
    names.setLink('site.example.com', `/ipfs/${site.cid}`)
  })
  afterAll(async () => {
    await app.close()
    await rm(dir, { recursive: true, force: true })
  })

  const read = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'GET', path, headers)
  const statuses = async (paths: readonly string[]) =>
    Object.fromEntries(await Promise.all(paths.map(async (path) => [path, (await read(path)).status] as const)))
  /** Writes the list and has it read, as the timer would half a minute later at most. */
  async function enforce(...lines: readonly string[]): Promise<void> {
    await writeFile(file, `${lines.join('\n')}\n`)
    await app.services.denials.lists?.load()
  }
  const all = (paths: readonly string[], status: number) => Object.fromEntries(paths.map((path) => [path, status]))

  it('refuse content in every spelling, on every form and path that leads to it, and take it from nobody', async () => {
    const cid = CID.parse(leaf)
    const paths = [
      `/ipfs/${leaf}`,
      `/ipfs/${cid.toString(base58btc)}`,
      `/ipfs/${CID.createV1(0x70, cid.multihash).toString()}?format=raw`,
      `/ipfs/${leaf}?format=raw`,
      `/ipfs/${leaf}?format=car`,
      `/ipfs/${site.cid}/a.txt`,
      `/ipfs/${site.cid}?format=car`,
      `/ipfs/${site.cid}?format=tar`,
      '/ipns/site.example.com/a.txt',
    ]
    expect(await statuses(paths)).toEqual(all(paths, 200))
    // By the text of another spelling: what counts is the multihash.
    await enforce(`/ipfs/${CID.createV1(0x71, cid.multihash).toString()}`)
    expect(await statuses(paths)).toEqual(all(paths, 410))
    const refused = await read(`/ipfs/${leaf}`)
    expect([refused.text, refused.headers['cache-control']]).toEqual([
      'The operator of this server does not show this content: ours.deny, line 1.\n',
      'no-store',
    ])
    expect((await read(`/ipfs/${site.cid}/sub/b.txt`)).status).toBe(200)
    const form = new FormData()
    form.append('network', 'public')
    form.append('file', new Blob([`a file on ${database}`]), 'again.txt')
    const again = await app.ask('POST', '/v3/files', { key, form })
    expect([again.status, again.body.error?.reason]).toEqual([403, 'CONTENT_DENIED'])
    // Hashed twice, by the text of its CID.
    await enforce(`//${createHash('sha256').update(`${cid.toString()}/`).digest('hex')} gateway_status=451`)
    expect(await statuses(paths)).toEqual(all(paths, 451))
    expect((await read(`/ipfs/${leaf}`)).text).toContain('withheld for legal reasons')
    await enforce(`/ipfs/${leaf}`, `!/ipfs/${leaf}`)
    expect(await statuses(paths)).toEqual(all(paths, 200))
  })

  it('refuse paths by any CID that they lead through, and names with what is below them', async () => {
    const open = [`/ipfs/${site.cid}/a.txt`, `/ipfs/${site.cid}/sub/?format=car&dag-scope=block`]
    const { headers } = await read(`/ipfs/${site.cid}/sub/b.txt`)
    const sub = String(headers['x-ipfs-roots']).split(',')[1] ?? ''
    const below = [`/ipfs/${site.cid}/sub/b.txt`, `/ipfs/${sub}/b.txt`, '/ipns/site.example.com/sub/b.txt']
    await enforce(`/ipfs/${sub}/b*`)
    expect(await statuses([...open, ...below])).toEqual({ ...all(open, 200), ...all(below, 410) })
    await enforce(`//${createHash('sha256').update(`${site.cid}/sub/b.txt`).digest('hex')}`)
    expect(await statuses([...open, ...below])).toEqual({
      ...all(open, 200),
      ...all(below, 410),
      [below[1] ?? '']: 200,
    })
    // An archive of all that lies above.
    expect((await read(`/ipfs/${site.cid}?format=tar`)).status).toBe(410)
    await enforce('/ipns/site.example.com/*')
    expect(await statuses([...open, ...below])).toEqual({ ...all([...open, ...below], 200), [below[2] ?? '']: 410 })
  })

  it('refuse pages by their own path, where another one shows them', async () => {
    const pages = await upload(app, key, [
      ['p/index.html', `home on ${database}`],
      ['p/sub/index.html', `page on ${database}`],
      ['p/sub/c.html', `other on ${database}`],
      ['p/_redirects', '/moved /sub/c.html 200\n/folder /sub 200\n/* /sub/c.html 404'],
    ])
    names.setLink('pages.example.com', `/ipfs/${pages.cid}`)
    const host = `${pages.cid}.ipfs.localhost`
    const ask = async (each: string, path: string) => (await rawAsk(app.gatewayUrl, 'GET', path, { host: each })).status
    const { headers } = await read(`/ipfs/${pages.cid}/sub/c.html`)
    const sub = String(headers['x-ipfs-roots']).split(',')[1] ?? ''
    const shown = async () => [
      await ask(host, '/'),
      await ask(host, '/moved'),
      await ask(host, '/folder'),
      await ask(host, '/lost'),
      (await read(`/ipfs/${pages.cid}/sub/`)).status,
      (await read(`/ipfs/${sub}/`)).status,
      (await read('/ipns/pages.example.com/sub/')).status,
    ]
    await enforce('# nothing')
    expect(await shown()).toEqual([200, 200, 200, 404, 200, 200, 200])
    await enforce(`/ipfs/${pages.cid}/index.html`)
    expect(await shown()).toEqual([410, 200, 200, 404, 200, 200, 200])
    await enforce(`/ipfs/${pages.cid}/sub/c.html`)
    expect(await shown()).toEqual([200, 410, 200, 410, 200, 200, 200])
    await enforce(`/ipfs/${sub}/index.html`)
    expect(await shown()).toEqual([200, 200, 410, 404, 410, 410, 410])
    await enforce('/ipns/pages.example.com/sub/index.html')
    expect(await shown()).toEqual([200, 200, 200, 404, 200, 200, 410])
  })

  it('are shown to operators alone, with what is wrong in them, and health says one word', async () => {
    await enforce('/ipfs/nonsense', `/ipfs/${leaf}`)
    expect((await app.ask('GET', '/pinyon/v1/denylists', { key })).status).toBe(403)
    const shown = await app.ask('GET', '/pinyon/v1/denylists', { key: operator })
    expect(shown.body.denylists).toMatchObject([
      { name: 'ours.deny', rules: 1, broken: 1, brokenLines: [{ line: 1 }], problem: null },
    ])
    expect((await app.ask('GET', '/health/ready')).body).toEqual({ status: 'ready', denylists: 'broken' })
    expect(app.log()).toContain('a denylist has lines that say nothing')
    await enforce('# nothing')
    expect((await app.ask('GET', '/health/ready')).body).toEqual({ status: 'ready' })
  })

  it('that cannot be read stop the start', async () => {
    const starting = startTestApp({ database, env: { PINYON_DENYLISTS: join(dir, 'absent.deny') } })
    await expect(starting).rejects.toThrow(ConfigError)
    await expect(starting).rejects.toThrow(/PINYON_DENYLISTS: ENOENT/)
  })
})
