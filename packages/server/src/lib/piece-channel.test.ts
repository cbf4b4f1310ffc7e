import { describe, expect, it } from 'vitest'
import { PieceChannel } from './piece-channel.ts'

describe('PieceChannel', () => {
  it('hands pieces on one at a time: a write ends when the reader comes back for more', async () => {
    const channel = new PieceChannel()
    const seen: string[] = []
    const reading = (async () => {
      for await (const piece of channel) {
        seen.push(`read ${piece[0]}`)
        await new Promise((resolve) => void setImmediate(resolve))
      }
    })()
    for (const value of [1, 2, 3]) {
      await channel.write(Uint8Array.of(value))
      seen.push(`wrote ${value}`)
    }
    channel.end()
    await reading
    expect(seen).toEqual(['read 1', 'wrote 1', 'read 2', 'wrote 2', 'read 3', 'wrote 3'])
  })

  it('lets every write pass when the reader has left', async () => {
    const channel = new PieceChannel()
    const reading = (async () => {
      for await (const _ of channel) break
    })()
    await channel.write(Uint8Array.of(1))
    await reading
    expect(channel.isLeft).toBe(true)
    await channel.write(Uint8Array.of(2))
  })
})
