import { expect, it } from 'vitest'
import { closingLine, countTests } from './count-tests.mjs'

const nothing = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }

it('says what passed, failed and was skipped', () => {
  const report = { ...nothing, numPassedTests: 7, numFailedTests: 2, numPendingTests: 1, numTodoTests: 3 }
  expect(closingLine(countTests(report, 1))).toBe('7 passed, 2 failed, 4 skipped')
  expect(closingLine(countTests({ ...nothing, numPassedTests: 7 }, 0))).toBe('7 passed, 0 failed')
})

it.each([
  ['a run without a report', undefined, 0],
  ['a run of no tests', nothing, 0],
  ['a run that failed beside its tests', { ...nothing, numPassedTests: 3 }, 1],
  [
    'a file that cannot be loaded',
    { ...nothing, numPassedTests: 3, testResults: [{ status: 'failed', assertionResults: [{ status: 'passed' }] }] },
    1,
  ],
])('counts as one failure: %s', (_, report, exitCode) => {
  expect(countTests(report, exitCode).failed).toBe(1)
})
