import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { base16 } from 'multiformats/bases/base16'
import { base32upper } from 'multiformats/bases/base32'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { base64url } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenGateway } from '../src/gateway/server.ts'
import type { Listening } from '../src/http/server.ts'
import { formatCid } from '../src/ipfs/cid.ts'
import { linksOf } from '../src/ipfs/links-of.ts'
import { formatIpnsName } from '../src/ipfs/names/ipns-name.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { makePublisher } from './support/ipns-record.ts'
import { PresetNames } from './support/preset-names.ts'
import { rawAsk } from './support/raw-http.ts'

const base = 'gw.example.org'
const words = 'This content was taken down by the operator: A court said so.\n'

/** One way to ask for content: host, path, headers, method. */
type Way = readonly [host: string, path: string, headers?: Record<string, string>, method?: string]

/** T145: a take-down strikes what it names on every form of the gateway, and nothing beside it. */
describe.each(databases)('a take-down, asked for by every form of the gateway, on %s', (database) => {
  const names = new PresetNames()
  let app: TestApp
  let listener: Listening
  let key: KeyValues & { accountId: string }
  let name: string
  let own: string
  let site: Uploaded
  let bad: Uploaded
  let hiddenLink: URL
  const bytes = randomBytes(300_000)

  beforeAll(async () => {
    const env = {
      PINYON_GATEWAY_URL: `http://${base}`,
      PINYON_GATEWAY_SUBDOMAINS: base,
      PINYON_TRUSTED_PROXIES: '127.0.0.1',
      PINYON_DNSLINK: 'hosts',
    }
    app = await startTestApp({ database, nameSource: names, env })
    listener = await listenGateway(app.services)
    key = await app.setUp()
    site = await upload(app, key, [
      ['s/bad.bin', bytes],
      ['s/good.txt', 'good'],
      ['s/below/index.html', bytes],
      ['s/fine/index.html', '<p>fine'],
      ['s/_redirects', '/moved /bad.bin 200\n/* /bad.bin 404'],
    ])
    bad = await upload(app, key, [['bad.bin', bytes]])
    const hidden = await upload(app, key, [['h/bad.bin', bytes], ['h/good.txt', 'good']], { network: 'private' }) // prettier-ignore
    const publisher = await makePublisher()
    name = formatIpnsName(publisher.name)
    names.setRecord(publisher.name, await publisher.sign({ value: `/ipfs/${site.cid}` }))
    names.setLink('site.example.net', `/ipfs/${site.cid}`)
    await app.ask('POST', '/v3/gateways', { key, json: { domain: 'mine' } })
    own = `mine.${base}`
    const json = { url: `http://${base}/files/${hidden.cid}`, date: Math.floor(Date.now() / 1_000), expires: 600 }
    const signed = await app.ask('POST', '/v3/files/private/download_link', { key, json: { ...json, method: 'GET' } })
    hiddenLink = new URL(signed.body.data)
  })
  afterAll(async () => {
    await listener.close(0)
    await app.close()
  })

  const ask = ([host, path, headers = {}, method = 'GET']: Way) =>
    rawAsk(`http://127.0.0.1:${listener.port}`, method, path, { host, ...headers })
  const deny = (cid: string) =>
    app.ask('POST', '/pinyon/v1/denials', { key, json: { cid, reason: 'A court said so.', confirm: true } })
  const allow = (cid: string) => app.ask('DELETE', `/pinyon/v1/denials/${cid}`, { key })
  const formats = ['raw', 'car', 'tar']
  const accepts = { raw: 'vnd.ipld.raw', car: 'vnd.ipld.car', tar: 'x-tar' }

  /** Asks for each, which is there; then takes `cid` down, asks for each again, and gives it back. How many were struck. */
  async function strike(cid: string, struck: readonly Way[], spared: readonly Way[]): Promise<number> {
    const statuses = (ways: readonly Way[]) =>
      Promise.all(ways.map(async (way) => [way, (await ask(way)).status === 410] as const))
    const all = [...struck, ...spared]
    expect(await statuses(all)).toEqual(all.map((way) => [way, false]))
    expect((await deny(cid)).status).toBe(201)
    try {
      const refused = struck.map(async (way) => {
        const { status, text, headers } = await ask(way)
        return [way, status, text, headers['cache-control']]
      })
      const expected = struck.map((way) => [way, 410, way[3] === 'HEAD' ? '' : words, 'no-store'])
      expect(await Promise.all(refused)).toEqual(expected)
      const shown = spared.map(async (way) => {
        const { status, body } = await ask(way)
        // Nothing of it is in what else is shown.
        return [way, [200, 206, 304].includes(status), body.includes(bytes.subarray(100, 200))]
      })
      expect(await Promise.all(shown)).toEqual(spared.map((way) => [way, true, false]))
    } finally {
      expect((await allow(cid)).status).toBe(200)
    }
    expect(await statuses(struck)).toEqual(struck.map((way) => [way, false]))
    return struck.length
  }

  it(
    'of a file strikes it by CID in every spelling and form, by path, by name, by link and behind redirects',
    { timeout: 120_000 },
    async () => {
      const root = `/ipfs/${site.cid}`
      const v1 = CID.parse(bad.cid).toV1()
      const spellings = [base58btc, base16, base36, base32upper, base64url].map((each) => v1.toString(each))
      const { origin: _origin, pathname, search } = hiddenLink
      const etag = { 'if-none-match': `"${bad.cid}"` }
      const struck: Way[] = [
        ...[bad.cid, ...spellings].map((each): Way => ['elsewhere', `/ipfs/${each}`]),
        ...[`/ipfs/${bad.cid}`, `${root}/bad.bin`].flatMap((path): Way[] => [
          ['elsewhere', path],
          ['elsewhere', path, {}, 'HEAD'],
          ['elsewhere', path, { range: 'bytes=10-19' }],
          ['elsewhere', path, { range: 'bytes=-5' }],
          ['elsewhere', path, etag],
          ['elsewhere', `${path}?download=true&filename=x.bin`],
          ...formats.map((format): Way => ['elsewhere', `${path}?format=${format}`]),
          ...Object.values(accepts).map((type): Way => ['elsewhere', path, { accept: `application/${type}` }]),
          ...['all', 'entity', 'block'].map((scope): Way => ['elsewhere', `${path}?format=car&dag-scope=${scope}`]),
          ['elsewhere', `${path}?format=car&dag-scope=entity&entity-bytes=0:9`],
          ['elsewhere', `${path}?format=dag-json`],
          ['elsewhere', `${path}?format=dag-cbor`],
          [own, path],
          [own, path, {}, 'HEAD'],
          [own, `${path}?format=raw`],
        ]),
        [`${v1.toString()}.ipfs.${base}`, '/'],
        [`${v1.toString()}.ipfs.${base}`, '/?format=car'],
        [`${site.cid}.ipfs.${base}`, '/bad.bin'],
        [`${site.cid}.ipfs.${base}`, '/moved'],
        [`${site.cid}.ipfs.${base}`, '/not/there'],
        ['elsewhere', `/ipns/${name}/bad.bin`],
        [`${name}.ipns.${base}`, '/bad.bin'],
        [`${name}.ipns.${base}`, '/moved'],
        ['site.example.net', '/bad.bin'],
        ['site.example.net', '/moved'],
        ['elsewhere', '/ipns/site.example.net/bad.bin'],
        // What is under `below` is the same file, as the page of a folder.
        ['elsewhere', `${root}/below/`],
        ['elsewhere', `${root}/below/index.html`],
        // Forms that would hold it in the middle end before they begin.
        ['elsewhere', `${root}?format=car`],
        ['elsewhere', `${root}?format=tar`],
        ['elsewhere', `/ipns/${name}?format=tar`],
        [own, `${root}?format=car`],
        [base, `${pathname}/bad.bin${search}`],
        [base, `${pathname}/bad.bin${search}`, {}, 'HEAD'],
        [base, `${pathname}/bad.bin${search}&format=car`],
        [base, `${pathname}${search}&format=tar`],
      ]
      const count = await strike(bad.cid, struck, [
        ['elsewhere', `${root}/good.txt`],
        ['elsewhere', `${root}/fine/`],
        ['elsewhere', `${root}/`, { accept: 'text/html' }],
        [`${site.cid}.ipfs.${base}`, '/good.txt'],
        ['site.example.net', '/good.txt'],
        ['elsewhere', `/ipns/${name}/good.txt`],
        [own, `${root}/good.txt`],
        [base, `${pathname}/good.txt${search}`],
        ['elsewhere', `${root}?format=car&dag-scope=block`],
      ])
      expect(count).toBe(struck.length)
    },
  )

  it('of a leaf strikes archives that hold it before they begin', { timeout: 120_000 }, async () => {
    const small = randomBytes(1_000)
    const raw = await upload(app, key, [
      ['r/0.bin', randomBytes(300_000)],
      ['r/deep/leaf.txt', small],
    ])
    const leaf = await upload(app, key, [['leaf.txt', small]])
    const tar: Way = ['elsewhere', `/ipfs/${raw.cid}?format=tar`]
    const beside: Way = ['elsewhere', `/ipfs/${raw.cid}/0.bin?format=tar`]
    expect(await strike(leaf.cid, [tar, ['elsewhere', `/ipfs/${raw.cid}/deep?format=tar`]], [beside])).toBe(2)
    // A piece of a larger file.
    const [, piece = ''] = await piecesOf(bad.cid)
    expect(await strike(piece, [['elsewhere', `/ipfs/${bad.cid}?format=tar`]], [tar])).toBe(1)
  })

  it(
    'of a file cuts answers that are under way, though none of its pieces is taken down',
    { timeout: 120_000 },
    async () => {
      // More than the buffers between the two ends take.
      const large = await upload(app, key, [
        ['d/large.bin', randomBytes(24 * 1024 * 1024)],
        ['d/small.txt', 'small'],
      ])
      const path = `/ipfs/${large.cid}`
      const { headers } = await ask(['elsewhere', `${path}/large.bin`, {}, 'HEAD'])
      const file = String(headers['x-ipfs-roots']).split(',')[1] ?? ''
      for (const cid of [file, large.cid]) {
        const content = `/pinyon/v1/files/${large.id}/content`
        const forms = [
          `${path}/large.bin`,
          `${path}/large.bin?format=car`,
          `${path}?format=car`,
          `${path}?format=tar`,
          `${content}?path=large.bin`,
          `${content}?format=car`,
        ]
        const begun = await Promise.all(forms.map((form) => begin(form)))
        expect((await deny(cid)).status).toBe(201)
        try {
          for (const { answer } of begun) answer.resume()
          const ends = await Promise.all(begun.map(async ({ answer, closed }) => [await closed, answer.complete]))
          expect(ends).toEqual(forms.map((form) => [form, false]))
        } finally {
          await allow(cid)
        }
      }
    },
  )

  /** An answer that has begun, of which no more is taken for now. */
  async function begin(path: string): Promise<{ answer: IncomingMessage; closed: Promise<string> }> {
    const isApi = path.startsWith('/pinyon/')
    const port = isApi ? new URL(app.apiUrl).port : listener.port
    const headers = isApi ? { authorization: `Bearer ${key.JWT}` } : { host: 'elsewhere' }
    const sent = request({ host: '127.0.0.1', port, path, headers, agent: false })
    sent.end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    for (const each of [sent, answer]) each.on('error', () => undefined) // it is cut
    expect(answer.statusCode).toBe(200)
    return { answer, closed: new Promise((resolve) => answer.once('close', () => resolve(path))) }
  }

  async function piecesOf(cid: string): Promise<string[]> {
    const { body } = await ask(['elsewhere', `/ipfs/${cid}?format=raw`])
    return linksOf(CID.parse(cid).code, body).map((link) => formatCid(link))
  }

  it(
    'of a folder strikes all that is asked for through it, and not what lies in it by its own CID',
    { timeout: 120_000 },
    async () => {
      const root = `/ipfs/${site.cid}`
      const good = await upload(app, key, [['good.txt', 'good']])
      const count = await strike(
        site.cid,
        [
          ['elsewhere', root],
          ['elsewhere', `${root}/`],
          ['elsewhere', `${root}/good.txt`],
          ['elsewhere', `${root}/fine/`],
          ['elsewhere', `${root}/good.txt?format=raw`],
          ['elsewhere', `${root}/good.txt?format=car`],
          ['elsewhere', `${root}?format=dag-json`],
          [`${site.cid}.ipfs.${base}`, '/good.txt'],
          ['elsewhere', `/ipns/${name}/good.txt`],
          ['site.example.net', '/good.txt'],
          [own, `${root}/good.txt`],
        ],
        [
          ['elsewhere', `/ipfs/${good.cid}`],
          ['elsewhere', `/ipfs/${good.cid}?format=car`],
        ],
      )
      expect(count).toBe(11)
    },
  )
})
