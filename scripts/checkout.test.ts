import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'

const checkout = join(import.meta.dirname, '..')
let dir: string
let root: string

/** An npm that notes that it was called, takes its time, and installs what the lock says. */
const npm = `
const fs = require('node:fs')
fs.appendFileSync(process.env.CALLS, process.argv.slice(2).join(' ') + '\\n')
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
fs.mkdirSync('node_modules', { recursive: true })
fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json')
fs.cpSync('vite', 'node_modules/vite', { recursive: true })
`

/** A builder that notes that it was called, takes its time, and builds the page out of the page. */
const vite = `
const fs = require('node:fs')
fs.appendFileSync(process.env.CALLS, 'vite ' + process.env.NODE_ENV + '\\n')
const out = process.argv[process.argv.indexOf('--outDir') + 1]
fs.mkdirSync(out + '/console', { recursive: true })
const text = fs.readFileSync('packages/console/index.html', 'utf8')
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
if (text.includes('wrong')) { console.error('line 7 is wrong'); process.exit(1) }
fs.writeFileSync(out + '/index.html', text)
fs.writeFileSync(out + '/console/index-abcdefgh.js', text.repeat(100))
`

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'pinyon-checkout-')))
  root = join(dir, 'a checkout')
  for (const file of [
    'pinyon',
    ...['prepare', 'build-console', 'ensure-node', 'npm-ci'].map((name) => `scripts/${name}.mjs`),
  ])
    put(file)
  write('runtime/package.json', '{"optionalDependencies":{}}')
  write('runtime/package-lock.json', '{"packages":{}}')
  writeLock('1.0.0')
  write('npm-cli.js', npm)
  write('vite/package.json', '{}')
  write('vite/bin/vite.js', vite)
  write('packages/console/index.html', 'a page')
  write(
    'packages/cli/src/main.ts',
    `console.log(JSON.stringify([process.pid, process.cwd(), ...process.argv.slice(2)]))
process.stdin.pipe(process.stdout)
process.exitCode = 7
`,
  )
})
afterEach(() => rmSync(dir, { recursive: true }))

function put(path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  copyFileSync(join(checkout, path), join(root, path))
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function writeLock(version: string): void {
  write('package-lock.json', JSON.stringify({ packages: { 'node_modules/zod': { version, integrity: 'sha512-x' } } }))
}

async function run(command: string, args: string[], cwd = root, input = '') {
  const env = {
    ...process.env,
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    npm_execpath: join(root, 'npm-cli.js'),
    CALLS: join(dir, 'calls'),
  }
  const child = spawn(command, args, { cwd, env })
  child.stdin.end(input)
  let out = ''
  let words = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text))
  const [code] = await once(child, 'close')
  return { pid: child.pid, code, out, words }
}

const prepare = () => run(process.execPath, [join(root, 'scripts/prepare.mjs')])

/** What `npm start` does before it is the server. */
function prepareToStart() {
  const { href } = pathToFileURL(join(root, 'scripts/prepare.mjs'))
  const program = `import { prepare } from '${href}'; await prepare({ withConsole: true })`
  return run(process.execPath, ['--input-type=module', '--eval', program])
}

const inDist = (path: string) => join(root, 'packages/console/dist', path)

function calls(): string[] {
  const file = join(dir, 'calls')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
}

it('installs once, without running scripts of others, and says so', async () => {
  const first = await prepare()
  expect(first).toMatchObject({ code: 0, out: `${process.execPath}\n` })
  expect(first.words).toContain('Installing dependencies (first time, about a minute)...')
  expect(await prepare()).toMatchObject({ code: 0, words: '' })
  expect(calls()).toHaveLength(1)
  expect(calls()[0]).toContain('--ignore-scripts')
})

it('lets one of several install and the others wait for it', async () => {
  const runs = await Promise.all([prepare(), prepare(), prepare()])
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0])
  expect(calls()).toHaveLength(1)
})

it('takes over from one that died while it installed', async () => {
  const dead = await run(process.execPath, ['--version'])
  write('.preparing', String(dead.pid))
  expect(await prepare()).toMatchObject({ code: 0 })
  expect(calls()).toHaveLength(1)
  expect(existsSync(join(root, '.preparing'))).toBe(false)
})

