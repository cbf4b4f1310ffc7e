import { describe, expect, it } from 'vitest'
import { ImageQueue } from './image-queue.ts'

/** Work that says when it began and ends when told. */
function work(began: string[], name: string) {
  let finish = () => {}
  const until = new Promise<void>((resolve) => (finish = resolve))
  return {
    finish: () => finish(),
    run: async () => {
      began.push(name)
      await until
      return name
    },
  }
}

const never = new AbortController().signal

describe('the queue of images', () => {
  it('gives turns to one share after another, however many each has', async () => {
    const queue = new ImageQueue(['slot'])
    const began: string[] = []
    const names = ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2']
    const all = names.map((name) => {
      const each = work(began, name)
      return { ...each, done: queue.run(name[0] ?? '', never, each.run) }
    })
    for (let ended = 0; ended < names.length; ended++) {
      const current = all[names.indexOf(began.at(-1) ?? '')]
      current?.finish()
      await current?.done
      // The next one begins in the same turn of the loop or the one after it.
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(began).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4'])
  })

  it('refuses who finds too many waiting, of all or of their share, and who waits too long', async () => {
    const queue = new ImageQueue([1], { maxWaiting: 3, maxOfShare: 2, patienceMs: 5 })
    const first = work([], 'first')
    const running = queue.run('x', never, first.run)
    const waiting = ['a', 'a', 'b'].map((share) => queue.run(share, never, async () => share))
    const over = ['a', 'c'].map((share) => queue.run(share, never, async () => share))
    for (const each of [...over, ...waiting])
      await expect(each).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 })
    first.finish()
    expect(await running).toBe('first')
    // Those who left are not called, and nobody waits for them.
    expect(await queue.run('a', never, async (slot) => slot)).toBe(1)
  })

  it('lets who goes away out of the line, and hands on the slot of what failed', async () => {
    const queue = new ImageQueue([1])
    const first = work([], 'first')
    const running = queue.run('x', never, async () => {
      await first.run()
      throw new Error('it broke')
    })
    const gone = new AbortController()
    const left = queue.run('a', gone.signal, async () => 'never')
    const after = queue.run('a', never, async () => 'after')
    gone.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    first.finish()
    await expect(running).rejects.toThrow('it broke')
    expect(await after).toBe('after')
    await expect(queue.run('a', gone.signal, async () => 'never')).rejects.toThrow('gone')
  })
})
