/**
 * Runs a program whose syncs do nothing and say that they did: the promise broken on purpose, for controls. The kernel
 * is never asked (strace gives the answer itself). With -D the process that is started is the program, so that killing it
 * does not leave the program alive.
 */
export const withoutSyncs: readonly string[] = [
  'strace',
  '-D',
  '-f',
  '-qq',
  '--seccomp-bpf',
  '-o',
  '/dev/null',
  '-e',
  'trace=fsync,fdatasync',
  '-e',
  'inject=fsync,fdatasync:retval=0',
]
