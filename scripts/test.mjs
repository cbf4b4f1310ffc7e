// `npm test`: installs what is missing, builds the console, runs the tests, ends with one line of counts. Arguments go to vitest.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closingLine, countTests } from './count-tests.mjs'
import { prepare, root } from './prepare.mjs'
import { runNode } from './run-node.mjs'

const node = await prepare({ withConsole: true })
const dir = mkdtempSync(join(tmpdir(), 'pinyon-test-'))
const file = join(dir, 'report.json')
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))

const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
const exitCode = await runNode(node, [vitest, 'run', '--root', root, ...reporters, ...process.argv.slice(2)])
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
const counts = countTests(report, exitCode)
console.log(closingLine(counts))
process.exitCode = counts.failed > 0 ? 1 : 0
