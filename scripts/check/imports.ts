import type { Check } from './check.ts'
import { readImports, readSourceFiles, type Import, type SourceFiles } from './source-files.ts'

/** Who may import whom: main, app, doors, domain, outside world, lib, each only what stands right of it. */
export const imports: Check = { name: 'imports', run: (root) => findForbiddenImports(readSourceFiles(root)) }

const doors = ['api', 'gateway', 'worker', 'http']
/** A folder of the domain imports only those left of it. */
const domain = ['accounts', 'keys', 'usage', 'groups', 'pins', 'files', 'uploads', 'links']
const outsideWorld = ['db', 'blobs', 'ipfs', 'jobs']

/** A line for each import that the rule forbids, and for each place outside `config.ts` that reads the environment. */
export function findForbiddenImports(files: SourceFiles): string[] {
  const problems: string[] = []
  for (const [path, text] of files) {
    for (const each of readImports(path, text)) {
      const reason = reasonAgainst(path, each)
      if (reason !== undefined) problems.push(`${path} imports ${each.target}: ${reason}`)
    }
    const isServer = path.startsWith('packages/server/src/') && !isTest(path)
    if (isServer && path !== 'packages/server/src/config.ts' && /\bprocess\.env\b|from 'node:process'/.test(text)) {
      problems.push(`${path} reads the environment: only config.ts does`)
    }
  }
  return problems
}

function reasonAgainst(path: string, { target, isTypeOnly }: Import): string | undefined {
  const from = packageOf(path)
  const to = packageOf(target)
  if (from === 'contract' && to !== 'contract' && target !== 'zod' && !isTest(path)) return 'contract imports only zod'
  if (from === 'server') return to === 'server' ? reasonInServer(path, target, isTypeOnly) : reasonOutside(path, target, to)
  if (to !== 'server') return from === 'cli' && to !== 'cli' ? reasonForCli(to) : undefined
  if (from === 'cli' && !isTest(path) && !/^packages\/cli\/src\/commands\/admin/.test(path)) return 'only the admin commands may'
  if (from === 'acceptance') return 'acceptance tests know a URL and nothing of the server'
  if (from === 'contract' || from === 'console') return 'it is a client of the contract'
  return undefined
}

function reasonForCli(to: string | undefined): string | undefined {
  return to === undefined || to === 'contract' ? undefined : 'the command line is a client of the contract'
}

/** What the server takes from other packages and from the registry. */
function reasonOutside(path: string, target: string, to: string | undefined): string | undefined {
  if (to !== undefined && to !== 'contract' && !isTest(path)) return 'the server imports no other package than contract'
  const isFramework = /^fastify(\/|-|$)|^@fastify\/(?!busboy)|^@scalar\/fastify/.test(target)
  const isInSource = path.startsWith('packages/server/src/')
  if (isFramework && isInSource && folderOf(path) !== 'http') return 'the web framework stays in http/'
  return undefined
}

function reasonInServer(path: string, target: string, isTypeOnly: boolean): string | undefined {
  if (!path.startsWith('packages/server/src/')) return undefined
  if (!target.startsWith('packages/server/src/')) return isTest(path) ? undefined : 'sources do not import tests'
  const from = folderOf(path)
  const to = folderOf(target)
  if (from === to || from === 'main' || (from === 'app' && to !== 'main')) return undefined
  if (to === 'main' || to === 'app') return `${to}.ts is imported from the left only`
  if (to === 'lib') return undefined
  if (from === 'services' || from === 'caller') return isTypeOnly ? undefined : 'types only'
  const isInside = doors.includes(from) || domain.includes(from)
  if (to === 'caller') return isInside ? undefined : 'only doors and domain know callers'
  if (to === 'services' || to === 'config') return isInside && isTypeOnly ? undefined : 'types only, in doors and domain'
  if (doors.includes(to)) return doors.includes(from) && to === 'http' && from !== 'http' ? undefined : 'it is a door'
  if (domain.includes(to)) {
    if (doors.includes(from)) return undefined
    return domain.includes(from) && domain.indexOf(to) < domain.indexOf(from) ? undefined : 'it stands left in the order'
  }
  if (!outsideWorld.includes(to)) return `${to} has no place in the order: see scripts/check/imports.ts`
  return isInside ? undefined : 'parts of the outside world do not know each other'
}

/** `keys` for a file in that folder, `app` for `app.ts`. */
function folderOf(path: string): string {
  return path.slice('packages/server/src/'.length).replace(/\/.*|\.ts$/, '')
}

function packageOf(path: string): string | undefined {
  const [top, name] = path.split('/')
  if (top === 'packages') return name
  return top === 'acceptance' || top === 'bench' || top === 'scripts' ? top : undefined
}

function isTest(path: string): boolean {
  return /\.(test|suite)\.ts$|^packages\/\w+\/test\//.test(path)
}
