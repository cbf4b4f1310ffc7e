import { open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBlockWriter } from '../src/pins/block-writer.ts'
import { moveBlocksOut } from '../src/pins/compact-pack.ts'
import { Pace } from '../src/pins/pace.ts'
import { findMark, openLedgerMark, writeMark } from '../src/pins/ledger-mark.ts'
import { markEmptied } from '../src/pins/block-queries.ts'
import { publishPin } from '../src/pins/publish-pin.ts'
import { publicBlocks } from '../src/pins/read-blocks.ts'
import { openReclaimer } from '../src/pins/reclaimer.ts'
import { recoverPins } from '../src/pins/recover.ts'
import {
  bytesOf,
  countRows,
  databases,
  type LedgerPlace,
  type OpenLedger,
  openLedger,
  pinBlocksOf,
  rawBlock,
  release,
} from './support/ledger.ts'
import { makeLedgerPlace } from './support/ledger-place.ts'

describe.each(databases)('a start on %s', (kind) => {
  let place: LedgerPlace & { remove(): Promise<void> }
  const opened: OpenLedger[] = []
  const start = async () => {
    const ledger = await openLedger(place)
    opened.push(ledger)
    return { ledger, recovered: await recoverPins(ledger, { dir: place.packsDir }) }
  }
  beforeEach(async () => {
    place = await makeLedgerPlace(kind)
  })
  afterEach(async () => {
    // What a killed process still had open does not matter any more.
    await Promise.allSettled(opened.splice(0).map((ledger) => ledger.close()))
    await place.remove()
  })
  const kept = [rawBlock(bytesOf('kept', 3000)), rawBlock('kept too')]
  const keep = (ledger: OpenLedger) => pinBlocksOf(ledger, { root: kept[0]!.cid, blocks: kept })
  const expectKept = async (ledger: OpenLedger) => {
    for (const { multihash, bytes } of kept) {
      expect(await publicBlocks(ledger).get(multihash)).toEqual(Buffer.from(bytes[0]!)) // blocks of one piece
    }
  }
  const storedBytes = async (ledger: OpenLedger) =>
    (await ledger.packs.list()).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)

  it('finds nothing to do after an orderly end', async () => {
    const { ledger } = await start()
    await keep(ledger)
    const bytes = await storedBytes(ledger)
    const { ledger: next, recovered } = await start()
    expect(recovered).toEqual({ stagings: 0, removedPacks: 0, cutPacks: 0, damagedPacks: [] })
    await expectKept(next)
    expect(await storedBytes(next)).toBe(bytes)
  })

  it('removes what an upload had appended, and keeps what was acknowledged before', async () => {
    const { ledger } = await start()
    await keep(ledger)
    const bytes = await storedBytes(ledger)
    const writer = openBlockWriter(ledger, { accountId: 'a' })
    await writer.put(rawBlock(bytesOf('lost', 600_000)))
    const { ledger: next, recovered } = await start()
    expect(recovered).toMatchObject({ cutPacks: 1, removedPacks: 0 })
    await expectKept(next)
    expect(await storedBytes(next)).toBe(bytes)
  })

  it('removes a pack that nothing was acknowledged from', async () => {
    const { ledger } = await start()
    const writer = openBlockWriter(ledger, { accountId: 'a' })
    await writer.put(rawBlock(bytesOf('lost', 600_000)))
    const { ledger: next, recovered } = await start()
    expect(recovered).toMatchObject({ removedPacks: 1 })
    expect(await next.packs.list()).toEqual([])
  })

  it.each(['while it stages', 'before it is published'])('takes apart a large upload that ended %s', async (when) => {
    const { ledger } = await start()
    await keep(ledger)
    const writer = openBlockWriter(ledger, { accountId: 'a', maxBlocksInMemory: 10 })
    for (let i = 0; i < 300; i++) await writer.put(rawBlock(bytesOf(i, 1000)))
    await writer.get(rawBlock(bytesOf(299, 1000)).multihash)
    if (when === 'before it is published') await writer.finish({ network: 'public' })
    expect((await countRows(ledger)).pins).toBe(2)
    const { ledger: next, recovered } = await start()
    expect(recovered).toMatchObject({ stagings: 1 })
    const reclaimer = openReclaimer(next, { minDeadBytes: 0 })
    await reclaimer.reclaimNow()
    await reclaimer.close()
    expect(await countRows(next)).toEqual({ pins: 1, pin_blocks: 2, blocks: 2 })
    await expectKept(next)
    expect(await storedBytes(next)).toBeLessThan(5000)
  })

  it('goes on with the release of a pin that was not taken apart yet', async () => {
    const { ledger } = await start()
    await keep(ledger)
    const block = rawBlock(bytesOf('released', 50_000))
    const { pinId } = await pinBlocksOf(ledger, { root: block.cid, blocks: [block] })
    await release(ledger, pinId)
    const { ledger: next } = await start()
    expect(await publicBlocks(next).get(block.multihash)).toBeUndefined()
    const reclaimer = openReclaimer(next)
    await reclaimer.reclaimNow()
    await reclaimer.close()
    await expectKept(next)
    expect(await storedBytes(next)).toBeLessThan(5000)
  })

  it.each(['after the copy', 'after the last row moved', 'after the mark'])(
    'loses nothing when compaction ended %s',
    async (when) => {
      const { ledger } = await start()
      await keep(ledger)
      const [pack] = await ledger.db.read.selectFrom('packs').select(['id', 'name']).execute()
      if (pack === undefined) throw new Error('there is a pack')
      await ledger.packs.seal(pack.name)
      const known = { ...pack, sizeBytes: 0 }
      if (when === 'after the copy') {
        // As compaction does before its transaction.
        await ledger.packs.append([{ cid: Buffer.from([1, 0x55, ...kept[1]!.multihash]), bytes: kept[1]!.bytes }])
      } else {
        await moveBlocksOut(ledger, known, {
          pace: new Pace({ share: () => 1, signal: new AbortController().signal }),
          liveBytes: 0,
        })
        if (when === 'after the mark') await ledger.db.write((tx) => markEmptied(tx, { id: pack.id, at: 1 }))
      }
      const { ledger: next, recovered } = await start()
      expect(recovered).toMatchObject({ removedPacks: 1, damagedPacks: [] })
      expect(await next.packs.list()).toHaveLength(1)
      await expectKept(next)
    },
  )

  it('says which packs are missing or too short, and serves the rest', async () => {
    const { ledger } = await start()
    await keep(ledger)
    const { ledger: second } = await start()
    const lost = rawBlock(bytesOf('on another pack', 70_000))
    await pinBlocksOf(second, { root: lost.cid, blocks: [lost] })
    const [pack] = (await second.packs.list()).filter(({ writerId }) => writerId === second.packs.writerId)
    await rm(join(place.packsDir, `${pack?.pack}.car`))
    const { ledger: third, recovered } = await start()
    expect(recovered.damagedPacks).toEqual([pack?.pack])
    await expectKept(third)
    await expect(publicBlocks(third).get(lost.multihash)).rejects.toMatchObject({ name: 'BlockDamaged' })
    // Sent again it is whole again.
    await pinBlocksOf(third, { root: lost.cid, blocks: [lost] })
    expect(await publicBlocks(third).get(lost.multihash)).toEqual(lost.bytes[0])
    const [first] = await third.packs.list()
    const path = join(place.packsDir, `${first?.pack}.car`)
    const file = await open(path, 'r+')
    await file.truncate((await stat(path)).size - 1)
    await file.close()
    expect((await start()).recovered.damagedPacks).toContain(first?.pack)
  })

  it('cuts nothing off a file that stands under the name of another pack', async () => {
    const { ledger } = await start()
    await keep(ledger)
    const { ledger: second } = await start()
    const large = rawBlock(bytesOf('on a larger pack', 70_000))
    await pinBlocksOf(second, { root: large.cid, blocks: [large] })
    const paths = (await second.packs.list()).map(({ pack }) => join(place.packsDir, `${pack}.car`))
    const [small, big] = paths as [string, string] // of two writers
    await rename(small, `${small}.aside`)
    await rename(big, small)
    await rename(`${small}.aside`, big)
    const { ledger: third, recovered } = await start()
    expect(recovered).toMatchObject({ cutPacks: 0, removedPacks: 0 })
    expect(recovered.damagedPacks).toHaveLength(2)
    await expect(publicBlocks(third).get(large.multihash)).rejects.toMatchObject({ name: 'BlockDamaged' })
    await rename(small, `${small}.aside`)
    await rename(big, small)
    await rename(`${small}.aside`, big)
    const { ledger: fourth, recovered: after } = await start()
    expect(after.damagedPacks).toEqual([])
    await expectKept(fourth)
    expect(await publicBlocks(fourth).get(large.multihash)).toEqual(large.bytes[0])
  })

  it('refuses a database that is older than its packs', async () => {
    const { ledger } = await start()
    await keep(ledger)
    await writeMark(ledger, place.packsDir)
    await ledger.db.write((tx) =>
      tx
        .updateTable('installation')
        .set((eb) => ({ sequence: eb('sequence', '-', 1) }))
        .execute(),
    )
    await expect(start()).rejects.toThrow('older than the packs')
  })

  it('refuses a database of another installation', async () => {
    const { ledger } = await start()
    await writeMark({ ...ledger, installation: { ...ledger.installation, id: 'another' } }, place.packsDir)
    await expect(start()).rejects.toThrow('another installation')
  })

  it('refuses another directory than the database was used with, and touches nothing', async () => {
    const { ledger } = await start()
    await keep(ledger)
    const rows = await countRows(ledger)
    const elsewhere = await openLedger({ ...place, packsDir: join(place.dir, 'elsewhere') })
    opened.push(elsewhere)
    await expect(recoverPins(elsewhere, { dir: join(place.dir, 'elsewhere') })).rejects.toThrow(
      'another data directory',
    )
    expect(await countRows(ledger)).toEqual(rows)
    await expectKept(ledger)
  })

  it('refuses packs it does not know when nothing says whose they are, and takes them when it knows all', async () => {
    const { ledger } = await start()
    await keep(ledger)
    await rm(join(place.packsDir, 'ledger-mark.json'))
    await start()
    const writer = openBlockWriter(ledger, { accountId: 'a' })
    await writer.put(rawBlock(bytesOf('unknown', 600_000)))
    const [pack] = await ledger.packs.list()
    const bytes = await readFile(join(place.packsDir, `${pack?.pack}.car`))
    await writeFile(join(place.packsDir, 'elsewhere-000001.car'), bytes)
    await rm(join(place.packsDir, 'ledger-mark.json'))
    await expect(start()).rejects.toThrow('does not know')
  })

  it('removes a mark that a killed process had begun to write, and none of one that lives', async () => {
    const { ledger } = await start()
    await writeFile(join(place.packsDir, 'ledger-mark.json.killed.new'), '{')
    await writeFile(join(place.packsDir, 'ledger-mark.json.lives.new'), '{')
    const next = await openLedger(place)
    opened.push(next)
    const living = new Set([ledger.packs.writerId, next.packs.writerId, 'lives'])
    await recoverPins(next, { dir: place.packsDir, writers: { living: () => living, takeDead: () => [] } })
    const drafts = (await readdir(place.packsDir)).filter((name) => name.endsWith('.new'))
    expect(drafts).toEqual(['ledger-mark.json.lives.new'])
  })

  it('leaves alone what writers that live have under way', async () => {
    const { ledger } = await start()
    await keep(ledger)
    const writer = openBlockWriter(ledger, { accountId: 'a', maxBlocksInMemory: 10 })
    for (let i = 0; i < 300; i++) await writer.put(rawBlock(bytesOf(i, 5000)))
    const last = rawBlock(bytesOf(299, 5000))
    await writer.get(last.multihash)
    const bytes = await storedBytes(ledger)
    const next = await openLedger(place)
    opened.push(next)
    const living = new Set([ledger.packs.writerId, next.packs.writerId])
    const writers = { living: () => living, takeDead: () => [] }
    const recovered = await recoverPins(next, { dir: place.packsDir, writers })
    expect(recovered).toEqual({ stagings: 0, removedPacks: 0, cutPacks: 0, damagedPacks: [] })
    const reclaimer = openReclaimer(next, { minDeadBytes: 0, liveShare: 1, writers })
    await reclaimer.reclaimNow({ everything: true })
    await reclaimer.close()
    expect(await storedBytes(ledger)).toBe(bytes)
    const written = await writer.finish({ network: 'public' })
    const about = { sizeBytes: 1, numberOfFiles: 1, mimeType: '', createdAt: 1, newId: ledger.newId }
    await ledger.db.write((tx) => publishPin(tx, { root: last.cid, network: 'public', written, ...about }))
    expect(await publicBlocks(next).get(last.multihash)).toEqual(last.bytes[0])
  })

  it('marks the packs within a second after a write, and at the end', async () => {
    const { ledger } = await start()
    const before = await findMark(place.packsDir)
    const mark = openLedgerMark(ledger, { dir: place.packsDir })
    await keep(ledger)
    await expect.poll(async () => (await findMark(place.packsDir))?.sequence).toBe((before?.sequence ?? 0) + 1)
    await keep(ledger)
    await mark.close()
    expect(await findMark(place.packsDir)).toEqual({
      installationId: 'installation',
      sequence: (before?.sequence ?? 0) + 2,
    })
  })
})
