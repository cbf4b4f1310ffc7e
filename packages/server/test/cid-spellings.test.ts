import { base16, base16upper } from 'multiformats/bases/base16'
import { base32upper } from 'multiformats/bases/base32'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { base64, base64url } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type Answered, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { nothingFetched } from './support/pins.ts'
import { rawAsk } from './support/raw-http.ts'

/** Every spelling of a CID that is read, and all that is none, by what it is. */
function spellingsOf(v0: string) {
  const v1 = CID.parse(v0).toV1()
  const text = v1.toString()
  const accepted = {
    'version 0': v0,
    'version 1': text,
    'upper case': v1.toString(base32upper),
    base16: v1.toString(base16),
    'base16 in upper case': v1.toString(base16upper),
    base36: v1.toString(base36),
    base58: v1.toString(base58btc),
    base64: v1.toString(base64),
    base64url: v1.toString(base64url),
  }
  const refused = {
    'a path below': `${text}/a.txt`,
    'a path': `/ipfs/${text}`,
    'an address': `ipfs://${text}`,
    'a page of a gateway': `https://${text}.ipfs.dweb.link/`,
    'a space before': ` ${text}`,
    'a space behind': `${text} `,
    'version 0 in upper case': v0.toUpperCase(),
    'one letter less': text.slice(0, -1),
  }
  return { accepted, refused }
}

interface Shown {
  readonly cid: string
}

