import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { Check } from './check.ts'
import { deadCode, format, lint, types } from './tools.ts'

const checkout = join(import.meta.dirname, '../..')
const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))

function write(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'pinyon-check-'))
  folders.push(root)
  for (const file of ['.oxlintrc.json', '.oxfmtrc.json']) copyFileSync(join(checkout, file), join(root, file))
  const settings = {
    'package.json': JSON.stringify({ name: 'sample', type: 'module', main: 'main.ts' }),
    'tsconfig.json': JSON.stringify({ compilerOptions: { strict: true, types: [], noEmit: true, module: 'nodenext' } }),
    'knip.json': JSON.stringify({ entry: ['main.ts'], project: ['*.ts'] }),
  }
  for (const [path, text] of Object.entries({ ...settings, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

async function problemsOf(check: Check, files: Record<string, string>): Promise<string> {
  return (await check.run(write(files))).join('\n')
}

const good = `export async function twice(work: () => Promise<void>): Promise<void> {\n  await work()\n  await work()\n}\n`

it.each([types, lint, deadCode])('lets a good file pass: $name', async (check) => {
  expect(await problemsOf(check, { 'main.ts': good })).toBe('')
})

it('lets a well formatted file pass, and only it', async () => {
  const root = write({ 'main.ts': good })
  for (const file of ['package.json', 'tsconfig.json', 'knip.json']) rmSync(join(root, file))
  expect(await format.run(root)).toEqual([])
  writeFileSync(join(root, 'main.ts'), `export const a = "b";\n`)
  expect((await format.run(root)).join('\n')).toContain('main.ts')
})

it('finds a type error', async () => {
  expect(await problemsOf(types, { 'main.ts': `export const size: number = 'large'\n` })).toContain('TS2322')
})

it.each([
  ['no-floating-promises', good.replace('await work()\n  await', 'work()\n  await')],
  ['no-misused-promises', `${good}export const both = [1].forEach(async () => twice(async () => {}))\n`],
  ['no-explicit-any', `export const anything = (value: any) => [value]\n`],
  [
    'switch-exhaustiveness',
    `export function f(x: 'a' | 'b') {\n  switch (x) {\n    case 'a':\n      return 1\n  }\n}\n`,
  ],
])('finds by lint: %s', async (rule, text) => {
  expect(await problemsOf(lint, { 'main.ts': text })).toContain(rule)
})

it.each([
  ['packages/server/src/pins/a.ts', 1],
  ['packages/contract/src/a.ts', 1],
  ['packages/server/src/main.ts', 0],
  ['packages/server/src/pins/a.test.ts', 0],
])('finds the environment being read in %s %i times', async (path, times) => {
  const problems = await problemsOf(lint, { [path]: 'export const home = process.env.HOME\n' })
  expect(problems.split('no-process-env')).toHaveLength(times + 1)
})

it('finds a focused test', async () => {
  const text = `import { expect, it } from 'vitest'\n\nit.only('holds', () => {\n  expect(1).toBe(1)\n})\n`
  expect(await problemsOf(lint, { 'main.test.ts': text })).toContain('no-focused-tests')
})

it('finds a file, an export and a dependency without use', async () => {
  const problems = await problemsOf(deadCode, {
    'main.ts': `import { used } from './part.js'\nused()\n`,
    'part.ts': `export function used() {}\nexport function idle() {}\n`,
    'lost.ts': `export {}\n`,
    'package.json': JSON.stringify({ name: 'sample', type: 'module', dependencies: { zod: '4.6.7' } }),
  })
  expect(problems).toContain('lost.ts')
  expect(problems).toContain('idle')
  expect(problems).toContain('zod')
})

it('finds an export without use in a package that gives all its files to others', async () => {
  const { workspaces } = JSON.parse(readFileSync(join(checkout, 'knip.json'), 'utf8'))
  for (const name of ['contract', 'server']) {
    const { exports } = JSON.parse(readFileSync(join(checkout, 'packages', name, 'package.json'), 'utf8'))
    const { includeEntryExports } = workspaces[`packages/${name}`]
    const problems = await problemsOf(deadCode, {
      'package.json': JSON.stringify({ name: 'sample', type: 'module', exports }),
      'knip.json': JSON.stringify({ project: ['src/*.ts'], includeEntryExports }),
      'src/part.ts': `export function idle() {}\n`,
    })
    expect(problems, name).toContain('idle')
  }
})
