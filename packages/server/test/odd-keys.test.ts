import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCid } from '../src/ipfs/cid.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { collectBytes, putRaw } from '../src/ipfs/sample-dags.ts'
import { writeCar } from '../src/ipfs/write-car.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { everyStatus, nothingFetched, unknownCid } from './support/pins.ts'
import { begun, patch } from './support/tus.ts'
import { sendForm } from './support/upload.ts'

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']
// Made of entries: in a literal one of them would say what the object is made of.
const odd: Record<string, string> = Object.fromEntries(names.map((name) => [name, `of ${name}`]))
const text = JSON.stringify(odd)
const pairsOf = (record: object) => new Map(Object.entries(record))

describe.each(databases)('keys that mean something to an object of the language, on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  beforeAll(async () => {
    app = await startTestApp({ database, env: nothingFetched })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  const post = async (path: string, json: object, method = 'POST') => {
    const { status, body } = await app.ask(method, path, { key, json })
    expect([status < 300, body], path).toEqual([true, body])
    return body
  }
  const get = async (path: string) => (await app.ask('GET', path, { key })).body
  const file = () => upload(app, key, [['a.txt', randomBytes(9)]])
  const form = async (path: string, field: string, value: string) =>
    (await sendForm(app, path, key, [['network', 'public'], [field, value], ['file', randomBytes(9), 'a.txt']])).body // prettier-ignore
  const bulk = async (operation: string, json: object) => {
    const { results } = await post(`/pinyon/v1/bulk/${operation}`, json)
    expect(results.map(({ state }: { state: string }) => state)).toEqual(['done'])
  }

  /** Each way in, to the id of what has the key-values then. */
  const files: Record<string, () => Promise<string>> = {
    'a form of v3': async () => (await form('/v3/files', 'keyvalues', text)).data.id,
    'a form of v3 that wraps them': async () => (await form('/v3/files', 'keyvalues', `{"keyvalues":${text}}`)).data.id,
    'a form of pinFileToIPFS': async () =>
      (await form('/pinning/pinFileToIPFS', 'pinataMetadata', `{"keyvalues":${text}}`)).ID,
    'the JSON of pinJSONToIPFS': async () =>
      (await post('/pinning/pinJSONToIPFS', { pinataContent: { a: unknownCid() }, pinataMetadata: { keyvalues: odd } })).ID, // prettier-ignore
    'a change on v3': async () => {
      const { id } = await file()
      await post(`/v3/files/public/${id}`, { keyvalues: odd }, 'PUT')
      return id
    },
    hashMetadata: async () => {
      const { id, cid } = await file()
      await app.ask('PUT', '/pinning/hashMetadata', { key, json: { ipfsPinHash: cid, keyvalues: odd } })
      return id
    },
    'a bulk change': async () => {
      const { id } = await file()
      await bulk('update', { network: 'public', ids: [id], change: { keyvalues: odd } })
      return id
    },
    'an upload link that fixes them': async () => {
      const json = { date: Math.floor(Date.now() / 1000), expires: 600, network: 'public', keyvalues: odd }
      const { data } = await post('/v3/files/sign', json)
      const body = new FormData()
      body.append('file', new Blob([randomBytes(9)]), 'a.txt')
      return (await (await fetch(data, { method: 'POST', body })).json()).data.id
    },
    'a resumable upload': async () => {
      const { path, id } = await begun(app, key, 9, { metadata: { network: 'public', keyvalues: text } })
      expect((await patch(app, key, path, 0, randomBytes(9))).status).toBe(204)
      return id
    },
    'the upload of a folder': async () => {
      const name = `d ${unknownCid()}`
      const { id } = await post('/pinyon/v1/folder-uploads', { name, network: 'public', keyvalues: odd, files: [{ path: 'a', size: 1 }] }) // prettier-ignore
      await sendForm(app, `/pinyon/v1/folder-uploads/${id}/files`, key, [['file', 'x', 'a']])
      return (await post(`/pinyon/v1/folder-uploads/${id}/finish`, {})).id
    },
    'an import': async () => {
      const blocks = new MemoryBlocks()
      const root = putRaw(blocks, unknownCid())
      const car = await collectBytes(writeCar(blocks, root, { scope: 'all' }))
      const { body } = await sendForm(app, '/pinyon/v1/imports', key, [
        ['cid', formatCid(root)],
        ['network', 'public'],
        ['keyvalues', text],
        ['file', car, 'x.car'],
      ])
      return body.file.id
    },
  }
  const pins: Record<string, () => Promise<string>> = {
    pinByHash: async () =>
      (await post('/pinning/pinByHash', { hashToPin: unknownCid(), pinataMetadata: { keyvalues: odd } })).id,
    pin_by_cid: async () => (await post('/v3/files/public/pin_by_cid', { cid: unknownCid(), keyvalues: odd })).data.id,
    'the Pinning Services API': async () => (await post('/psa/pins', { cid: unknownCid(), meta: odd })).requestid,
    'a replacement there': async () => {
      const { requestid } = await post('/psa/pins', { cid: unknownCid() })
      return (await post(`/psa/pins/${requestid}`, { cid: unknownCid(), meta: odd })).requestid
    },
    'a bulk pin': async () => {
      const cid = unknownCid()
      await bulk('pin', { pins: [{ cid, keyvalues: odd }] })
      return (await get(`/psa/pins?${everyStatus}&cid=${cid}`)).results[0].requestid
    },
  }

  it.each(Object.entries(files))('keeps them by %s', async (_, make) => {
    const id = await make()
    const { data } = await get(`/v3/files/public/${id}`)
    expect(pairsOf(data.keyvalues)).toEqual(pairsOf(odd))
  })

  it.each(Object.entries(pins))('keeps them by %s', async (_, make) => {
    const id = await make()
    for (const shown of [(await get(`/psa/pins/${id}`)).pin.meta, (await get(`/pinyon/v1/pins/${id}`)).keyvalues])
      expect(pairsOf(shown)).toEqual(pairsOf(odd))
  })

  it('finds by them, shows them on every list, and takes them away', async () => {
    const { id, cid } = await file()
    await post(`/v3/files/public/${id}`, { keyvalues: odd }, 'PUT')
    const [row] = (await get(`/data/pinList?cid=${cid}`)).rows
    expect(pairsOf(row.metadata.keyvalues)).toEqual(pairsOf(odd))
    for (const name of names) {
      const value = encodeURIComponent(`of ${name}`)
      const by = async (query: string) => JSON.stringify(await get(`${query}&limit=1000`)).includes(id)
      const asked = encodeURIComponent(JSON.stringify(Object.fromEntries([[name, { value: `of ${name}`, op: 'eq' }]])))
      expect(await by(`/v3/files/public?keyvalues[${name}]=${value}`), name).toBe(true)
      expect(await by(`/v3/files/public?keyvalues[${name}]=no`), name).toBe(false)
      expect(await by(`/data/pinList?pageLimit=1000&metadata[keyvalues]=${asked}`), name).toBe(true)
      expect(await by(`/data/pinList?pageLimit=1000&metadata[keyvalues][${name}]=${value}`), name).toBe(true)
    }
    const pair = Object.fromEntries([['__proto__', 'of __proto__']])
    await post(`/v3/files/public/${id}`, { keyvalues: { only: 'this' } }, 'PUT')
    await bulk('update', {
      network: 'public',
      filter: { keyvalues: { ...pair, only: 'this' } },
      change: { name: 'found' },
    })
    expect((await get(`/v3/files/public/${id}`)).data.name).toBe('found')
    const gone = Object.fromEntries([...names, 'only'].map((name) => [name, null]))
    await post(`/v3/files/public/${id}`, { keyvalues: gone }, 'PUT')
    expect((await get(`/v3/files/public/${id}`)).data.keyvalues).toEqual({})
    const pin = (await post('/psa/pins', { cid: unknownCid(), meta: pair })).requestid
    for (const meta of [`meta=${encodeURIComponent(JSON.stringify(pair))}`, 'meta[__proto__]=of%20__proto__'])
      expect((await get(`/psa/pins?${everyStatus}&limit=1000&${meta}`)).results.map((one: { requestid: string }) => one.requestid)).toContain(pin) // prettier-ignore
    expect((await get(`/psa/pins?${everyStatus}&meta[__proto__]=no`)).results).toEqual([])
  })

  it('holds their values against the same rules, and names them', async () => {
    const { id } = await file()
    const { status, body } = await app.ask('PUT', `/v3/files/public/${id}`, { key, json: { keyvalues: Object.fromEntries([['__proto__', { admin: true }]]) } }) // prettier-ignore
    expect([status, body.error.message]).toEqual([400, expect.stringContaining('keyvalues.__proto__')])
  })
})
