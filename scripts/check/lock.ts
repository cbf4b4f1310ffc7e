import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Check } from './check.ts'
import { findFiles } from './source-files.ts'

/** One package of a `package-lock.json`. */
interface LockEntry {
  version?: string
  resolved?: string
  integrity?: string
  link?: boolean
  hasInstallScript?: boolean
  optionalDependencies?: Record<string, string>
}

/** The packages of a lock by the path they are installed at. */
export type Lock = Readonly<Record<string, LockEntry>>

/** All locks are complete for every platform, name no host, and have a checksum for all that is downloaded. */
export const lock: Check = {
  name: 'lock',
  run: (root) =>
    lockFiles(root).flatMap((file) => findLockProblems(readLock(root, file)).map((line) => `${file}: ${line}`)),
}

/** The locks of a checkout. */
export function lockFiles(root: string): string[] {
  return findFiles(root, ['**/package-lock.json'])
}

/** The packages that a lock of the checkout names. */
export function readLock(root: string, file: string): Lock {
  return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
}

/** `fastify` for `node_modules/x/node_modules/fastify`; the folder itself for one of our own packages. */
export function packageName(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 1).replace(/^ode_modules\//, '')
}

/**
 * A registry that lacks a package for another platform leaves it out of the lock without a word; `npm ci` then fails
 * with some versions of npm, and users of that platform get no binary.
 */
export function findLockProblems(packages: Lock): string[] {
  const names = new Set(Object.keys(packages).map(packageName))
  const problems: string[] = []
  for (const [path, entry] of Object.entries(packages)) {
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (!names.has(name)) problems.push(`${path || 'the root'} wants ${name}, which has no entry`)
    }
    if (/^[a-z+]+:/.test(entry.resolved ?? '')) problems.push(`${path} names the host ${entry.resolved}`)
    const isDownloaded = path.includes('node_modules/') && entry.link !== true
    if (isDownloaded && entry.integrity === undefined) problems.push(`${path} has no checksum`)
  }
  return problems
}
