import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Check } from './check.ts'
import { findFiles } from './source-files.ts'

/** Every dependency is named by one exact version. */
export const versions: Check = {
  name: 'versions',
  run(root) {
    return findFiles(root, ['**/package.json']).flatMap((file) =>
      findLooseVersions(JSON.parse(readFileSync(join(root, file), 'utf8'))).map((line) => `${file}: ${line}`),
    )
  },
}

const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'overrides']
const exact = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.-]+)?$/

/** A line for each dependency of a `package.json` that more than one version would satisfy. */
export function findLooseVersions(manifest: Record<string, unknown>): string[] {
  return kinds.flatMap((kind) =>
    Object.entries(manifest[kind] ?? {})
      .filter(([, version]) => typeof version !== 'string' || !exact.test(version))
      .map(([name, version]) => `${kind} has ${name} at ${JSON.stringify(version)}, which is not one exact version`),
  )
}
