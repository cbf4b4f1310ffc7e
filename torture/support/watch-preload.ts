import { readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { watchLoop } from '../../packages/server/src/ipfs/watch-loop.ts'

/** What the server tells of itself when it is asked. */
export interface Watched {
  /** The longest that its thread computed without letting the loop go round, since the last time it was asked. */
  readonly longestHoldMs: number
  readonly rssBytes: number
  readonly heapBytes: number
  readonly descriptors: number
  readonly sockets: number
}

// Loaded before the server's first line (`--import`), in its own process: no client can see what it holds.
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void // the flag above puts it there
let loop = watchLoop()

process.on('message', () => {
  const longestHoldMs = loop.longestMs()
  collect()
  const { rss, heapUsed } = process.memoryUsage()
  const watched: Watched = {
    longestHoldMs,
    rssBytes: rss,
    heapBytes: heapUsed,
    descriptors: openDescriptors(),
    sockets: process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length,
  }
  loop = watchLoop()
  process.send?.(watched)
})
// Nobody who looks on keeps the server from ending.
process.channel?.unref()

function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    // There is none left to look with.
    return Number.MAX_SAFE_INTEGER
  }
}
