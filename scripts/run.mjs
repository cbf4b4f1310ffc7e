// Runs Node with the arguments given, in a checkout that may be bare and under a Node that may be too old.
import { prepare } from './prepare.mjs'
import { runNode } from './run-node.mjs'

process.exitCode = await runNode(await prepare(), process.argv.slice(2))
