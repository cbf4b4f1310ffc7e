import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Check } from './check.ts'

/** Where the paths of a flow page may lie. */
const places = ['', 'packages/server/src', 'packages/console/src', 'packages/cli/src']

/** Whether documentation names only what is there. */
export const docs: Check = { name: 'docs', run: async (root) => findDeadNames(root) }

/**
 * Flow pages name files, and pages link to pages. Answers every name and link that leads nowhere, so that a moved file
 * takes its documentation along.
 */
function findDeadNames(root: string): string[] {
  return markdownFiles(root).flatMap((file) => {
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

function markdownFiles(root: string): string[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join('docs', name),
  )
  return [...readdirSync(root), ...inDocs].filter((name) => name.endsWith('.md')).map((name) => relative('', name))
}
