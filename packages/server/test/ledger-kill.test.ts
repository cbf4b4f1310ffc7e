import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { pinBlocks } from '../src/pins/read-blocks.ts'
import { openReclaimer } from '../src/pins/reclaimer.ts'
import { recoverPins } from '../src/pins/recover.ts'
import { databases, openLedger, type OpenLedger } from './support/ledger.ts'
import { makeLedgerPlace } from './support/ledger-place.ts'
import { type LedgerNews, type LedgerOrder, poolBlock } from './support/ledger-process.ts'

const rounds = 6

describe.each(databases)('a ledger on %s', (kind) => {
  it('keeps every pin over kills at any moment of uploads, releases and compaction', { timeout: 300_000 }, async () => {
    const place = await makeLedgerPlace(kind)
    /** Acknowledged pins and what they are made of. */
    const held = new Map<string, readonly number[]>()
    const perhapsReleased = new Set<string>()
    const released = new Set<string>()
    let pinned = 0
    let ledger: OpenLedger | undefined
    try {
      for (let round = 0; round < rounds; round++) {
        const child = fork(join(import.meta.dirname, 'support/ledger-process.ts'), { execArgv: [] })
        const exited = once(child, 'exit')
        const ready = Promise.withResolvers<void>()
        child.on('message', (news: LedgerNews) => {
          if (news.kind === 'failed') throw new Error(news.error)
          if (news.kind === 'ready') return ready.resolve()
          if (news.kind === 'pinned') {
            held.set(news.pinId, news.blocks)
            pinned++
          } else {
            held.delete(news.pinId)
            if (news.kind === 'releasing') perhapsReleased.add(news.pinId)
            else released.add(news.pinId)
          }
        })
        const order: LedgerOrder = { place, firstCodec: 0x310000 + round * 100_000, held: [...held.keys()] }
        child.send(order)
        await ready.promise
        // Some of its work, however busy the machine is, and then any moment.
        const enough = pinned + 12
        await expect.poll(() => pinned, { timeout: 60_000, interval: 5 }).toBeGreaterThan(enough)
        await setTimeout(Math.random() * 400)
        child.kill('SIGKILL')
        await exited

        ledger = await openLedger(place)
        const { damagedPacks } = await recoverPins(ledger, { dir: place.packsDir })
        expect(damagedPacks).toEqual([])
        for (const [pinId, numbers] of held) {
          const own = pinBlocks(ledger, { pinId, network: 'public' })
          for (const number of numbers) {
            const { multihash, bytes } = poolBlock(number)
            expect(await own.get(multihash), `block ${number} of pin ${pinId}`).toEqual(Buffer.from(bytes[0]!)) // one piece
          }
        }
        const published = await ledger.db.read.selectFrom('pins').select('id').where('state', '=', 'pinned').execute()
        for (const { id } of published) expect(released).not.toContain(id)
        if (round < rounds - 1) await ledger.close()
      }
      // A load that released nothing would prove less.
      expect(released.size).toBeGreaterThan(rounds)
      if (ledger === undefined) throw new Error('there were rounds')
      const reclaimer = openReclaimer(ledger, { minDeadBytes: 0, liveShare: 1 })
      await reclaimer.reclaimNow({ everything: true })
      await reclaimer.close()
      const named = await ledger.db.read.selectFrom('pin_blocks').select('block_id').distinct().execute()
      const blocks = await ledger.db.read.selectFrom('blocks').select('id').execute()
      expect(blocks).toHaveLength(named.length)
      let sections = 0
      for (const { pack } of await ledger.packs.list()) for await (const _ of ledger.packs.scan(pack)) sections++
      expect(sections).toBe(blocks.length)
    } finally {
      await ledger?.close()
      await place.remove()
    }
  })
})
