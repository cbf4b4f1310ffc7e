import { expect, it } from 'vitest'
import { LinkBatch } from './link-batch.ts'
import type { LinkRow } from './queries.ts'

/** Writes that are only counted; those whose number is in `failing` fail. */
function openBatch(failing: readonly number[] = []) {
  let writes = 0
  const batch = new LinkBatch({
    async write<T>(): Promise<T> {
      writes++
      await Promise.resolve()
      if (failing.includes(writes)) throw new Error(`write ${writes} failed`)
      return undefined as T // nobody looks at what these writes give
    },
  })
  return { batch, count: () => writes }
}

const row = {} as LinkRow // what is written is not looked at here

it('writes what comes during a write together, in a few writes', async () => {
  const { batch, count } = openBatch()
  await Promise.all(Array.from({ length: 500 }, () => batch.add(row, undefined)))
  expect(count()).toBe(3)
  await batch.add(row, undefined)
  expect(count()).toBe(4)
})

it('tells those alone whose write failed, and goes on', async () => {
  const { batch } = openBatch([2])
  const results = await Promise.allSettled(Array.from({ length: 300 }, () => batch.add(row, undefined)))
  const failed = results.filter(({ status }) => status === 'rejected')
  expect(failed).toHaveLength(256)
  await expect(batch.add(row, undefined)).resolves.toBeUndefined()
})
