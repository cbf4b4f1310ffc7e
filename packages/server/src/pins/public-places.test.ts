import { afterEach, expect, it, vi } from 'vitest'
import type { Database } from '../db/database.ts'
import { PublicPlaces } from './public-places.ts'

const multihash = Uint8Array.of(0x12, 1, 7)
const found = vi.hoisted(() => ({ rows: [] as { pack: string; offset: number; length: number }[], asked: 0 }))
vi.mock('./block-queries.ts', () => ({
  findPublicBlock: async () => {
    found.asked++
    return found.rows
  },
}))

afterEach(() => vi.useRealTimers())

it('remembers that a block is public for less than a second, and not beyond a commit', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const db = { read: {} as Database['read'], commits: 1 }
  const places = new PublicPlaces(db)
  found.rows = [{ pack: 'a', offset: 1, length: 2 }]
  expect(places.peek(multihash)).toBeUndefined()
  expect(await places.find(multihash)).toMatchObject({ pack: 'a' })
  vi.advanceTimersByTime(899)
  expect(places.peek(multihash)).toMatchObject({ pack: 'a' })
  vi.advanceTimersByTime(1)
  expect(places.peek(multihash)).toBeUndefined()
  await places.find(multihash)
  expect(places.peek(multihash)).toBeDefined()
  db.commits = 2
  expect(places.peek(multihash)).toBeUndefined()
})

it('never remembers that a block is not public, and forgets it when it is so', async () => {
  const places = new PublicPlaces({ read: {} as Database['read'], commits: 1 })
  found.rows = [{ pack: 'a', offset: 1, length: 2 }]
  await places.find(multihash)
  found.rows = []
  expect(await places.find(multihash)).toBeUndefined()
  expect(places.peek(multihash)).toBeUndefined()
  found.rows = [{ pack: 'b', offset: 1, length: 2 }]
  expect(await places.find(multihash)).toMatchObject({ pack: 'b' })
})
