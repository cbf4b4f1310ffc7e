// `npm test`: installs what is missing, builds the console, runs the tests, ends with one line of counts. Arguments go to vitest.
// After a whole run a few files that failed run once more, with nothing beside them: what fails again has failed, what does not
// is named as unsteady, a defect to mend that must not hide the rest.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closingLine, countTests, filesToRunAgain, mergeRuns } from './count-tests.mjs'
import { prepare, root } from './prepare.mjs'
import { runNode } from './run-node.mjs'

const node = await prepare({ withConsole: true })
const dir = mkdtempSync(join(tmpdir(), 'pinyon-test-'))
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
const args = process.argv.slice(2)

let { run, exitCode } = await runTests('first', args)
const again = args.length === 0 ? filesToRunAgain(run) : []
if (run !== undefined && again.length > 0) {
  console.log(`\nFailed files: ${again.length}. They run once more, one after the other.`)
  const second = await runTests('second', ['--no-file-parallelism', ...again])
  const merged = mergeRuns(run, second.run ?? { files: [], strayErrors: 1 })
  for (const name of merged.unsteady) console.log(`unsteady, failed once and passed once: ${name}`)
  run = merged.run
  exitCode = second.exitCode
}
const counts = countTests(run, exitCode)
console.log(closingLine(counts))
process.exitCode = counts.failed > 0 ? 1 : 0

/**
 * @param {string} name of the report, unlike that of another run
 * @param {readonly string[]} args
 * @returns {Promise<{ run: import('./test-reporter.mjs').TestRun | undefined, exitCode: number }>}
 */
async function runTests(name, args) {
  const file = join(dir, `${name}.json`)
  // Not named as a setting of Pinyon: servers that tests start refuse those that they do not know.
  process.env['TEST_RUN_FILE'] = file
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/test-reporter.mjs')}`]
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const exitCode = await runNode(node, [vitest, 'run', '--root', root, ...reporters, ...args])
  return { run: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined, exitCode }
}
