/** @import { TestRun } from './test-reporter.mjs' */

/** With more failed files than this, something is broken, and running them again says nothing new. */
const mostRunAgain = 5

/**
 * The counts of a run. A file that cannot be loaded counts as one failure, and so does a run that failed without saying
 * which test did, that left no report, or in which nothing passed.
 *
 * @param {TestRun | undefined} run
 * @param {number} exitCode of vitest
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function countTests(run, exitCode) {
  if (run === undefined) return { passed: 0, failed: 1, skipped: 0 }
  let [passed, failed, skipped] = [0, run.strayErrors, 0]
  for (const file of run.files) {
    const failedTests = file.tests.filter(({ state }) => state === 'failed').length
    passed += file.tests.filter(({ state }) => state === 'passed').length
    failed += file.hasFailed ? Math.max(failedTests, 1) : 0
    skipped += file.tests.filter(({ state }) => state === 'skipped' || state === 'pending').length
  }
  return { passed, failed: failed === 0 && (exitCode !== 0 || passed === 0) ? 1 : failed, skipped }
}

/**
 * The files worth a second run: those that failed, if they are few and nothing else went wrong. Empty otherwise.
 *
 * @param {TestRun | undefined} run
 * @returns {string[]} paths
 */
export function filesToRunAgain(run) {
  if (run === undefined || run.strayErrors > 0) return []
  const failed = run.files.filter(({ hasFailed }) => hasFailed).map(({ path }) => path)
  return failed.length > mostRunAgain ? [] : [...new Set(failed)]
}

/**
 * A run in which the files of a second one stand as that left them, and the tests that failed the first time alone.
 *
 * @param {TestRun} first
 * @param {TestRun} second
 * @returns {{ run: TestRun, unsteady: string[] }}
 */
export function mergeRuns(first, second) {
  const again = new Map(second.files.map((file) => [file.path, file]))
  const unsteady = first.files.flatMap((file) => {
    const later = again.get(file.path)
    if (!file.hasFailed || later === undefined || later.hasFailed) return []
    const names = file.tests.filter(({ state }) => state === 'failed').map(({ name }) => `${file.path}: ${name}`)
    return names.length > 0 ? names : [file.path]
  })
  const files = first.files.map((file) => again.get(file.path) ?? file)
  return { run: { files, strayErrors: first.strayErrors + second.strayErrors }, unsteady }
}

/**
 * The line that a test run ends with.
 *
 * @param {{ passed: number, failed: number, skipped: number }} counts
 */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
