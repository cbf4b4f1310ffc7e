import type { Check } from './check.ts'
import { readImports, readSourceFiles, type Import, type SourceFiles } from './source-files.ts'

/** Who may import whom: main, app, doors, domain, outside world, lib, each only what stands right of it. */
export const imports: Check = { name: 'imports', run: (root) => findForbiddenImports(readSourceFiles(root)) }

/** Files of the server's root open and close things, and know everything but main.ts. */
const layers = ['main', 'opening', 'door', 'domain', 'outside world', 'lib'] as const
const doors = ['api', 'gateway', 'worker', 'http']
/** A folder of the domain imports only those left of it. Groups stand behind files, since files enter and leave them. */
// Links stand left of uploads, which take one in the write that keeps its file.
// Denials stand left of pins: every block that is read or taken in is asked about first.
// The open mode keeps what is not held here, and knows denials and nothing of pins.
// Images read blocks and know nobody's files.
// Names stand right of files, which they lead to: what they lead to and is gone is seen when they are read.
// Events stand left of what records them; who is told of them stands on the right.
// Egress stands left of gateways, which set quotas of it, and of analytics, which count for it.
const domain = [
  'accounts',
  'events',
  'keys',
  'usage',
  'denials',
  'open-mode',
  'pins',
  'images',
  'files',
  'groups',
  'swaps',
  'signatures',
  'links',
  'uploads',
  'requests',
  'imports',
  'names',
  'bulk',
  'egress',
  'gateways',
  'webhooks',
  'analytics',
]
const outsideWorld = ['db', 'blobs', 'ipfs', 'jobs', 'tls']
/** Files of the server's root whose types doors and domain know. Only `caller` lends them more than types. */
const common = ['services', 'config', 'caller']

/** A line for each import that the rule forbids. */
export function findForbiddenImports(files: SourceFiles): string[] {
  const problems: string[] = []
  for (const [path, text] of files) {
    for (const each of readImports(path, text)) {
      const reason = reasonAgainst(path, each)
      if (reason !== undefined) problems.push(`${path} imports ${each.target}: ${reason}`)
    }
  }
  return problems
}

function reasonAgainst(path: string, { target, isTypeOnly }: Import): string | undefined {
  const from = packageOf(path)
  const to = packageOf(target)
  if (from === 'contract' && to !== 'contract' && target !== 'zod' && !isTest(path)) return 'contract imports only zod'
  if (from === 'server')
    return to === 'server' ? reasonInServer(path, target, isTypeOnly) : reasonOutside(path, target, to)
  if (from === 'console' && to !== 'server') return reasonInConsole(path, target, to)
  if (to !== 'server') return from === 'cli' && to !== 'cli' ? reasonForCli(to) : undefined
  if (from === 'cli' && !isTest(path) && !path.startsWith('packages/cli/src/commands/admin'))
    return ['ipfs/', 'tls/', 'lib/make-folders.ts'].some((part) => target.startsWith(`${serverSources}${part}`))
      ? undefined
      : 'only the admin commands may; others read blocks by ipfs/, make certificates by tls/ and folders by lib/make-folders.ts'
  if (from === 'acceptance') return 'acceptance tests know a URL and nothing of the server'
  if (from === 'contract' || from === 'console') return 'it is a client of the contract'
  return undefined
}

/** Folders of the console, each knowing those right of it; pages know no other page. */
const consoleFolders = [
  'main',
  'styles',
  'router',
  'pages',
  'shell',
  'forms',
  'uploads',
  'api',
  'ui',
  'paths',
  'lib',
] as const

