// The program, as `npm start` runs it, in a process that says what it holds when it is asked: needs `--expose-gc`.
import { readdirSync } from 'node:fs'

/** What the process holds after garbage was collected. */
export interface Holdings {
  readonly heapMb: number
  /** What the engine has taken for its heap: free room between what is alive included. */
  readonly heapTotalMb: number
  readonly externalMb: number
  readonly rssMb: number
  readonly descriptors: number
}

const mega = 1024 * 1024

process.on('message', () => {
  // What a first collection lets go of by finalizers, the second one takes.
  for (let i = 0; i < 2; i++) globalThis.gc?.()
  const { heapUsed, heapTotal, external, rss } = process.memoryUsage()
  const holdings: Holdings = {
    heapMb: heapUsed / mega,
    heapTotalMb: heapTotal / mega,
    externalMb: external / mega,
    rssMb: rss / mega,
    descriptors: readdirSync('/proc/self/fd').length,
  }
  process.send?.(holdings)
})

await import('../../packages/server/src/main.ts')
