import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from './support/run.ts'

const sources = fileURLToPath(new URL('runners/', import.meta.url))
const testing = fileURLToPath(new URL('../packages/testing/', import.meta.url))

let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pinyon-runners-'))
  await cp(sources, dir, { recursive: true })
  const installed = await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: dir,
    timeoutMs: 240_000,
  })
  if (installed.code !== 0) throw new Error(installed.stderr)
  // As `npm i -D /path/to/pinyon/packages/testing` leaves it.
  await mkdir(join(dir, 'node_modules/@pinyon'))
  await symlink(testing, join(dir, 'node_modules/@pinyon/testing'))
}, 300_000)
afterAll(() => rm(dir, { recursive: true, force: true }))

it.each([
  ['jest', ['node_modules/jest/bin/jest.js', '--ci'], /Tests: +1 passed, 1 total/],
  ['node:test', ['--test', 'pinyon.node.mjs'], /pass 1\b[\s\S]*fail 0\b/],
])('@pinyon/testing works in %s', { timeout: 120_000 }, async (_runner, args, said) => {
  const { code, stdout, stderr } = await run(process.execPath, args, { cwd: dir })
  expect(code, stdout + stderr).toBe(0)
  expect(stdout + stderr).toMatch(said)
})
