import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** What a program printed and how it ended. */
export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. Only what is named in `env` beside PATH, HOME and caches reaches it. */
export async function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string; timeoutMs?: number } = {},
): Promise<Ran> {
  const kept = [
    'PATH',
    'HOME',
    'TMPDIR',
    'GOPATH',
    'GOCACHE',
    'GOMODCACHE',
    'GOPROXY',
    'GOFLAGS',
    'GONOSUMDB',
    'GOSUMDB',
    'GONOSUMCHECK',
    'PIP_INDEX_URL',
    'PIP_TRUSTED_HOST',
    'SSL_CERT_FILE',
    'NODE_EXTRA_CA_CERTS',
    'NPM_CONFIG_REGISTRY',
    'npm_config_registry',
    'LANG',
  ]
  const env = Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 120_000,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.end(options.input)
  const [code] = (await once(child, 'close')) as [number | null] // the event's own type
  return { code, stdout, stderr }
}
