import type { Check } from './check.ts'
import { readImports, readSourceFiles, type SourceFiles } from './source-files.ts'

/** No file imports itself by way of others, not even for a type. */
export const cycles: Check = {
  name: 'cycles',
  run: (root) => findCycles(readSourceFiles(root)).map((cycle) => cycle.join(' -> ')),
}

/** Every way around that is met in one walk over all files: none exactly when there is no cycle. */
export function findCycles(files: SourceFiles): string[][] {
  const done = new Set<string>()
  const trail: string[] = []
  const found: string[][] = []

  function visit(path: string): void {
    const text = files.get(path)
    if (text === undefined || done.has(path)) return
    const start = trail.indexOf(path)
    if (start !== -1) {
      found.push([...trail.slice(start), path])
      return
    }
    trail.push(path)
    for (const { target } of readImports(path, text)) visit(target)
    trail.pop()
    done.add(path)
  }

  for (const path of files.keys()) visit(path)
  return found
}
