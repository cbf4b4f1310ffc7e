import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildConsole, isConsoleBuilt } from './build-console.mjs'
import { ensureNode } from './ensure-node.mjs'
import { npmCi } from './npm-ci.mjs'

/** The checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stamp = join(root, 'node_modules/.pinyon-installed')
const lock = join(root, '.preparing')

/**
 * Sees to it that what the locks name is installed, where it is asked for also that the console is built, and answers
 * the path of a Node that can run it all. Quick when there is nothing to do. Of several processes that start at once one
 * does the work and the others wait for it. When it cannot be done, ends the process with words on stderr.
 *
 * @param {{ withConsole?: boolean }} [options]
 * @returns {Promise<string>}
 */
export async function prepare({ withConsole = false } = {}) {
  try {
    if (isInstalled() && (!withConsole || isConsoleBuilt(root))) return ensureNode(root)
    return await withLock(() => {
      if (!isInstalled()) install()
      const node = ensureNode(root)
      if (withConsole) buildStaleConsole(node)
      return node
    })
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return process.exit(1)
  }
}

/**
 * Builds the console if its sources changed; true when it did. Throws when it cannot be built.
 *
 * @param {string} node the Node to build with
 * @returns {Promise<boolean>}
 */
export async function prepareConsole(node) {
  return !isConsoleBuilt(root) && (await withLock(() => buildStaleConsole(node)))
}

/** @param {string} node */
function buildStaleConsole(node) {
  if (isConsoleBuilt(root)) return false
  buildConsole(root, node)
  return true
}

function install() {
  if (!matchesLock()) {
    const isFirst = !existsSync(join(root, 'node_modules'))
    console.error(isFirst ? 'Installing dependencies (first time, about a minute)...' : 'Installing dependencies...')
    npmCi(root)
  }
  writeFileSync(stamp, lockHash())
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()
}

function lockHash() {
  const hash = createHash('sha256')
  for (const name of ['package-lock.json', 'runtime/package-lock.json']) hash.update(readFileSync(join(root, name)))
  return hash.digest('hex')
}

/** Whether all of the lock is there already by npm's own account, because somebody ran npm here by hand. */
function matchesLock() {
  const account = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(account)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(account, 'utf8')).packages
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true
    const found = present[path]
    if (found === undefined) return entry.optional === true || entry.peer === true
    return found.version === entry.version && found.integrity === entry.integrity
  })
}

/**
 * @template T
 * @param {() => T} action
 * @returns {Promise<T>}
 */
async function withLock(action) {
  let hasSaidSo = false
  while (!takeLock()) {
    if (!hasSaidSo) console.error('Another process is installing or building. Waiting for it...')
    hasSaidSo = true
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  try {
    return action()
  } finally {
    rmSync(lock, { force: true })
  }
}

/** Takes the lock, also from a process that died holding it. False while a living one has it. */
function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if (!isHeld()) rmSync(lock, { force: true })
    return false
  }
}

function isHeld() {
  try {
    // Signal 0 to process 0, which is what an empty file reads as, succeeds: its maker has yet to write its number.
    return process.kill(Number(readFileSync(lock, 'utf8')), 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

// Run by itself it prints that path, and marks the work as newer than the lock for the `pinyon` launcher to see.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await prepare())
  try {
    utimesSync(stamp, new Date(), new Date())
  } catch (error) {
    // Whoever may not write here, as the user of a service, looks again each time.
    if (codeOf(error) !== 'EPERM' && codeOf(error) !== 'EACCES' && codeOf(error) !== 'EROFS') throw error
  }
}
