import type { Check } from './check.ts'
import { cycles } from './cycles.ts'
import { docs } from './docs.ts'
import { imports } from './imports.ts'
import { installScripts } from './install-scripts.ts'
import { knownBad } from './known-bad.ts'
import { lock } from './lock.ts'
import { deadCode, format, lint, types } from './tools.ts'
import { versions } from './versions.ts'

const checks: Check[] = [types, lint, format, deadCode, imports, cycles, lock, installScripts, versions, knownBad, docs]

/**
 * Runs all checks, or those named, one after another: a line for each, what is wrong below it, and a closing line of
 * counts. True when nothing is wrong.
 */
export async function runChecks(root: string, names: string[]): Promise<boolean> {
  const unknown = names.find((name) => !checks.some((check) => check.name === name))
  if (unknown !== undefined) throw new Error(`No check ${unknown}: ${checks.map(({ name }) => name).join(', ')}`)
  const chosen = checks.filter(({ name }) => names.length === 0 || names.includes(name))
  const failed: string[] = []
  for (const check of chosen) {
    const startedAt = performance.now()
    const problems = await check.run(root)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)`)
    for (const line of problems) console.log(`     ${line}`)
    if (problems.length > 0) failed.push(check.name)
  }
  if (failed.length > 0) console.log(`Failed: ${failed.join(', ')}`)
  console.log(`${chosen.length - failed.length} passed, ${failed.length} failed`)
  return failed.length === 0
}
