import { describe, expect, it } from 'vitest'
import { MemoryBlocks } from '@pinyon/server/ipfs/memory-blocks.ts'
import { collectBytes, putDirectory, putRaw } from '@pinyon/server/ipfs/sample-dags.ts'
import { writeCar } from '@pinyon/server/ipfs/write-car.ts'
import { checkCar } from './check-car.ts'

const never = new AbortController().signal

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

describe('checkCar', () => {
  const blocks = new MemoryBlocks()
  const leaf = putRaw(blocks, 'leaf')
  const root = putDirectory(blocks, { a: leaf, b: leaf, deep: putDirectory(blocks, { leaf }) })
  const car = (options = {}) => collectBytes(writeCar(blocks, root, { scope: 'all', ...options }))

  it('takes a whole CAR, blocks that repeat included', async () => {
    for (const repeats of [false, true])
      await expect(checkCar(piecesOf(await car({ repeats })), root, never)).resolves.toBeUndefined()
  })

  it('finds blocks that are linked and missing', async () => {
    const check = checkCar(piecesOf(await car({ scope: 'block' })), root, never)
    await expect(check).rejects.toThrow(/blocks of \w+ are missing/)
  })

  it('finds another root, none, and several', async () => {
    for (const roots of [[leaf], [], [root, leaf]])
      await expect(checkCar(piecesOf(await car({ roots })), root, never)).rejects.toThrow('its root is another one')
  })

  it('finds bytes that are not those of their CID', async () => {
    const bytes = Buffer.from(await car())
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    await expect(checkCar(piecesOf(bytes), root, never)).rejects.toThrow('its bytes are not those its CID names')
  })
})
