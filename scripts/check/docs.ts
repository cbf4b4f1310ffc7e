import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Check } from './check.ts'
import { findFiles } from './source-files.ts'

/** Where the paths of a flow page may lie. */
const places = ['', 'packages/server/src', 'packages/console/src', 'packages/cli/src']

/** Whether documentation names only what is there. */
export const docs: Check = { name: 'docs', run: async (root) => findDeadNames(root) }

/**
 * Flow pages name files, and pages link to pages. Answers every name and link that leads nowhere, so that a moved file
 * takes its documentation along.
 */
function findDeadNames(root: string): string[] {
  return findFiles(root, ['**/*.md']).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(root, dirname(file), target)))
    const names = file.startsWith('docs/flows/')
      ? [...text.matchAll(/`([\w./-]+\.(?:tsx?|mjs))(?::[^`]*)?`/g)].map(([, name = '']) => name)
      : []
    const dead = names.filter((name) => !places.some((place) => existsSync(join(root, place, name))))
    return [...links, ...dead].map((name) => `${file}: ${name} is not there`)
  })
}
