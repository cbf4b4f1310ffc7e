import { expect, it } from 'vitest'
import { FairSlots } from './fair-slots.ts'

const free = { signal: new AbortController().signal, isUnderWay: false }
const bounds = { slots: 4, ofClient: 2, waiting: 10, waitingOfClient: 3 }
const refusal = (promise: Promise<unknown>) => promise.then(() => 'taken', (error: { code?: string }) => error.code) // prettier-ignore

it('gives one client no more than its part, and the rest to others', async () => {
  const slots = new FairSlots(bounds)
  const first = await slots.take('a', free)
  await slots.take('a', free)
  const third = slots.take('a', free)
  await slots.take('b', free)
  expect([slots.taken, slots.waiting]).toEqual([3, 1])
  first()
  first()
  await third
  expect([slots.taken, slots.waiting]).toEqual([3, 0])
})

it('gives free places to waiting clients in turn, however many one has waiting', async () => {
  const slots = new FairSlots({ ...bounds, slots: 1, ofClient: 1 })
  const release = await slots.take('x', free)
  const order: string[] = []
  const wait = async (client: string) => {
    const done = await slots.take(client, free)
    order.push(client)
    done()
  }
  const all = [wait('a'), wait('a'), wait('a'), wait('b'), wait('b'), wait('c')]
  release()
  await Promise.all(all)
  expect(order).toEqual(['a', 'b', 'c', 'a', 'b', 'a'])
  expect([slots.taken, slots.waiting]).toEqual([0, 0])
})

it('refuses at once what cannot even wait, but for answers that are half read', async () => {
  const slots = new FairSlots({ slots: 1, ofClient: 1, waiting: 4, waitingOfClient: 3 })
  const release = await slots.take('a', free)
  const waiting = [slots.take('a', free), slots.take('a', free), slots.take('a', free)]
  expect(await refusal(slots.take('a', free))).toBe('rate_limited')
  waiting.push(slots.take('b', free))
  expect(await refusal(slots.take('c', free))).toBe('rate_limited')
  waiting.push(slots.take('c', { ...free, isUnderWay: true }))
  expect(slots.waiting).toBe(5)
  release()
  await Promise.all(waiting.map(async (each) => (await each)()))
  expect([slots.taken, slots.waiting]).toEqual([0, 0])
})

it('forgets who waits no more', async () => {
  const slots = new FairSlots({ ...bounds, slots: 1, ofClient: 1 })
  const release = await slots.take('a', free)
  const controller = new AbortController()
  const left = slots.take('b', { signal: controller.signal, isUnderWay: false })
  const stays = slots.take('c', free)
  controller.abort(new Error('gone'))
  await expect(left).rejects.toThrow('gone')
  release()
  await stays
  expect([slots.taken, slots.waiting]).toEqual([1, 0])
})
