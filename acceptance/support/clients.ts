import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, type Ran } from './run.ts'
import type { KeyValues, TestServer } from './server.ts'

/** What came of one operation of a client. `refused`: it cannot be, and the server says why. */
export interface ClientStep {
  readonly operation: string
  readonly outcome: 'works' | 'refused' | 'fails'
  readonly detail?: string
}

/** A published client, and how its program here is run. */
export interface ClientProgram {
  readonly name: string
  readonly program: string
  /** What is changed for it to come here. */
  readonly change: string
  /** Its hosts are compiled in. */
  readonly isLed?: boolean
}

/** The clients that are installed and run, all of them unmodified. */
export const clientPrograms: readonly ClientProgram[] = [
  {
    name: 'npm pinata 2.5.6',
    program: 'pinata-2.mjs',
    change: '`endpointUrl`, `uploadUrl`, `legacyUploadUrl`, `pinataGateway`',
  },
  { name: 'npm pinata 1.10.1', program: 'pinata-1.mjs', change: '`endpointUrl`, `uploadUrl`, `pinataGateway`' },
  { name: 'npm pinata-web3 0.5.4', program: 'pinata-web3.mjs', change: '`endpointUrl`, `pinataGateway`' },
  { name: 'npm @pinata/sdk 2.1.0', program: 'pinata-sdk.mjs', change: 'nothing: `./pinyon run`', isLed: true },
  { name: 'PyPI pinatapy-vourhey 0.2.0', program: 'python-client.py', change: 'nothing: `./pinyon run`', isLed: true },
  { name: 'npm tus-js-client 4.3.1', program: 'tus-client.mjs', change: '`endpoint`' },
  { name: 'cURL', program: 'plain-curl.mjs', change: 'the host' },
  { name: 'Node.js with axios 1.21.1', program: 'plain-axios.mjs', change: 'the host' },
  { name: 'Python with requests 2.34.2', program: 'plain-requests.py', change: 'the host' },
  { name: 'Go with net/http', program: 'plain-nethttp.go', change: 'the host' },
]

const sources = fileURLToPath(new URL('../clients/', import.meta.url))
const pinyon = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

/** The clients, installed in a folder of their own. */
export interface InstalledClients {
  readonly dir: string
  run(client: ClientProgram, server: TestServer, key: KeyValues): Promise<readonly ClientStep[]>
  remove(): Promise<void>
}

/** Installs them as their lock says; nothing that is installed runs a script. */
export async function installClients(): Promise<InstalledClients> {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-clients-'))
  await cp(sources, dir, { recursive: true })
  const ci = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  requireDone(await run('npm', ci, { cwd: dir, timeoutMs: 240_000 }))
  requireDone(await run('python3', ['-m', 'venv', join(dir, 'python')]))
  const packages = ['pinatapy-vourhey==0.2.0', 'requests==2.34.2']
  requireDone(
    await run(join(dir, 'python/bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages]),
  )
  return {
    dir,
    run: (client, server, key) => runClient(dir, client, server, key),
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

/** The certificate of a server's authority. */
export async function authorityOf({ dataDir }: TestServer): Promise<string> {
  const kept = await readFile(join(dataDir, 'tls/authority.pem'), 'utf8')
  return kept.slice(0, kept.indexOf('-----BEGIN PRIVATE KEY'))
}

async function runClient(
  dir: string,
  { program, isLed = false }: ClientProgram,
  server: TestServer,
  key: KeyValues,
): Promise<readonly ClientStep[]> {
  const authority = join(dir, 'authority.pem')
  await writeFile(authority, await authorityOf(server))
  const [interpreter, ...args] = commandOf(dir, program)
  const ran = await run(
    isLed ? process.execPath : interpreter,
    isLed ? [pinyon, 'run', '--', interpreter, ...args] : args,
    {
      env: {
        PINYON_API: server.apiUrl,
        PINYON_GATEWAY_URL: server.gatewayUrl,
        PINATA_JWT: key.JWT,
        PINATA_API_KEY: key.pinata_api_key,
        PINATA_API_SECRET: key.pinata_api_secret,
        ...(isLed ? { PINYON_DATA_DIR: server.dataDir } : trusting(authority)),
      },
      timeoutMs: 300_000,
    },
  )
  requireDone(ran)
  return JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as ClientStep[] // printed by the program
}

function commandOf(dir: string, program: string): [interpreter: string, ...args: string[]] {
  const path = join(dir, program)
  if (program.endsWith('.py')) return [join(dir, 'python/bin/python'), path]
  // Go's programs have no folder of their own.
  if (program.endsWith('.go')) return ['go', 'run', path, join(dir, 'plain-operations.json')]
  return [process.execPath, path]
}

/** How Node, Python's requests and Go are told of an authority. */
function trusting(authority: string): Record<string, string> {
  return { NODE_EXTRA_CA_CERTS: authority, REQUESTS_CA_BUNDLE: authority, SSL_CERT_FILE: authority }
}

function requireDone({ code, stdout, stderr }: Ran): void {
  if (code !== 0) throw new Error(`ended with ${code}:\n${stdout}\n${stderr}`)
}
