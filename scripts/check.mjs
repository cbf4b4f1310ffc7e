// `npm run check`: everything that is looked at without running the program. Names of checks as arguments run only those.
import { fileURLToPath } from 'node:url'
import { prepare, root } from './prepare.mjs'
import { runNode } from './run-node.mjs'

const node = await prepare()
const args = process.argv.slice(2)
if (node === process.execPath) {
  const { runChecks } = await import('./check/run.ts')
  process.exitCode = (await runChecks(root, args)) ? 0 : 1
} else process.exitCode = await runNode(node, [fileURLToPath(import.meta.url), ...args])
