import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findFiles, readSourceFiles } from './source-files.ts'

const checkout = join(import.meta.dirname, '../..')

it.each(['packages/server', 'packages/testing', 'acceptance', 'bench', 'scripts', 'torture'])(
  'reads the sources of %s',
  (folder) => {
    expect([...readSourceFiles(checkout).keys()].some((path) => path.startsWith(`${folder}/`))).toBe(true)
  },
)

it('finds every lock, and nothing that was installed', () => {
  expect(findFiles(checkout, ['**/package.json']).join()).not.toContain('node_modules')
  expect(findFiles(checkout, ['**/package-lock.json'])).toEqual([
    'acceptance/clients/package-lock.json',
    'acceptance/pinning/package-lock.json',
    'acceptance/runners/package-lock.json',
    'package-lock.json',
    'runtime/package-lock.json',
  ])
})
