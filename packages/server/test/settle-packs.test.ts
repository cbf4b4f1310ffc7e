import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cidBytes } from '../src/ipfs/cid.ts'
import { findBlocks, getPackId, insertBlocks } from '../src/pins/block-queries.ts'
import { settlePacks } from '../src/pins/settle-packs.ts'
import { bytesOf, type LedgerPlace, openLedger, type OpenLedger, pinBlocksOf, rawBlock } from './support/ledger.ts'
import { makeLedgerPlace } from './support/ledger-place.ts'

// On SQLite one process writes, and nothing of it goes on when it has died.
describe('a killed writer whose last commit PostgreSQL had received', () => {
  let place: LedgerPlace & { remove(): Promise<void> }
  let victim: OpenLedger
  let other: OpenLedger
  beforeEach(async () => {
    place = await makeLedgerPlace('postgres')
    victim = await openLedger(place)
    other = await openLedger(place)
  })
  afterEach(async () => {
    await other.close()
    await victim.close()
    await place.remove()
  })

  it.each(['names its pack for the first time', 'adds to a pack that is known'])('keeps what it %s', async (when) => {
    if (when === 'adds to a pack that is known') {
      const kept = rawBlock('kept')
      await pinBlocksOf(victim, { root: kept.cid, blocks: [kept] })
    }
    const block = rawBlock(bytesOf('committed late', 5000))
    const [location] = await victim.packs.append([{ cid: cidBytes(block), bytes: block.bytes }])
    const { pack, offset, length } = location! // one for each block
    await victim.packs.sync([pack])
    const [committing, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const late = victim.db.write(async (tx) => {
      const packId = await getPackId(tx, { name: pack, writerId: victim.packs.writerId, at: 1 })
      await insertBlocks(tx, [{ multihash: block.multihash, pack_id: packId, offset, length }])
      committing.resolve()
      await commit.promise
    })
    await committing.promise
    const file = join(place.packsDir, `${pack}.car`)
    const before = (await stat(file)).size
    const settling = settlePacks(other, (writerId) => writerId === victim.packs.writerId)
    const waiting = async () => {
      const query = sql<{ n: number }>`select count(*) as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      return (await query.execute(other.db.read)).rows[0]?.n
    }
    await expect.poll(waiting, { timeout: 60_000, interval: 20 }).toBe(1)
    commit.resolve()
    await late
    expect(await settling).toEqual({ removedPacks: 0, cutPacks: 0, damagedPacks: [] })
    expect((await stat(file)).size).toBe(before)
    expect(await findBlocks(other.db.read, [block.multihash])).toHaveLength(1)
  })
})
