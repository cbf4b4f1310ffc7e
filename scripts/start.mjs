// `npm start`: installs what is missing, builds the console, then is the server, in this process where its Node is new enough.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare, root } from './prepare.mjs'
import { runNode } from './run-node.mjs'

const main = join(root, 'packages/server/src/main.ts')
const node = await prepare({ withConsole: true })
if (node === process.execPath) await import(pathToFileURL(main).href)
else process.exitCode = await runNode(node, [main, ...process.argv.slice(2)])
