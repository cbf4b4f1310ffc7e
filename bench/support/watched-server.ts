// The program, as `npm start` runs it, in a process that says what it holds when it is asked: needs `--expose-gc`.
import { readdirSync } from 'node:fs'
import { getHeapSpaceStatistics } from 'node:v8'

/** What the process holds after garbage was collected. */
export interface Holdings {
  readonly heapMb: number
  /** What the engine has taken for its heap: free room between what is alive included. */
  readonly heapTotalMb: number
  readonly externalMb: number
  readonly rssMb: number
  readonly descriptors: number
  /** Of each space of the heap that holds something: what is alive, and what was taken, in MiB. */
  readonly spaces: Readonly<Record<string, readonly [number, number]>>
}

const mega = 1024 * 1024

process.on('message', () => {
  // What a first collection lets go of by finalizers, the second one takes.
  for (let i = 0; i < 2; i++) globalThis.gc?.()
  const { heapUsed, heapTotal, external, rss } = process.memoryUsage()
  const taken = getHeapSpaceStatistics().filter((space) => space.physical_space_size >= mega / 2)
  const holdings: Holdings = {
    heapMb: heapUsed / mega,
    heapTotalMb: heapTotal / mega,
    externalMb: external / mega,
    rssMb: rss / mega,
    descriptors: readdirSync('/proc/self/fd').length,
    spaces: Object.fromEntries(
      taken.map((space) => [space.space_name, [space.space_used_size / mega, space.physical_space_size / mega]]),
    ),
  }
  process.send?.(holdings)
})

await import('../../packages/server/src/main.ts')
