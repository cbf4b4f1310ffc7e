import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** Every benchmark of this folder by the name of its file, in the order in which a reader wants them. */
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && name !== 'run.ts')
  .map((name) => name.slice(0, -3))
  .toSorted()

/** Half an hour and hours, so only when they are asked for. */
const long = ['reclaim-model', 'soak']

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const unknown = asked.find((name) => !names.includes(name))
if (unknown !== undefined) {
  console.error(`There is no benchmark "${unknown}". There are: ${names.join(', ')}.`)
  process.exit(2)
}

// One after another, each in a process of its own: none warms caches or fills memory for the next.
for (const name of asked.length > 0 ? asked : names.filter((each) => !long.includes(each))) {
  console.log(`\n== ${name}`)
  const child = spawn(process.execPath, ['--expose-gc', `${folder}${name}.ts`], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null] // the event's own type
  if (code !== 0) {
    console.error(`${name} ended with ${String(code)}`)
    process.exitCode = 1
  }
}
