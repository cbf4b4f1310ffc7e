import { describe, expect, it } from 'vitest'
import { pinStatuses } from '../src/files/pin-counts.ts'
import { absentCid } from '../src/ipfs/sample-dags.ts'
import { allocateCreatedAt, findLastPinTime, isPinTimeTaken, lockPinRooms } from '../src/requests/created-at.ts'
import { databases } from './support/ledger.ts'
import { openEngine } from './support/pin-engine.ts'

describe.each(databases)('times of new pins on %s', (kind) => {
  /** An engine with two accounts, the first of which has a pin in this status and with this time. */
  const open = async (pin_status: number | null, created_at: number) => {
    const engine = await openEngine(kind)
    for (const account of ['a', 'b']) await engine.addAccount(account)
    const [id = ''] = await engine.ask('a', absentCid())
    const { db } = engine.services
    await db.write((tx) => tx.updateTable('files').set({ pin_status, created_at }).where('id', '=', id).execute())
    const next = (account: string, now: number) =>
      db.write(async (tx) => {
        const rooms = await lockPinRooms(tx, ['b', 'a'])
        const room = rooms.get(account)
        return [await allocateCreatedAt(tx, account, now), room?.allocateCreatedAt(now), room?.allocateCreatedAt(now)]
      })
    return { db, next }
  }
  const now = 1_700_000_000_000

  it.each(Object.entries(pinStatuses))(
    'come after the last one that is %s, however far it lies ahead',
    async (_, status) => {
      const last = now + 60_000
      const { db, next } = await open(status, last)
      expect(await next('a', now)).toEqual([last + 1, last + 1, last + 2])
      // A clock that went back, the last millisecond, and later ones.
      expect(await next('a', now - 3_600_000)).toEqual([last + 1, last + 1, last + 2])
      expect(await next('a', last)).toEqual([last + 1, last + 1, last + 2])
      expect(await next('a', last + 5)).toEqual([last + 5, last + 5, last + 6])
      expect(await next('b', now)).toEqual([now, now, now + 1])
      expect(await findLastPinTime(db.read, 'a')).toBe(last)
      expect(await findLastPinTime(db.read, 'b')).toBe(0)
      const isTaken = (account: string, createdAt: number) =>
        db.write((tx) => isPinTimeTaken(tx, { account, createdAt }))
      expect([await isTaken('a', last), await isTaken('a', last + 1), await isTaken('b', last)]).toEqual([
        true,
        false,
        false,
      ])
    },
  )

  it('are refused by the database where the account has a pin of the status with the same', async () => {
    const { db } = await open(pinStatuses.queued, now)
    const [file] = await db.read.selectFrom('files').selectAll().execute()
    const { seq: _seq, ...row } = file ?? expect.fail('one was asked for')
    const again = { ...row, id: 'another' }
    await expect(db.write((tx) => tx.insertInto('files').values(again).execute())).rejects.toThrow(/unique/i)
  })
})
