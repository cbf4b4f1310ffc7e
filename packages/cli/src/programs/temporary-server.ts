import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createClient, type AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { trustAuthority } from '../trust-authority.ts'

/** A server that nobody else uses, and that leaves nothing behind. */
export interface TemporaryServer {
  readonly apiUrl: string
  readonly gatewayUrl: string
  readonly key: AnswerOf<typeof routes.setUp>['key']
  /** The certificate of its authority, where it speaks HTTPS. */
  readonly authority: string | undefined
  /** Ends it and removes what it kept. */
  stop(): Promise<void>
}

const endWithParent = new URL('end-with-parent.mjs', import.meta.url).href
/** Compiled sources are kept beside what is installed, as the command line keeps its own: a third of the start is saved. */
const compileCache = fileURLToPath(new URL('../../../../node_modules/.cache/pinyon/', import.meta.url))
const serverMain = fileURLToPath(import.meta.resolve('@pinyon/server/main.ts'))

/** Settings of the user's environment that such a server has of its own. */
const ownSettings = new Set([
  'PINYON_DATA_DIR',
  'PINYON_EXISTING',
  'PINYON_API_LISTEN',
  'PINYON_GATEWAY_LISTEN',
  'PINYON_API_URL',
  'PINYON_GATEWAY_URL',
  'PINYON_TLS',
  'PINYON_METRICS_LISTEN',
  'PINYON_DATABASE_URL',
  'PINYON_ROLES',
  'PINYON_IPFS_LISTEN',
  'PINYON_SETUP_TOKEN',
  'PINYON_LOG',
])

/**
 * Starts a server in a fresh directory on free ports of loopback and sets it up. Other settings (PINYON_IPFS, limits) are
 * taken from `env`; without them it is no part of the IPFS network. Throws CommandError with what it printed when it does
 * not start.
 */
export async function startTemporaryServer(
  env: NodeJS.ProcessEnv,
  { tls, signal }: { tls: boolean; signal: AbortSignal },
): Promise<TemporaryServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pinyon-ephemeral-'))
  const token = randomBytes(24).toString('hex')
  const kept = Object.entries(env).filter(([name]) => !ownSettings.has(name))
  // Its stdin is open as long as this process lives. Its own group: Ctrl-C is not for it.
  const child = spawn(process.execPath, ['--import', endWithParent, serverMain], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PINYON_IPFS: 'off',
      NODE_COMPILE_CACHE: compileCache,
      ...Object.fromEntries(kept),
      PINYON_DATA_DIR: dataDir,
      PINYON_API_LISTEN: '127.0.0.1:0',
      PINYON_GATEWAY_LISTEN: '127.0.0.1:0',
      PINYON_METRICS_LISTEN: 'off',
      PINYON_IPFS_LISTEN: '/ip4/127.0.0.1/tcp/0,/ip4/127.0.0.1/tcp/0/ws',
      PINYON_SETUP_TOKEN: token,
      PINYON_TLS: tls ? 'local' : 'off',
    },
  })
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    const { api: apiUrl, gateway: gatewayUrl } = await readReady(child, signal)
    if (tls) trustAuthority({ PINYON_DATA_DIR: dataDir })
    const kept = tls ? await readFile(join(dataDir, 'tls', 'authority.pem'), 'utf8') : undefined
    const { key } = await createClient({ apiUrl }).call(routes.setUp, {
      body: { token, email: 'owner@example.test', password: randomBytes(24).toString('base64url') },
      signal,
    })
    const authority = kept?.slice(0, kept.indexOf('-----BEGIN PRIVATE KEY'))
    return { apiUrl, gatewayUrl, key, authority, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function readReady(child: ChildProcess, signal: AbortSignal): Promise<{ api: string; gateway: string }> {
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('the server was started without pipes')
  let output = ''
  stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  for await (const line of createInterface({ input: stdout, signal })) {
    const entry = line.startsWith('{') ? (JSON.parse(line) as { msg?: string; api?: string; gateway?: string }) : {} // a line of the log
    if (entry.msg === 'ready' && entry.api !== undefined && entry.gateway !== undefined) {
      // What it goes on to say is read away, or it would stand still one day.
      stdout.resume()
      return { api: entry.api, gateway: entry.gateway }
    }
    output += `${line}\n`
  }
  signal.throwIfAborted()
  throw new CommandError(`The server did not start:\n${output.trim()}`, {
    reason: 'NOT_STARTED',
    exitCode: exitCodes.failed,
  })
}