describe.each(databases)('the CID of one content on %s (T84)', (database) => {
  let app: TestApp
  let operator: KeyValues
  let key: KeyValues
  let spellings: ReturnType<typeof spellingsOf>
  beforeAll(async () => {
    app = await startTestApp({ database, env: nothingFetched })
    operator = await app.setUp()
    key = await app.makeAccount(operator, 'speller')
    // Public already, so that a pin of it is there at once.
    const { cid } = await upload(app, operator, [['a.txt', `spelled ${database}`]], { cid_version: 'v0' })
    spellings = spellingsOf(cid)
  })
  afterAll(() => app.close())

  const ask = (method: string, path: string, json?: unknown, asker = key) =>
    app.ask(method, path, { key: asker, ...(json === undefined ? {} : { json }) })
  const pin = (cid: string) => ask('POST', '/psa/pins', { cid })
  const at = encodeURIComponent

  /** Every way that takes a CID and answers each spelling with the same status. */
  const ways: Record<string, (cid: string) => Promise<Answered>> = {
    'POST /psa/pins': pin,
    'POST /psa/pins/{id}': async (cid) => {
      const { body } = await pin('bafkqaaa')
      const replaced = await ask('POST', `/psa/pins/${body.requestid}`, { cid })
      await ask('DELETE', `/psa/pins/${body.requestid}`)
      return replaced
    },
    pinByHash: (cid) => ask('POST', '/pinning/pinByHash', { hashToPin: cid }),
    pin_by_cid: (cid) => ask('POST', '/v3/files/public/pin_by_cid', { cid }),
    hashMetadata: (cid) => ask('PUT', '/pinning/hashMetadata', { ipfsPinHash: cid, name: 'named' }),
    hashPinPolicy: (cid) =>
      ask('PUT', '/pinning/hashPinPolicy', {
        ipfsPinHash: cid,
        newPinPolicy: { regions: [{ id: 'FRA1', desiredReplicationCount: 1 }] },
      }),
    'a swap': (cid) => ask('PUT', `/v3/files/public/swap/${at(cid)}`, { swap_cid: 'bafkqaaa' }),
    'the target of a swap': (cid) => ask('PUT', `/v3/files/public/swap/${at('bafkqaaa')}`, { swap_cid: cid }),
    'groups of old': async (cid) => {
      const { id } = (await ask('POST', '/groups', { name: 'spelled' })).body
      return ask('PUT', `/groups/${id}/cids`, { cids: [cid] })
    },
    'a take-down that is looked for': (cid) => ask('GET', `/pinyon/v1/denials/${at(cid)}`, undefined, operator),
    'a link': (cid) =>
      ask('POST', '/v3/files/private/download_link', {
        url: `${app.gatewayUrl}/files/${at(cid)}`,
        date: Math.floor(Date.now() / 1_000),
        expires: 60,
        method: 'GET',
      }),
    'the filter of /psa': (cid) => ask('GET', `/psa/pins?cid=${at(cid)}`),
    'the filter of our list of pins': (cid) => ask('GET', `/pinyon/v1/pins?cid=${at(cid)}`),
  }

  it.each(Object.entries(ways))('means the same in each spelling to %s, and what is none is 400', async (_, way) => {
    await pin('bafkqaaa')
    await pin(spellings.accepted['version 1'])
    const seen = new Map<string, number>()
    for (const [what, cid] of Object.entries(spellings.accepted)) seen.set(what, (await way(cid)).status)
    expect([...new Set(seen.values())], JSON.stringify([...seen])).toHaveLength(1)
    expect([...seen.values()]).not.toContain(400)
    for (const [what, cid] of Object.entries(spellings.refused)) {
      const { status, body } = await way(cid)
      expect([what, status]).toEqual([what, 400])
      expect(JSON.stringify(body.error), what).toContain('CID')
    }
  })

  it('is unpinned in each spelling', async () => {
    for (const [what, cid] of Object.entries(spellings.accepted)) {
      await pin(spellings.accepted['version 1'])
      expect([what, (await ask('DELETE', `/pinning/unpin/${at(cid)}`)).status]).toEqual([what, 200])
      expect((await ask('GET', `/v3/files/public?cid=${spellings.accepted.base16}`)).body.data.files).toEqual([])
    }
    for (const [what, cid] of Object.entries(spellings.refused)) {
      const { status, body } = await ask('DELETE', `/pinning/unpin/${at(cid)}`)
      expect([what, status, body.error.reason]).toEqual([what, 400, 'INVALID_CID'])
    }
  })

  it('is read at the gateway in each spelling', async () => {
    for (const [what, cid] of Object.entries(spellings.accepted)) {
      const { status, text } = await rawAsk(app.gatewayUrl, 'GET', `/ipfs/${at(cid)}`)
      expect([what, status, text]).toEqual([what, 200, `spelled ${database}`])
    }
    for (const [what, cid] of Object.entries(spellings.refused))
      expect([what, (await rawAsk(app.gatewayUrl, 'GET', `/ipfs/${at(cid)}`)).status]).toEqual([what, 400])
  })

  it('is found in each spelling, kept in the one that was sent, and is one pin', async () => {
    for (const cid of Object.values(spellings.accepted)) expect((await pin(cid)).body.pin.cid).toBe(cid)
    const sent = Object.values(spellings.accepted).toSorted()
    const lists: [string, (body: Answered['body']) => string[]][] = [
      ['/psa/pins?limit=1000&', ({ results }) => results.map(({ pin: { cid } }: { pin: Shown }) => cid)],
      ['/v3/files/public?limit=1000&', ({ data }) => data.files.map(({ cid }: Shown) => cid)],
      ['/data/pinList?pageLimit=1000&', ({ rows }) => rows.map((row: { ipfs_pin_hash: string }) => row.ipfs_pin_hash)],
    ]
    for (const [list, of] of lists) {
      for (const [what, cid] of Object.entries(spellings.accepted)) {
        const { body } = await ask('GET', `${list}cid=${at(cid)}`)
        const found = new Set(of(body))
        expect([list, what, [...found].toSorted()]).toEqual([list, what, sent])
      }
    }
    const { multihash } = CID.parse(spellings.accepted['version 0'])
    const pins = await app.services.db.read
      .selectFrom('pins')
      .select('id')
      .where('multihash', '=', Buffer.from(multihash.bytes))
      .where('state', '=', 'pinned')
      .execute()
    expect(pins).toHaveLength(1)
  })
})