it('installs again when the lock changes, unless somebody did so by hand', async () => {
  await prepare()
  writeLock('1.0.1')
  expect((await prepare()).words).toContain('Installing dependencies...')
  expect(calls()).toHaveLength(2)
  writeLock('1.0.2')
  copyFileSync(join(root, 'package-lock.json'), join(root, 'node_modules/.package-lock.json'))
  expect(await prepare()).toMatchObject({ code: 0, words: '' })
  expect(calls()).toHaveLength(2)
})

it('fails in words when it cannot be installed', async () => {
  write('npm-cli.js', 'process.exit(1)')
  const { code, words } = await prepare()
  expect(code).toBe(1)
  expect(words).toContain('npm ci failed')
  expect(words).not.toContain('    at ')
})

it('builds the console to start, once, and again when a file of it changed', async () => {
  const first = await prepareToStart()
  expect(first).toMatchObject({ code: 0, out: '' })
  expect(first.words).toContain('Building the console...')
  expect(readFileSync(inDist('index.html'), 'utf8')).toBe('a page')
  expect(await prepareToStart()).toMatchObject({ code: 0, words: '' })
  expect(calls().filter((call) => call === 'vite production')).toHaveLength(1)
  write('packages/contract/src/new.ts', 'export {}')
  write('packages/contract/src/new.test.ts', 'export {}')
  expect((await prepareToStart()).words).toBe('Building the console...\n')
  write('packages/contract/src/new.test.ts', 'export const other = 1')
  expect((await prepareToStart()).words).toBe('')
  rmSync(join(root, 'packages/contract/src/new.ts'))
  expect((await prepareToStart()).words).toBe('Building the console...\n')
})

it('compresses what is worth it when it builds', async () => {
  await prepareToStart()
  const script = readFileSync(inDist('console/index-abcdefgh.js'))
  expect(brotliDecompressSync(readFileSync(inDist('console/index-abcdefgh.js.br')))).toEqual(script)
  expect(gunzipSync(readFileSync(inDist('console/index-abcdefgh.js.gz')))).toEqual(script)
})

it('lets one of several build', async () => {
  const runs = await Promise.all([prepareToStart(), prepareToStart(), prepareToStart()])
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0])
  expect(calls()).toHaveLength(2)
})

it('fails in the words of the builder and keeps the console there was', async () => {
  await prepareToStart()
  write('packages/console/index.html', 'a wrong page')
  const { code, words } = await prepareToStart()
  expect(code).toBe(1)
  expect(words).toContain('line 7 is wrong')
  expect(words).not.toContain('    at ')
  expect(readFileSync(inDist('index.html'), 'utf8')).toBe('a page')
  expect(readdirSync(join(root, 'packages/console'))).toEqual(['dist', 'index.html'])
  expect((await prepareToStart()).code).toBe(1)
})

it('builds no console for the command line and the tools', async () => {
  expect((await prepare()).words).not.toContain('Building')
  expect(existsSync(inDist('.'))).toBe(false)
})

it('is the command line from any folder, through links, with input and exit code', async () => {
  chmodSync(join(root, 'pinyon'), 0o755)
  mkdirSync(join(dir, 'bin'))
  symlinkSync('../a checkout/pinyon', join(dir, 'bin/relative'))
  symlinkSync(join(dir, 'bin/relative'), join(dir, 'absolute'))
  const { pid, code, out, words } = await run(join(dir, 'absolute'), ['ls', 'a b', '*'], tmpdir(), 'input')
  expect(words).toContain('Installing')
  expect(code).toBe(7)
  expect(out).toBe(`${JSON.stringify([pid, realpathSync(tmpdir()), 'ls', 'a b', '*'])}\ninput`)
})

it('installs before a command when the lock is newer than what is installed', async () => {
  chmodSync(join(root, 'pinyon'), 0o755)
  await run(join(root, 'pinyon'), [])
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true })
  symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'))
  expect((await run(join(root, 'pinyon'), [])).words).toBe('')
  writeLock('1.0.1')
  const later = new Date(Date.now() + 10_000)
  utimesSync(join(root, 'package-lock.json'), later, later)
  expect((await run(join(root, 'pinyon'), [])).words).toContain('Installing')
})
