import { globSync, readFileSync } from 'node:fs'
import { posix, join } from 'node:path'

/** Text of source files by their path in the checkout, with `/` between folders. */
export type SourceFiles = ReadonlyMap<string, string>

/** What one statement of a file imports: a path in the checkout when it is one of ours, else the name of a package. */
export interface Import {
  target: string
  isTypeOnly: boolean
}

/** Reads all TypeScript and JavaScript of the checkout, committed or not. */
export function readSourceFiles(root: string): SourceFiles {
  const patterns = ['*.{ts,mjs}', '{packages,acceptance,bench,scripts,torture}/**/*.{ts,tsx,mjs,js,cjs}']
  return new Map(findFiles(root, patterns).map((path) => [path, readFileSync(join(root, path), 'utf8')]))
}

/** Paths of the checkout's own files that match, in order: nothing installed, built, or written by a run. */
export function findFiles(root: string, patterns: string[]): string[] {
  const exclude = (path: string) => /(^|[\\/])(node_modules|dist|\.work|results|data)$/.test(path)
  return globSync(patterns, { cwd: root, exclude })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
}

/**
 * Everything the file imports or exports from elsewhere, types too. Reads the code as the formatter leaves it: statements
 * begin at the first column, and nothing else there looks like one.
 */
export function readImports(path: string, text: string): Import[] {
  const imports: Import[] = []
  for (const pattern of [fromClause, sideEffect, dynamic]) {
    for (const { groups } of text.matchAll(pattern)) {
      const specifier = groups?.['specifier']
      if (specifier === undefined) continue
      imports.push({ target: resolve(path, specifier), isTypeOnly: groups?.['type'] !== undefined })
    }
  }
  return imports
}

const fromClause = /^(?:import|export)\s+(?<type>type\s+)?[\w$*{},\s]*?\bfrom\s*['"](?<specifier>[^'"]+)['"]/gm
const sideEffect = /^import\s*['"](?<specifier>[^'"]+)['"]/gm
const dynamic = /^(?!\s*(?:\/\/|\*)).*?\bimport\(\s*['"](?<specifier>[^'"]+)['"]/gm

function resolve(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier)
  const own = /^@pinyon\/(?<name>[a-z]+)\/(?<file>.+)$/.exec(specifier)?.groups
  return own === undefined ? specifier : `packages/${own['name']}/src/${own['file']}`
}
