import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Runs a program to its end and gives what it printed. Throws with what it complained about. */
export async function run(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(program, args)
  return stdout.trim()
}

/** As `run`, where a failure changes nothing: what is to be taken down may be down already. */
export async function attempt(program: string, ...args: string[]): Promise<boolean> {
  return run(program, ...args).then(
    () => true,
    () => false,
  )
}

/** Starts a program that runs until it is ended. Its complaints are kept, since it says there why it ended. */
export function start(program: string, ...args: string[]): ChildProcess & { complaints(): string } {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  return Object.assign(child, { complaints: () => complaints })
}

/** SIGKILL, and waits for the end. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** Waits until `look` sees it. The kernel and FUSE tell nobody when they are ready. Throws after a minute. */
export async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`Waited a minute for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