function reasonInConsole(path: string, target: string, to: string | undefined): string | undefined {
  if (!path.startsWith(consoleSources)) return undefined
  const here = consoleFolder(path)
  if (to === 'contract') return here === 'ui' || here === 'lib' ? `${here} knows no domain` : undefined
  if (!target.startsWith(consoleSources)) return undefined
  const there = consoleFolder(target)
  if (here === 'pages' && there === 'pages') {
    const [mine, other] = [path, target].map((file) => file.slice(`${consoleSources}pages/`.length).split('/'))
    return mine?.length === 2 && mine[0] === other?.[0] ? undefined : 'pages do not import pages'
  }
  const [from, at] = [here, there].map((name) => consoleFolders.indexOf(name as (typeof consoleFolders)[number])) // -1 if it is none
  if (from === -1 || at === -1) return 'one of the folders has no place in scripts/check/imports.ts'
  return from! <= at! ? undefined : `${here} does not import ${there}`
}

const consoleSources = 'packages/console/src/'

/** `pages` for a file in that folder, `router` for `router.tsx`. */
function consoleFolder(path: string): string {
  return path.slice(consoleSources.length).replace(/[/.].*/, '')
}

function reasonForCli(to: string | undefined): string | undefined {
  return to === undefined || to === 'contract' ? undefined : 'the command line is a client of the contract'
}

/** What the server takes from other packages and from the registry. */
function reasonOutside(path: string, target: string, to: string | undefined): string | undefined {
  if (to !== undefined && to !== 'contract' && !isTest(path)) return 'the server imports no other package than contract'
  const isFramework = /^fastify(\/|-|$)|^@fastify\/(?!busboy)|^@scalar\/fastify/.test(target)
  if (isFramework && path.startsWith(serverSources) && nameOf(path) !== 'http')
    return 'the web framework stays in http/'
  return undefined
}

function reasonInServer(path: string, target: string, isTypeOnly: boolean): string | undefined {
  if (!path.startsWith(serverSources)) return undefined
  if (target.startsWith('packages/server/test/')) return isTest(path) ? undefined : 'sources do not import tests'
  if (!target.startsWith(serverSources)) return undefined
  const from = nameOf(path)
  const to = nameOf(target)
  if (from === to || to === 'lib') return undefined
  const here = layerOf(path, from)
  const there = layerOf(target, to)
  if (here === undefined || there === undefined) return 'one of the folders has no place in scripts/check/imports.ts'
  if (common.includes(from)) return isTypeOnly && there !== 'door' ? undefined : 'it may take types only'
  if (common.includes(to) && (here === 'door' || here === 'domain')) {
    return isTypeOnly || to === 'caller' ? undefined : 'only its types are known here'
  }
  if (here === there) return reasonInLayer(here, from, to)
  return layers.indexOf(here) < layers.indexOf(there) ? undefined : `${here} does not import ${there}`
}

function reasonInLayer(layer: Layer, from: string, to: string): string | undefined {
  if (layer === 'door') return to === 'http' ? undefined : 'doors share nothing but http'
  if (layer === 'domain') return domain.indexOf(to) < domain.indexOf(from) ? undefined : `${to} stands right of ${from}`
  // The queue of jobs is a table of the same database, so that a job is added in the transaction that needs it.
  if (from === 'jobs' && to === 'db') return undefined
  return layer === 'opening' ? undefined : 'parts of the outside world do not know each other'
}

type Layer = (typeof layers)[number]

function layerOf(path: string, name: string): Layer | undefined {
  if (common.includes(name)) return 'opening'
  if (doors.includes(name)) return 'door'
  if (domain.includes(name)) return 'domain'
  if (outsideWorld.includes(name)) return 'outside world'
  if (name === 'lib' || name === 'main') return name
  return path.slice(serverSources.length).includes('/') ? undefined : 'opening'
}

const serverSources = 'packages/server/src/'

/** `keys` for a file in that folder, `caller` for `caller.ts` and its tests. */
function nameOf(path: string): string {
  return path.slice(serverSources.length).replace(/[/.].*/, '')
}

function packageOf(path: string): string | undefined {
  const [top, name] = path.split('/')
  if (top === 'packages') return name
  return top !== undefined && ['acceptance', 'bench', 'torture', 'scripts'].includes(top) ? top : undefined
}

function isTest(path: string): boolean {
  return /\.(test|suite)\.ts$|^packages\/\w+\/test\//.test(path)
}
