import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

/** System calls of a running process that go wrong until it is ended. */
export interface Fault {
  /** The calls are the kernel's again; the process goes on. How many went wrong. */
  end(): Promise<number>
}

/**
 * Attaches strace to a running process, all its threads, and has calls on these paths go wrong: `inject` is strace's own
 * word for it (`fdatasync:error=EIO:when=1`). Global faults on writes would hit Node's own pipes, so paths must be named.
 */
export async function injectFault(
  pid: number,
  { paths, inject }: { paths: readonly string[]; inject: readonly string[] },
): Promise<Fault> {
  const syscalls = inject.map((each) => each.split(':', 1)[0]).join(',')
  const onPaths = paths.flatMap((path) => ['-P', path])
  const faults = inject.flatMap((each) => ['-e', `inject=${each}`])
  const record = join(await mkdtemp(join(tmpdir(), 'pinyon-traced-')), 'calls')
  const strace = spawn(
    'strace',
    ['-f', '-o', record, '-e', `trace=${syscalls}`, '-p', String(pid), ...onPaths, ...faults],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = once(strace, 'exit')
  const attached = Promise.withResolvers<void>()
  let words = ''
  createInterface(strace.stderr).on('line', (line) => {
    words += `${line}\n`
    if (line.includes('attached')) attached.resolve()
  })
  strace.once('exit', () => attached.reject(new Error(`strace did not attach: ${words}`)))
  await attached.promise
  return {
    async end() {
      strace.kill('SIGTERM')
      await ended
      const calls = await readFile(record, 'utf8')
      await rm(dirname(record), { recursive: true })
      // strace says so of each call that it had go wrong, or wait.
      return calls.match(/\((INJECTED|DELAYED)\)/g)?.length ?? 0
    },
  }
}
