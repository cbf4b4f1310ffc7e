import { expect, it } from 'vitest'
import { Closers } from './closers.ts'

it('what was opened is closed once, in reverse, also behind what cannot be closed', async () => {
  const closed: string[] = []
  const closers = new Closers()
  closers.push((patienceMs) => void closed.push(`first after ${patienceMs}`))
  closers.push(async () => {
    await Promise.reject(new Error('stuck'))
  })
  closers.push(async () => void closed.push('last'))
  await expect(closers.close(7)).rejects.toMatchObject({ errors: [new Error('stuck')] })
  expect(closed).toEqual(['last', 'first after 7'])
  await closers.close(7)
  expect(closed).toHaveLength(2)
})
