import { readFileSync } from 'node:fs'

/**
 * Milliseconds that the main thread of a process could have run and had no processor (Linux: the second number of
 * `/proc/PID/schedstat`). What a start takes on a machine that others keep busy says nothing of the program without it.
 * 0 where it cannot be told.
 */
export function waitedForProcessorMs(pid: number | undefined): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return Number(waitedNs) / 1e6 || 0
  } catch {
    return 0
  }
}
