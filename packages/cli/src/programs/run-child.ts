import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { CommandError, exitCodes } from '../exit.ts'

/** How a program ended: with a code, or by a signal. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * Runs a program to its end on this one's terminal. Signals that this process gets are the program's: it decides when it
 * ends. Ctrl-C on a terminal reaches it by itself and is not sent twice. Throws when it cannot be started.
 */
export async function runChild([command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildEnd> {
  const child = spawn(command, args, { env, stdio: 'inherit' })
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const).map((signal) => {
    // The usual handler would end this process while the program still runs.
    process.removeAllListeners(signal)
    const isTyped = signal === 'SIGINT' || signal === 'SIGQUIT'
    const handler = () => void (isTyped && process.stdin.isTTY ? undefined : child.kill(signal))
    process.on(signal, handler)
    return { signal, handler }
  })
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null] // the event's own types
    return { code, signal }
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT' // spawning fails with such an error
    throw new CommandError(
      isAbsent ? `There is no program "${command}".` : `"${command}" cannot be run: ${(error as Error).message}`,
      { reason: 'COMMAND', exitCode: isAbsent ? 127 : 126, cause: error },
    )
  } finally {
    for (const { signal, handler } of handlers) process.off(signal, handler)
  }
}

/** Ends this process as the program ended: with its code, or by its signal. */
export function endAs({ code, signal }: ChildEnd): void {
  if (signal === null) {
    process.exitCode = code ?? exitCodes.failed
    return
  }
  process.exitCode = 128 + constants.signals[signal]
  process.kill(process.pid, signal)
}
