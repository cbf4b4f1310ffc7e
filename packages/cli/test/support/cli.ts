import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** How a run of the command line ended. */
export interface CliRun {
  readonly code: number | null
  /** The signal, where no code is. */
  readonly endedBy: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** What stdout holds, where that is no text. */
  readonly bytes: Buffer
}

/** Runs the command line in a process of its own, with nothing of this one's environment. */
export async function runCli(
  args: readonly string[],
  how: {
    cwd: string
    env: Record<string, string>
    stdin?: string | Uint8Array | undefined
    signal?: AbortSignal
    /** Told each text on stderr as it comes. */
    onStderr?: (text: string) => void
  },
): Promise<CliRun> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: how.cwd,
    env: { PATH: process.env['PATH'], HOME: how.cwd, TZ: 'UTC', ...how.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // A command that does not read its stdin may be over before it was written.
  child.stdin.on('error', () => undefined)
  child.stdin.end(how.stdin ?? '')
  how.signal?.addEventListener('abort', () => child.kill('SIGINT'))
  if (how.onStderr !== undefined) child.stderr.on('data', (chunk: Buffer) => how.onStderr?.(chunk.toString()))
  const [bytes, stderr, [code, endedBy]] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, 'close'),
  ])
  return {
    code: code as number | null,
    endedBy: endedBy as NodeJS.Signals | null,
    stdout: bytes.toString(),
    stderr: stderr.toString(),
    bytes,
  }
}
