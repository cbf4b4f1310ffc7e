import { CommanderError, type Command } from 'commander'
import type { GlobalOptions } from './context.ts'
import { describeFailure, exitCodeOf, exitCodes, PartlyDone } from './exit.ts'
import { createProgram } from './program.ts'

const interrupt = new AbortController()
/** How long a command may take to clean up after Ctrl-C before it is ended. */
const patienceMs = 2_000
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupt.abort(new DOMException('Interrupted.', 'AbortError'))
    setTimeout(endNow, patienceMs).unref()
  })
}
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

// What stands behind -- belongs to another program.
const isJson = process.argv.slice(0, process.argv.concat('--').indexOf('--')).includes('--json')
const program = createProgram(async (command) =>
  (await import('./context.ts')).createContext(
    settingsOf(process.env),
    command.optsWithGlobals<GlobalOptions>(),
    interrupt.signal,
  ),
)
let complaint = ''
configure(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(0)
  // Whatever Ctrl-C made fail, it is the interruption that is told.
  const failure = interrupt.signal.aborted
    ? new PartlyDone(interrupt.signal.reason, error instanceof PartlyDone ? error.done : [])
    : error
  const { message, json } = describeFailure(failure)
  const isUsage = error instanceof CommanderError
  // Commander has said what is wrong, unless it was kept from that.
  if (isUsage && isJson) json['error'] = { message: complaintOf(message), reason: 'USAGE' }
  if (isJson) process.stdout.write(`${JSON.stringify(json, null, 2)}\n`)
  else if (!isUsage) process.stderr.write(`${message}\n`)
  process.exit(isUsage ? exitCodes.usage : exitCodeOf(failure))
}

/**
 * Ends by the signal itself, which shells tell as 130: leaving in order waits for what the system has not answered, as the
 * opening of a pipe into which nobody writes.
 */
function endNow(): void {
  process.removeAllListeners('SIGINT')
  process.kill(process.pid, 'SIGINT')
}

/** The environment without settings that are empty, as a variable of CI that was never given is: they say nothing. */
function settingsOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isEmptySetting = ([name, value]: [string, string | undefined]) =>
    value === '' && (name.startsWith('PINYON_') || name === 'XDG_CONFIG_HOME')
  return Object.fromEntries(Object.entries(env).filter((entry) => !isEmptySetting(entry)))
}

/** What Commander said; help alone, which it gives where a command is missing, is for people. */
function complaintOf(message: string): string {
  if (complaint.startsWith('Usage: ')) return 'A command is missing. --help lists them.'
  return complaint || message
}

/** Errors of the command line come back here instead of ending the process, in each command. */
function configure(command: Command): void {
  command.exitOverride().configureOutput({
    writeErr(text) {
      complaint += text.trim()
      if (!isJson) process.stderr.write(text)
    },
  })
  for (const each of command.commands) configure(each)
}
