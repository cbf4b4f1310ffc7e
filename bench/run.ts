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

const given = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const asked = given.filter((name) => names.includes(name))
/** What follows the name of one benchmark alone is for it. */
const words = asked.length === 1 && asked[0] === given[0] ? given.slice(1) : []
const unknown = words.length === 0 ? given.find((name) => !names.includes(name)) : undefined
if (unknown !== undefined) {
  console.error(`There is no benchmark "${unknown}". There are: ${names.join(', ')}.`)
  process.exit(2)
}

// One after another, each in a process of its own: none warms caches or fills memory for the next.
for (const name of asked.length > 0 ? asked : names.filter((each) => !long.includes(each))) {
  console.log(`\n== ${[name, ...words].join(' ')}`)
  const child = spawn(process.execPath, ['--expose-gc', `${folder}${name}.ts`, ...words], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null] // the event's own type
  if (code !== 0) {
    console.error(`${name} ended with ${String(code)}`)
    process.exitCode = 1
  }
}
