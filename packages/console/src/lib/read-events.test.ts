import { expect, it } from 'vitest'
import { readEvents } from './read-events.ts'

const stream = (...pieces: string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece))
      controller.close()
    },
  })

async function all(...pieces: string[]) {
  const events = []
  for await (const event of readEvents(stream(...pieces))) events.push(event)
  return events
}

it('reads events however they are cut, and passes over what says only that somebody is there', async () => {
  const text =
    'retry: 2000\n\n: still here\n\nid: 7\nevent: pin.pinned\ndata: {"a":"event: no"}\n\nevent: gap\ndata: {}\n\n'
  const expected = [
    { id: '7', kind: 'pin.pinned' },
    { id: undefined, kind: 'gap' },
  ]
  expect(await all(text)).toEqual(expected)
  expect(await all(...text.split(''))).toEqual(expected)
})

it('ends where a message does not', async () => {
  expect(await all('id: 1\nevent: a\n\n', 'x'.repeat(1_100_000), '\n\nid: 2\nevent: b\n\n')).toHaveLength(1)
})
