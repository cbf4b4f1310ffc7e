// `npm run dev`: the server, begun anew when a file of it changes or when the console was built anew because one of its own did.
import { watch } from 'node:fs'
import { join } from 'node:path'
import { prepare, prepareConsole, root } from './prepare.mjs'
import { runNode } from './run-node.mjs'

/** Editors write a file in several steps. */
const settleMs = 100
const node = await prepare({ withConsole: true })
let restart = new AbortController()

/** @type {NodeJS.Timeout | undefined} */
let timer
const onChange = () => {
  clearTimeout(timer)
  timer = setTimeout(() => void rebuild(), settleMs)
}
watch(join(root, 'packages/console'), onChange)
for (const folder of ['console/src', 'console/public', 'contract/src'])
  watch(join(root, 'packages', folder), { recursive: true }, onChange)

async function rebuild() {
  try {
    if (await prepareConsole(node)) restart.abort()
  } catch (error) {
    // The console there was goes on being served; the next change tries again.
    console.error(error instanceof Error ? error.message : error)
  }
}

for (;;) {
  const exitCode = await runNode(node, ['--watch', join(root, 'packages/server/src/main.ts')], restart.signal)
  if (!restart.signal.aborted) process.exit(exitCode)
  restart = new AbortController()
}
