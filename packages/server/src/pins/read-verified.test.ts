import { expect, it } from 'vitest'
import { type BlobReader, PackMissing, StorageDamaged } from '../blobs/blob-store.ts'
import { Denials } from '../denials/denials.ts'
import { sha256Multihash } from '../ipfs/multihash.ts'
import { openLog } from '../lib/log.ts'
import { createMetrics } from '../lib/metrics.ts'
import { readBlock, type ReadServices } from './read-verified.ts'
import { VerifiedBlocks } from './verified-blocks.ts'

const bytes = Buffer.from('the bytes of a block')
const multihash = sha256Multihash([bytes])

/** A store in which the packs named in `there` hold `content`. */
function servicesWith(there: readonly string[], content: Uint8Array = bytes) {
  const reads: string[] = []
  const packs: Pick<BlobReader, 'read'> = {
    async read(location) {
      reads.push(location.pack)
      if (location.pack === 'broken') throw new StorageDamaged(location)
      if (!there.includes(location.pack)) throw new PackMissing(location.pack)
      return content
    },
  }
  const log = openLog({ level: 'silent', readable: false })
  const services: Omit<ReadServices, 'db'> = {
    packs,
    verifiedBlocks: new VerifiedBlocks(),
    metrics: createMetrics(),
    // Nothing is taken down: no database is asked.
    denials: new Denials({ db: { read: undefined as never }, log }),
    log,
  }
  return { services, reads }
}
/** Finds the block in one pack after the other. */
function placesIn(...packs: string[]) {
  return async () => {
    const pack = packs.shift()
    return pack === undefined ? undefined : { pack, offset: 0, length: bytes.length }
  }
}

it('follows a block that moves while it is read', async () => {
  const { services, reads } = servicesWith(['c'])
  expect(await readBlock(services, multihash, placesIn('a', 'b', 'c'))).toEqual(bytes)
  expect(reads).toEqual(['a', 'b', 'c'])
})

it('gives up on a block that is nowhere, and finds none that went away meanwhile', async () => {
  const { services } = servicesWith([])
  await expect(readBlock(services, multihash, placesIn('a', 'a', 'a', 'a'))).rejects.toMatchObject({
    name: 'BlockDamaged',
  })
  expect(await readBlock(services, multihash, placesIn('a'))).toBeUndefined()
})

it('asks who may see a block each time, and reads it once', async () => {
  const { services, reads } = servicesWith(['a'])
  const find = placesIn('a', 'a')
  expect(await readBlock(services, multihash, find)).toEqual(bytes)
  expect(await readBlock(services, multihash, find)).toEqual(bytes)
  expect(await readBlock(services, multihash, find)).toBeUndefined()
  expect(reads).toEqual(['a'])
})

it.each([
  ['whose bytes changed', 'a'],
  ['that cannot be read', 'broken'],
])('gives no byte of a block %s, counts it and remembers it', async (_, pack) => {
  const { services } = servicesWith(['a'], Buffer.from('other bytes of the block'))
  const block = { multihash, pack_id: 1, offset: 0, length: bytes.length }
  expect(services.verifiedBlocks.isDamaged(block)).toBe(false)
  await expect(readBlock(services, multihash, placesIn(pack))).rejects.toMatchObject({ code: 'storage_failed' })
  expect((await services.metrics.damagedBlocks.get()).values).toMatchObject([{ value: 1 }])
  expect(services.verifiedBlocks.isDamaged(block)).toBe(true)
  services.verifiedBlocks.keep(multihash, bytes)
  expect(services.verifiedBlocks.isDamaged(block)).toBe(false)
})
