// Runs Node with the arguments given, in a checkout that may be bare and under a Node that may be too old. With
// `--console` before them it builds the console first, where it is not what the sources say.
import { prepare } from './prepare.mjs'
import { runNode } from './run-node.mjs'

const [first, ...rest] = process.argv.slice(2)
const withConsole = first === '--console'
const args = withConsole || first === undefined ? rest : [first, ...rest]
process.exitCode = await runNode(await prepare({ withConsole }), args)
