import { spawnSync } from 'node:child_process'

/** What npm tells its scripts about itself and this call of it, and what a second npm inside must not take over. */
const ofThisCall =
  /^npm_(package|lifecycle|command|node_execpath|config_(local_prefix|workspaces?|include|omit|global_prefix|prefix))/i

/**
 * Installs exactly what the lock in `folder` says, development dependencies too, without running anybody's install
 * scripts. All words go to stderr, so that stdout stays the caller's. Throws when npm fails.
 *
 * @param {string} folder
 * @param {string[]} flags
 */
export function npmCi(folder, flags = []) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofThisCall.test(name)))
  const args = ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund', ...flags]
  const npm = process.env['npm_execpath']
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { cwd: folder, env, stdio: ['ignore', 2, 2] }
  const { status, error } =
    npm === undefined || !/npm-cli\.[cm]?js$/.test(npm)
      ? spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
      : spawnSync(process.execPath, [npm, ...args], options)
  if (status !== 0) throw new Error(`npm ci failed in ${folder}`, { cause: error })
}
