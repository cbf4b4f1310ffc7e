// `npm test`: installs what is missing, runs the tests, ends with one line of counts. Arguments go to vitest.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepare, root } from './prepare.mjs'
import { runNode } from './run-node.mjs'

const node = await prepare()
const dir = mkdtempSync(join(tmpdir(), 'pinyon-test-'))
const report = join(dir, 'report.json')
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))

const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
const code = await runNode(node, [vitest, 'run', '--root', root, ...reporters, ...process.argv.slice(2)])
const counts = countTests(code)
console.log(
  `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`,
)
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0

/**
 * A file that cannot be loaded counts as one failure, and so does a run that fails without saying which test did.
 *
 * @param {number} exitCode of vitest
 */
function countTests(exitCode) {
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests, testResults } = readReport()
  const broken = testResults.filter((file) => file.status === 'failed' && !file.assertionResults.some(hasFailed)).length
  const failed = numFailedTests + broken
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed, skipped: numPendingTests + numTodoTests }
}

/** @param {{ status: string }} test */
function hasFailed(test) {
  return test.status === 'failed'
}

/**
 * @returns {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, assertionResults: { status: string }[] }[] }}
 */
function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    console.error('The test run ended before it could say what passed.')
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, testResults: [] }
  }
}
