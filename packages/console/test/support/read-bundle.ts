import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const dist = fileURLToPath(new URL('../../dist/', import.meta.url))

/** Bytes of scripts as they travel. */
export interface Size {
  readonly gzip: number
  readonly brotli: number
}

/** What the built console loads: at first, and for each page that is gone to. */
export function readBundle(): { initial: Size; pages: readonly { name: string; size: Size }[] } {
  const html = readFileSync(`${dist}index.html`, 'utf8')
  const entries = [...html.matchAll(/(?:src|href)="\/console\/([\w.-]+\.js)"/g)].map(([, file = '']) => file)
  const initial = closureOf(entries)
  const pages = new Set(
    [...initial].flatMap((file) => importsOf(file, /import\("\.\/([\w.-]+\.js)"\)|import\(`\.\/([\w.-]+\.js)`\)/g)),
  )
  return {
    initial: sizeOf([...initial]),
    pages: [...pages].map((page) => ({
      name: page.replace(/-[\w-]{8}\.js$/, ''),
      size: sizeOf([...closureOf([page])].filter((file) => !initial.has(file))),
    })),
  }
}

/** These files and all that they import at once. */
function closureOf(files: readonly string[]): Set<string> {
  const found = new Set<string>()
  const open = [...files]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue
    found.add(file)
    open.push(...importsOf(file, /(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g))
  }
  return found
}

function importsOf(file: string, pattern: RegExp): string[] {
  return [...readFileSync(`${dist}console/${file}`, 'utf8').matchAll(pattern)].map(
    ([, one, other]) => one ?? other ?? '',
  )
}

function sizeOf(files: readonly string[]): Size {
  const sum = (ending: string) =>
    files.reduce((total, file) => total + statSync(`${dist}console/${file}${ending}`).size, 0)
  return { gzip: sum('.gz'), brotli: sum('.br') }
}
