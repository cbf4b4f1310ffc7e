import { createHash, randomBytes } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCid, parseCid } from '../src/ipfs/cid.ts'
import { codecs } from '../src/ipfs/codecs.ts'
import { linksOf } from '../src/ipfs/links-of.ts'
import { findPlace } from '../src/pins/block-queries.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { type GoPeer, startGoPeer } from './support/go-peer.ts'
import { type HeliaPeer, startHeliaPeer } from './support/helia-peer.ts'

const listen = '/ip4/127.0.0.1/tcp/0,/ip4/127.0.0.1/tcp/0/ws'

describe.each(databases)('what others fetch from us (%s)', (database) => {
  let app: TestApp
  let admin: KeyValues
  let go: GoPeer
  let helia: HeliaPeer
  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_IPFS: 'embedded', PINYON_IPFS_LISTEN: listen } })
    admin = await app.setUp()
    go = await startGoPeer()
    helia = await startHeliaPeer()
    const [tcp = '', ws = ''] = app.services.node.delegates()
    await go.connect(tcp)
    await helia.connect(ws)
  }, 240_000)
  afterAll(async () => {
    go.close()
    await helia.close()
    await app.close()
  })

  /** The CIDs of root, one node between and one leaf of an upload, read by the account itself. */
  async function partsOf(cid: string): Promise<string[]> {
    const root = parseCid(cid)
    const { services } = app

    const read = async (multihash: Uint8Array) => {
      const [place] = await findPlace(services.db.read, { multihash })
      if (place === undefined) throw new Error('a block is not stored')
      return services.packs.read(place)
    }
    const between = linksOf(root.codec, await read(root.multihash)).find(({ codec }) => codec === codecs.dagPb)
    if (between === undefined) throw new Error('the file has no parts')
    const [leaf] = linksOf(between.codec, await read(between.multihash))
    return [root, between, ...(leaf === undefined ? [] : [leaf])].map(formatCid)
  }

  it('gives a Go peer and a Helia peer every byte of what is public', async () => {
    const content = randomBytes(5_000_000)
    const sha256 = createHash('sha256').update(content).digest('hex')
    const { cid } = await upload(app, admin, [['public.bin', content]])
    await expect(go.fetch(cid, 15_000)).resolves.toEqual({ size: content.length, sha256 })
    const pieces: Uint8Array[] = []
    for await (const piece of helia.files.cat(CID.parse(cid), { signal: AbortSignal.timeout(15_000) }))
      pieces.push(piece)
    expect(createHash('sha256').update(Buffer.concat(pieces)).digest('hex')).toBe(sha256)
  })

  it('never gives root, node between or leaf of what is private', async () => {
    const files = [
      ['folder/one.bin', randomBytes(600_000)],
      ['folder/two.txt', 'two'],
    ] as const
    const { cid } = await upload(app, admin, files, { network: 'private' })
    const parts = await partsOf(cid)
    expect(parts).toHaveLength(3)
    for (const part of parts) {
      await expect(go.block(part, 500)).rejects.toThrow('deadline')
      await expect(helia.block(part, 500)).rejects.toThrow()
    }
    // The connection is there and speaks: what is public comes over it at once.
    const { cid: open } = await upload(app, admin, [['open.txt', `open ${database}`]])
    await expect(go.block(open, 10_000)).resolves.toEqual(Buffer.from(`open ${database}`))
  })

  it('gives nothing more of what was public and is private now', async () => {
    const first = await upload(app, admin, [['turns.txt', `was public ${database}`]])
    await expect(go.block(first.cid, 10_000)).resolves.toBeDefined()
    const removed = await app.ask('DELETE', `/v3/files/public/${first.id}`, { key: admin })
    expect(removed.status).toBe(200)
    const again = await upload(app, admin, [['turns.txt', `was public ${database}`]], { network: 'private' })
    expect(again.cid).toBe(first.cid)
    const late = await startGoPeer()
    try {
      await late.connect(app.services.node.delegates()[0] ?? '')
      await expect(late.block(first.cid, 500)).rejects.toThrow('deadline')
      await expect(helia.block(first.cid, 500)).rejects.toThrow()
    } finally {
      late.close()
    }
  })

  it('names its addresses, and keeps its peer id when it starts again', async () => {
    const { peerId } = app.services.node
    for (const address of app.services.node.delegates()) expect(address.endsWith(`/p2p/${peerId}`)).toBe(true)
    await app.reopen()
    expect(app.services.node.peerId).toBe(peerId)
  })
})
