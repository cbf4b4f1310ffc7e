import { open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cid } from '../src/ipfs/cid.ts'
import { formatCid } from '../src/ipfs/cid.ts'
import { importFile } from '../src/ipfs/import-file.ts'
import { layoutV0, layoutV1 } from '../src/ipfs/layout.ts'
import { walkDag } from '../src/ipfs/walk-dag.ts'
import { openBlockWriter } from '../src/pins/block-writer.ts'
import { writeMark } from '../src/pins/ledger-mark.ts'
import { publishPin } from '../src/pins/publish-pin.ts'
import { publicBlocks } from '../src/pins/read-blocks.ts'
import { rebuildIndex } from '../src/pins/rebuild-index.ts'
import { recoverPins } from '../src/pins/recover.ts'
import { verifyBlocks } from '../src/pins/verify.ts'
import {
  bytesOf,
  countRows,
  databases,
  holdByFile,
  type LedgerPlace,
  type OpenLedger,
  openLedger,
} from './support/ledger.ts'
import { makeLedgerPlace } from './support/ledger-place.ts'

describe.each(databases)('the index on %s', (kind) => {
  let place: LedgerPlace & { remove(): Promise<void> }
  let ledger: OpenLedger
  let roots: Cid[]
  beforeEach(async () => {
    place = await makeLedgerPlace(kind)
    ledger = await openLedger(place)
    roots = [
      await upload(bytesOf('one', 900_000), 0),
      await upload(bytesOf('two', 700_000), 1),
      await upload('small', 1),
    ]
    await reopen()
  })
  afterEach(async () => {
    await ledger.close()
    await place.remove()
  })

  async function upload(content: Uint8Array | string, version: 0 | 1): Promise<Cid> {
    await using writer = openBlockWriter(ledger, { accountId: 'a' })
    const { cid } = await importFile([Buffer.from(content)], writer, version === 0 ? layoutV0 : layoutV1)
    const written = await writer.finish({ network: 'public' })
    const about = { sizeBytes: 1, numberOfFiles: 1, mimeType: '', createdAt: 1, newId: ledger.newId }
    const { pinId } = await ledger.db.write((tx) => publishPin(tx, { root: cid, network: 'public', written, ...about }))
    await holdByFile(ledger, { accountId: 'a', pinId, network: 1 })
    return cid
  }
  /** As a process that only rebuilds or verifies finds it: nothing is cached, no pack is written to. */
  async function reopen(): Promise<void> {
    await ledger.close()
    ledger = await openLedger(place)
  }
  async function expectAll(): Promise<void> {
    for (const root of roots) {
      let blocks = 0
      for await (const _ of walkDag(publicBlocks(ledger), root)) blocks++
      expect(blocks).toBeGreaterThan(0)
    }
  }
  const idsOf = async () =>
    (await ledger.db.read.selectFrom('blocks').selectAll().orderBy('id').execute()).map(({ id, multihash }) => ({
      id,
      multihash: Buffer.from(multihash).toString('hex'),
    }))
  /** Runs SQL on the database behind its back, foreign keys unheeded: what a damaged database looks like. */
  async function damage(sql: string): Promise<void> {
    if (place.database.kind === 'sqlite') {
      const database = new DatabaseSync(place.database.file, { enableForeignKeyConstraints: false })
      database.exec(sql)
      database.close()
      return
    }
    const client = new pg.Client({ connectionString: place.database.url })
    await client.connect()
    await client.query(`set session_replication_role = replica; ${sql}`)
    await client.end()
  }
  const rebuild = () => rebuildIndex(ledger, { dir: place.packsDir })

  it('changes nothing where nothing is wrong', async () => {
    const before = await ledger.db.read.selectFrom('blocks').selectAll().orderBy('id').execute()
    const progress: number[] = []
    const report = await rebuildIndex(ledger, { dir: place.packsDir, onProgress: ({ packs }) => progress.push(packs) })
    expect(report).toMatchObject({ packs: 1, addedBlocks: 0, movedBlocks: 0, numberOfForeign: 0, tornPacks: [] })
    expect(report).toMatchObject({ repairedPins: 0, unfinishedPins: [], sections: before.length })
    expect(progress.at(-1)).toBe(1)
    expect(await ledger.db.read.selectFrom('blocks').selectAll().orderBy('id').execute()).toEqual(before)
  })

  it('finds blocks again that lie elsewhere, under their ids', async () => {
    const before = await idsOf()
    await damage('update blocks set "offset" = "offset" + 1 where id % 2 = 0')
    expect(await rebuild()).toMatchObject({ movedBlocks: Math.floor(before.length / 2), addedBlocks: 0 })
    expect(await idsOf()).toEqual(before)
    await expectAll()
  })

  it('finds single blocks that it has lost, and names them for their pins again', async () => {
    const before = await countRows(ledger)
    await damage('delete from blocks where id % 3 = 0')
    expect(await rebuild()).toMatchObject({ movedBlocks: 0, repairedPins: 2, unfinishedPins: [] })
    expect(await countRows(ledger)).toEqual(before)
    await expectAll()
  })

  it('is filled again when all of it is lost, which a start refuses to go on with', async () => {
    const before = await countRows(ledger)
    await damage('delete from blocks; delete from packs')
    await expect(recoverPins(ledger, { dir: place.packsDir })).rejects.toThrow('rebuild-index')
    expect(await rebuild()).toMatchObject({ addedBlocks: before.blocks, repairedPins: 3, unfinishedPins: [] })
    expect(await countRows(ledger)).toEqual(before)
    await expectAll()
    await reopen()
    expect(await recoverPins(ledger, { dir: place.packsDir })).toMatchObject({ removedPacks: 0, damagedPacks: [] })
    await expectAll()
    expect(await verifyBlocks(ledger, { all: true })).toMatchObject({ blocks: before.blocks, numberOfDamaged: 0 })
  })

  it('takes an older database as the one that counts', async () => {
    await writeMark(ledger, place.packsDir)
    await damage('update installation set sequence = 0')
    await expect(recoverPins(ledger, { dir: place.packsDir })).rejects.toThrow('older')
    await rebuild()
    await recoverPins(ledger, { dir: place.packsDir })
  })

  it('tells of torn packs, of sections that are no blocks, and of pins that miss some', async () => {
    const [pack] = await ledger.packs.list()
    if (pack === undefined) throw new Error('there is a pack')
    const path = join(place.packsDir, `${pack.pack}.car`)
    const [block] = await ledger.db.read.selectFrom('blocks').selectAll().orderBy('offset').limit(1).execute()
    const file = await open(path, 'r+')
    await file.write('damaged', block?.offset)
    await file.close()
    await writeFile(join(place.packsDir, 'torn-000001.car'), 'no header of a CAR')
    await damage(`delete from blocks where id = ${block?.id}`)
    const report = await rebuild()
    expect(report.foreign).toEqual([
      { pack: pack.pack, offset: block?.offset, reason: 'its bytes do not match its hash' },
    ])
    expect(report.tornPacks).toEqual([{ pack: 'torn-000001', endBytes: 0, sizeBytes: 18 }])
    expect(report.unfinishedPins).toHaveLength(1)
    expect(report.unfinishedPins[0]?.missing).toHaveLength(1)
  })

  it('verifies where blocks are, and with `all` what they are', async () => {
    const { blocks } = await countRows(ledger)
    expect(await verifyBlocks(ledger)).toMatchObject({ packs: 1, blocks, numberOfDamaged: 0, unknownPacks: [] })
    const [root] = roots
    if (root === undefined) throw new Error('there are roots')
    const [block] = await ledger.db.read
      .selectFrom('blocks')
      .selectAll()
      .where('multihash', '=', root.multihash)
      .execute()
    const [pack] = await ledger.packs.list()
    const path = join(place.packsDir, `${pack?.pack}.car`)
    const file = await open(path, 'r+')
    await file.write('x', (block?.offset ?? 0) + 5)
    await file.close()
    expect(await verifyBlocks(ledger)).toMatchObject({ numberOfDamaged: 0 })
    const report = await verifyBlocks(ledger, { all: true })
    expect(report).toMatchObject({ numberOfDamaged: 1, blocks })
    expect(report.damaged).toMatchObject([
      { cid: formatCid(root), reason: 'damaged', pack: pack?.pack, files: [{ accountId: 'a', name: null }] },
    ])
    await reopen()
    await rm(path)
    expect(await verifyBlocks(ledger)).toMatchObject({ numberOfDamaged: blocks })
  })
})
