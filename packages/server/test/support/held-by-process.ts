import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What this process holds after a forced collection. */
export interface Held {
  readonly heapBytes: number
  readonly rssBytes: number
  readonly descriptors: number
  readonly sockets: number
}

/** Collects, and counts what is left: memory, descriptors, and sockets that are open. */
export async function heldByProcess(): Promise<Held> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // the flag above puts it there
  // What ended has its handles closed in the turns after.
  await sleep(300)
  collect()
  const { heapUsed, rss } = process.memoryUsage()
  return {
    heapBytes: heapUsed,
    rssBytes: rss,
    descriptors: (await readdir('/proc/self/fd')).length,
    sockets: process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length,
  }
}
