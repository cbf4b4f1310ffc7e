import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Check } from './check.ts'

const checkout = fileURLToPath(new URL('../../', import.meta.url))

/** The sources have no type errors. */
export const types: Check = {
  name: 'types',
  run: (root) => runTool(root, 'typescript/bin/tsc', ['--project', root, '--pretty', 'false']),
}

/** The linter has nothing to say, types taken into account: no promise that nobody awaits, for one. */
export const lint: Check = {
  name: 'lint',
  run: (root) => runTool(root, 'oxlint/bin/oxlint', ['--type-aware', '--deny-warnings', '.']),
}

/** Every file is as the formatter would leave it. */
export const format: Check = {
  name: 'format',
  run: (root) => runTool(root, 'oxfmt/bin/oxfmt', ['--check', '.']),
}

/** No file, export or dependency is there without use. */
export const deadCode: Check = {
  name: 'dead code',
  run: (root) => runTool(root, 'knip/bin/knip.js', ['--no-progress']),
}

/** Runs a tool of this checkout in `root`; what it prints when it fails is what is wrong. */
function runTool(root: string, path: string, args: string[]): string[] {
  const command = [`${checkout}node_modules/${path}`, ...args]
  const { status, stdout, stderr, error } = spawnSync(process.execPath, command, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, OXLINT_TSGOLINT_PATH: `${checkout}node_modules/.bin/tsgolint` },
  })
  if (error !== undefined) throw error
  if (status === 0) return []
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '')
  return lines.length > 0 ? lines : [`${path} ended with ${status}`]
}
