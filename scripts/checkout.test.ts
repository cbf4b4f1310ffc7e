import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
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
`

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'pinyon-checkout-')))
  root = join(dir, 'a checkout')
  for (const file of ['pinyon', ...['prepare', 'ensure-node', 'npm-ci'].map((name) => `scripts/${name}.mjs`)]) put(file)
  write('runtime/package.json', '{"optionalDependencies":{}}')
  write('runtime/package-lock.json', '{"packages":{}}')
  writeLock('1.0.0')
  write('npm-cli.js', npm)
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
