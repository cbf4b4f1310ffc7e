import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { expireFiles } from '../src/files/expire-files.ts'
import { PinEnds } from '../src/pins/pin-ends.ts'
import { openReclaimer } from '../src/pins/reclaimer.ts'
import { releaseHolder } from '../src/pins/release-pin.ts'
import { startTestApp, type TestApp } from './support/app.ts'
import { TestClock } from './support/domain.ts'
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
import { sendForm } from './support/upload.ts'

const never = 3_600_000
const poll = { timeout: 60_000, interval: 5 }

describe.each(databases)('whoever ends a pin wakes reclaim on %s', (database) => {
  const clock = new TestClock()
  const ways: Record<string, (app: TestApp, key: string, file: { id: string; cid: string }) => Promise<unknown>> = {
    'a file is deleted': (app, key, { id }) => app.ask('DELETE', `/v3/files/public/${id}`, { key }),
    'a CID is unpinned': (app, key, { cid }) => app.ask('DELETE', `/pinning/unpin/${cid}`, { key }),
    'the time of a file is over': (app) => {
      clock.move(100_000)
      return expireFiles(app.services)
    },
  }

  it.each(Object.entries(ways))('when %s', async (_, end) => {
    // The timer that looks for work never fires. Fake timers would be moved on by `poll`.
    const { setInterval } = globalThis
    const rare = vi.spyOn(globalThis, 'setInterval').mockImplementation((work) => setInterval(work, never))
    onTestFinished(() => rare.mockRestore())
    const app = await startTestApp({ database, clock })
    onTestFinished(() => app.close())
    const { JWT: key } = await app.setUp()
    const { body } = await sendForm(app, '/v3/files', key, [
      ['network', 'public'],
      ['expires_at', String(Math.floor(clock.now() / 1000) + 50)],
      ['file', bytesOf('wakes', 100_000), 'a.bin'],
    ])
    expect(await app.services.packs.list()).toHaveLength(1)
    await end(app, key, body.data)
    await expect.poll(() => app.services.packs.list(), poll).toEqual([])
  })
})

describe.each(databases)('passes that were woken on %s', (kind) => {
  let place: LedgerPlace & { remove(): Promise<void> }
  let ledger: OpenLedger
  let pinEnds: PinEnds
  beforeEach(async () => {
    place = await makeLedgerPlace(kind)
    const opened = await openLedger(place, { segmentBytes: 1_000_000 })
    pinEnds = new PinEnds()
    ledger = { ...opened, db: pinEnds.ofDatabase(opened.db) }
  })
  afterEach(async () => {
    await ledger.close()
    await place.remove()
  })
  const pin = (name: string) => {
    const block = rawBlock(bytesOf(name, 100_000))
    return pinBlocksOf(ledger, { root: block.cid, blocks: [block] })
  }

  it('are told of the last holder, once the write is durable', async () => {
    const { pinId } = await pin('twice')
    await pin('twice')
    const told = vi.fn<() => void>()
    pinEnds.onEnd(told)
    await release(ledger, pinId)
    const undone = ledger.db.write(async (tx) => {
      await releaseHolder(tx, pinId)
      throw new Error('no')
    })
    await expect(undone).rejects.toThrow('no')
    expect(told).not.toHaveBeenCalled()
    await release(ledger, pinId)
    expect(told).toHaveBeenCalledOnce()
  })

  it('are followed by another when pins ended meanwhile', async () => {
    const { pinId } = await pin('first')
    const { pinId: later } = await pin('later')
    const remove: OpenLedger['packs']['remove'] = async (pack, options) => {
      if ((await countRows(ledger)).pins > 0) {
        await release(ledger, later)
        // The wake comes during this pass; it is not waited for, so that a slow machine changes nothing.
        await setTimeout(20)
      }
      await ledger.packs.remove(pack, options)
    }
    const watched = { ...ledger, packs: { ...ledger.packs, remove } }
    const reclaimer = openReclaimer(watched, { everyMs: never, quietMs: 0, liveShare: 1, minDeadBytes: 0, pinEnds })
    await release(ledger, pinId)
    await expect.poll(() => ledger.packs.list(), poll).toEqual([])
    await reclaimer.close()
  })

  it('rest while there are uploads', async () => {
    const { pinId } = await pin('dead')
    await pin('live')
    // So little that the first rest is minutes long.
    const share = 1e-5
    const pace = { everyMs: never, quietMs: 0, liveShare: 1, minDeadBytes: 0, share }
    const { blocksInFlight } = ledger
    blocksInFlight.usedWithin = () => true
    const reclaimer = openReclaimer({ ...ledger, blocksInFlight }, { ...pace, pinEnds })
    await release(ledger, pinId)
    const [before] = await ledger.packs.list()
    await expect.poll(async () => (await countRows(ledger)).pins, poll).toBe(1)
    // A pass that does not rest is over after fewer reads than these.
    for (let i = 0; i < 50; i++) await countRows(ledger)
    await reclaimer.close()
    expect(await ledger.packs.list()).toEqual([before])
  })
})
