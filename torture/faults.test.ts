import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rigs } from './rigs/all.ts'

const root = join(import.meta.dirname, '..')

/** Rows of the table of faults in the README: the fault, and what is said to show it. */
const rows = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  .split('## Which fault')[1]!
  .split('\n## ', 1)[0]!
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (fault|---)/.test(line))
  .map((line) => {
    const [, fault = '', shownBy = ''] = line.split('|')
    return { fault: fault.trim(), shownBy: [...shownBy.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name) }
  })

describe('the table of faults', () => {
  it('names a rig, or a test or program that is there, for each', () => {
    const names = new Set(rigs.map(({ name }) => name))
    const wrong = rows.flatMap(({ fault, shownBy }) => {
      const missing = shownBy.filter(
        (name) => !names.has(name) && !(name.includes('/') && existsSync(join(root, name))),
      )
      return shownBy.length === 0 ? [`${fault}: shown by nothing`] : missing.map((name) => `${fault}: no ${name}`)
    })
    expect(wrong).toEqual([])
    expect(rows.length).toBeGreaterThan(45)
  })

  it('has every rig, but the one for requests', () => {
    const named = new Set(rows.flatMap(({ shownBy }) => shownBy))
    expect(rigs.map(({ name }) => name).filter((name) => !named.has(name))).toEqual(['malformed'])
  })
})
