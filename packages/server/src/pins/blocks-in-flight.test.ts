import { expect, it, vi } from 'vitest'
import type { BlobStore, PackLocation } from '../blobs/blob-store.ts'
import { BlocksInFlight } from './blocks-in-flight.ts'

const nothing = { cid: new Uint8Array(0), bytes: [] }

/** A store whose appends end when they are told to. */
function slowStore() {
  const appends: PromiseWithResolvers<PackLocation[]>[] = []
  const append = () => {
    const ended = Promise.withResolvers<PackLocation[]>()
    appends.push(ended)
    return ended.promise
  }
  // Only what is used here.
  return { appends, packs: { append } as unknown as BlobStore }
}

it('dooms only blocks that nobody holds', () => {
  const inFlight = new BlocksInFlight()
  const [one, two] = [inFlight.open(), inFlight.open()]
  expect(one.hold('a')).toBe(true)
  expect(two.hold('a')).toBe(true)
  expect(inFlight.doom(['a', 'b'])).toEqual(new Set(['b']))
  expect(one.hold('b')).toBe(false)
  inFlight.undoom(['b'])
  expect(one.hold('b')).toBe(true)
  one[Symbol.dispose]()
  expect(inFlight.doom(['a', 'b'])).toEqual(new Set(['b']))
  two.drop(['a'])
  two.drop(['a'])
  expect(inFlight.doom(['a'])).toEqual(new Set(['a']))
})

it('holds the packs that bytes went to, from the end of the append until they are named', async () => {
  const inFlight = new BlocksInFlight()
  const holds = inFlight.open()
  const { appends, packs } = slowStore()
  const appending = holds.append(packs, [nothing])
  let ended = false
  const waiting = inFlight.appendsEnded().then(() => (ended = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(ended).toBe(false)
  appends[0]?.resolve([{ pack: 'p', offset: 0, length: 7 }])
  await waiting
  expect(inFlight.isPackHeld('p')).toBe(true)
  await appending
  holds.dropPacks()
  expect(inFlight.isPackHeld('p')).toBe(false)
  holds[Symbol.dispose]()
  expect(inFlight.takeGarbage()).toEqual(new Map())
})

it('says how much garbage an upload that broke off left, also by an append that ended later', async () => {
  const inFlight = new BlocksInFlight()
  const holds = inFlight.open()
  const { appends, packs } = slowStore()
  const [first, second] = [holds.append(packs, [nothing]), holds.append(packs, [nothing])]
  appends[0]?.resolve([{ pack: 'p', offset: 0, length: 7 }])
  await first
  holds[Symbol.dispose]()
  holds[Symbol.dispose]()
  appends[1]?.resolve([{ pack: 'p', offset: 7, length: 5 }])
  await second
  expect(inFlight.isPackHeld('p')).toBe(false)
  expect(inFlight.takeGarbage()).toEqual(new Map([['p', 12]]))
  expect(inFlight.takeGarbage()).toEqual(new Map())
})

it('shares out the memory for what uploads gather', () => {
  const inFlight = new BlocksInFlight({ maxRoomBytes: 20 })
  const [one, two, three, four] = [inFlight.open(), inFlight.open(), inFlight.open(), inFlight.open()]
  const wanted = { mostBytes: 10, leastBytes: 6 }
  expect(one.takeRoom(wanted)).toBe(10)
  expect(one.takeRoom(wanted)).toBe(10)
  // Half of it is for many.
  expect(two.takeRoom(wanted)).toBe(6)
  expect(three.takeRoom(wanted)).toBe(0)
  one[Symbol.dispose]()
  one[Symbol.dispose]()
  expect(three.takeRoom(wanted)).toBe(0)
  expect(four.takeRoom({ mostBytes: 4, leastBytes: 1 })).toBe(4)
})

it('knows the stagings of uploads under way', () => {
  const inFlight = new BlocksInFlight()
  const holds = inFlight.open()
  holds.holdStaging('s')
  expect(inFlight.isStaging('s')).toBe(true)
  holds[Symbol.dispose]()
  expect(inFlight.isStaging('s')).toBe(false)
})

it('knows whether there are uploads', async () => {
  const inFlight = new BlocksInFlight()
  expect(inFlight.usedWithin(3_600_000)).toBe(false)
  const { appends, packs } = slowStore()
  const holds = inFlight.open()
  expect(inFlight.usedWithin(3_600_000)).toBe(true)
  await vi.waitUntil(() => !inFlight.usedWithin(1), { timeout: 60_000, interval: 2 })
  const appending = holds.append(packs, [nothing])
  expect(inFlight.usedWithin(60_000)).toBe(true)
  appends[0]?.resolve([])
  await appending
  holds[Symbol.dispose]()
})
