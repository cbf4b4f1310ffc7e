import { expect, it } from 'vitest'
import { samplePin } from '../scripts/sample-pins.ts'
import type { Samples } from '../scripts/seed-samples.ts'
import { shots } from '../scripts/shots.ts'
import { readPagePaths } from './support/page-paths.ts'

/** Every sample of an id there may be. */
const samples = new Proxy({}, { get: () => 'sample' }) as Samples // read for its ids alone

const addresses = shots.map((shot) => new URL(shot.path(samples), 'http://console.example').pathname)

it.each([...readPagePaths('root'), ...readPagePaths()])('the page %s is photographed', (path) => {
  // One of the samples: `/keys/new` and `/keys/none` would do for `/keys/$id` otherwise, and neither is the page of a key.
  const id = `(sample|${samplePin('failed')})`
  const pattern = new RegExp(`^${path.replaceAll('$network', '(public|private)').replaceAll(/\$\w+/g, id)}$`)
  expect(addresses.filter((address) => pattern.test(address))).not.toEqual([])
})

it('gives every picture a name of its own', () => {
  expect(new Set(shots.map(({ name }) => name)).size).toBe(shots.length)
})
