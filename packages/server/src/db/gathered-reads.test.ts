import { describe, expect, it } from 'vitest'
import { gatheredRead } from './gathered-reads.ts'
import type { Db } from './runner.ts'

/** Finds even numbers, and remembers what it was asked. */
function openRead() {
  const asked: (readonly number[])[] = []
  const find = async (_db: Db, values: readonly number[]) => {
    asked.push(values)
    if (values.includes(13)) throw new Error('thirteen')
    return values.filter((value) => value % 2 === 0).map((value) => ({ half: value / 2 }))
  }
  return { asked, read: gatheredRead(find, { keyOfValue: String, keyOfRow: ({ half }) => String(half * 2) }) }
}

const db = {} as Db // it is only handed on
const other = {} as Db

describe('gathered reads', () => {
  it('ask once for what is asked for in one turn, and give everybody their own', async () => {
    const { asked, read } = openRead()
    const answers = await Promise.all([read(db, [2]), read(db, [3]), read(db, [4, 2, 4]), read(db, [])])
    expect(answers).toEqual([[{ half: 1 }], [], [{ half: 2 }, { half: 1 }], []])
    expect(asked).toEqual([[2, 3, 4]])
  })

  it('ask again in the next turn: what was read before may have changed', async () => {
    const { asked, read } = openRead()
    await read(db, [2])
    await read(db, [2])
    expect(asked).toEqual([[2], [2]])
  })

  it('ask each database by itself', async () => {
    const { asked, read } = openRead()
    await Promise.all([read(db, [2]), read(other, [4])])
    expect(asked).toEqual([[2], [4]])
  })

  it('that fail tell everybody who asked, and nobody later', async () => {
    const { read } = openRead()
    const ends = await Promise.allSettled([read(db, [2]), read(db, [13])])
    for (const end of ends) expect(end).toMatchObject({ reason: new Error('thirteen') })
    expect(await read(db, [2])).toEqual([{ half: 1 }])
  })
})
