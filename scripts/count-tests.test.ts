import { expect, it } from 'vitest'
import { closingLine, countTests, filesToRunAgain, mergeRuns } from './count-tests.mjs'

const file = (path: string, ...states: string[]) => ({
  path,
  hasFailed: states.includes('failed'),
  tests: states.map((state, i) => ({ name: `test ${i}`, state })),
})

it('says what passed, failed and was skipped', () => {
  const run = { files: [file('a', 'passed', 'failed', 'skipped'), file('b', 'failed', 'pending')], strayErrors: 0 }
  expect(closingLine(countTests(run, 1))).toBe('1 passed, 2 failed, 2 skipped')
  expect(closingLine(countTests({ files: [file('a', 'passed')], strayErrors: 0 }, 0))).toBe('1 passed, 0 failed')
})

it.each([
  ['a run without a report', undefined, 0],
  ['a run of no tests', { files: [], strayErrors: 0 }, 0],
  ['a run that failed beside its tests', { files: [file('a', 'passed')], strayErrors: 0 }, 1],
  ['an error that belongs to no test', { files: [file('a', 'passed')], strayErrors: 1 }, 1],
  ['a file that cannot be loaded', { files: [{ ...file('a', 'passed'), hasFailed: true }], strayErrors: 0 }, 1],
])('counts as one failure: %s', (_, run, exitCode) => {
  expect(countTests(run, exitCode).failed).toBe(1)
})

it('runs a few failed files again, never many, nor after an error of no test', () => {
  const failed = ['a', 'b', 'c', 'd', 'e'].map((path) => file(path, 'failed', 'passed'))
  expect(filesToRunAgain({ files: [...failed, file('z', 'passed')], strayErrors: 0 })).toEqual([
    'a',
    'b',
    'c',
    'd',
    'e',
  ])
  expect(filesToRunAgain({ files: [...failed, file('f', 'failed')], strayErrors: 0 })).toEqual([])
  expect(filesToRunAgain({ files: failed, strayErrors: 1 })).toEqual([])
  expect(filesToRunAgain({ files: [file('z', 'passed')], strayErrors: 0 })).toEqual([])
  expect(filesToRunAgain(undefined)).toEqual([])
})

it('lets what failed twice count as failed, and names what failed once', () => {
  const first = { files: [file('a', 'passed'), file('b', 'failed', 'passed'), file('c', 'failed')], strayErrors: 0 }
  const { run, unsteady } = mergeRuns(first, {
    files: [file('b', 'passed', 'passed'), file('c', 'failed')],
    strayErrors: 0,
  })
  expect(unsteady).toEqual(['b: test 0'])
  expect(countTests(run, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 })
  // A second run that ended early leaves what failed as it was.
  expect(countTests(mergeRuns(first, { files: [], strayErrors: 0 }).run, 0).failed).toBe(2)
})
