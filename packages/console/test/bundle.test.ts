import { expect, it } from 'vitest'
import { readBundle } from './support/read-bundle.ts'

const { initial, pages } = readBundle()

it('loads less than 200 kB of script at first', () => {
  expect(initial.gzip).toBeGreaterThan(50_000) // or it was not found
  expect(initial.gzip).toBeLessThan(200_000)
})

it('loads less than 60 kB more for any page', () => {
  expect(pages.length).toBeGreaterThan(10)
  expect(pages.filter(({ size }) => size.gzip >= 60_000)).toEqual([])
})
