import type { Check } from './check.ts'
import { lockFiles, packageName, readLock, type Lock } from './lock.ts'

/** No dependency, however deep, is one known to be unsafe here. */
export const knownBad: Check = {
  name: 'known-bad dependencies',
  run: (root) => lockFiles(root).flatMap((file) => findKnownBad(readLock(root, file))),
}

/** Packages that may be here from some version on, or not at all, and why. */
const rules: { name: string; from?: string; reason: string }[] = [
  { name: 'fastify', from: '5.8.1', reason: 'content types that slip past validation (CVE-2025-32442, CVE-2026-3419)' },
  { name: 'sharp', from: '0.35.0', reason: 'older ones carry a libvips with known holes' },
  { name: 'jsonwebtoken', from: '9.0.0', reason: 'accepts weak keys and algorithms (CVE-2022-23539 to 23541)' },
  { name: 'ip', reason: 'takes private addresses for public ones (CVE-2024-29415)' },
  { name: 'dicer', reason: 'a bad multipart header ends the process (CVE-2022-24434)' },
  { name: '@mjackson/multipart-parser', reason: 'holds a whole part in memory' },
  { name: '@remix-run/multipart-parser', reason: 'holds a whole part in memory' },
]

/** A line for each package of the lock that a rule forbids. */
export function findKnownBad(packages: Lock): string[] {
  const problems: string[] = []
  for (const [path, { version = '0.0.0' }] of Object.entries(packages)) {
    const rule = rules.find(({ name }) => name === packageName(path))
    if (rule === undefined || (rule.from !== undefined && !isOlder(version, rule.from))) continue
    const allowed = rule.from === undefined ? 'not allowed' : `allowed from ${rule.from} on`
    problems.push(`${path} ${version}: ${allowed}: ${rule.reason}`)
  }
  return problems
}

/** Whether `version` comes before the release `than`. A pre-release of it does. */
function isOlder(version: string, than: string): boolean {
  const [release = '', ...preRelease] = version.split('-')
  const order = release.localeCompare(than, 'en', { numeric: true })
  return order < 0 || (order === 0 && preRelease.length > 0)
}
