import { expect, it } from 'vitest'
import { findCycles } from './cycles.ts'

it('finds a way around that goes by types only', () => {
  const files = new Map([
    ['lib/a.ts', `import { b } from './b.ts'`],
    ['lib/b.ts', `import type { C } from './deep/c.ts'`],
    ['lib/deep/c.ts', `export type { A } from '../a.ts'`],
    ['lib/d.ts', `import { a } from './a.ts'`],
  ])
  expect(findCycles(files)).toEqual([['lib/a.ts', 'lib/b.ts', 'lib/deep/c.ts', 'lib/a.ts']])
})

it('finds a way around across packages', () => {
  const files = new Map([
    ['packages/contract/src/a.ts', `import { b } from '@pinyon/server/b.ts'`],
    ['packages/server/src/b.ts', `import { a } from '@pinyon/contract/a.ts'`],
  ])
  expect(findCycles(files)).toHaveLength(1)
})

it('takes two ways to the same file for no cycle', () => {
  const files = new Map([
    ['a.ts', `import './b.ts'\nimport './c.ts'`],
    ['b.ts', `import './d.ts'`],
    ['c.ts', `import './d.ts'`],
    ['d.ts', ''],
  ])
  expect(findCycles(files)).toEqual([])
})
