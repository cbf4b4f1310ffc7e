import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A bound on memory that the kernel holds: a control group, of version 2 or 1. */
export interface MemoryGroup {
  /** What to start a program with, so that it and what it starts are inside. */
  readonly wrap: readonly string[]
  /** The most that was in use, page cache that can be given back included. */
  peakBytes(): number | undefined
  /** When nothing is inside any more. */
  remove(): void
}

const places = [
  { dir: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes' },
  { dir: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak' },
] as const

/** Why there can be none here; undefined when there can. */
export function missingMemoryGroup(): string | undefined {
  if (process.getuid?.() !== 0) return 'control groups are made by root'
  const place = places.find(({ dir }) => existsSync(join(dir, 'cgroup.procs')))
  if (place === undefined) return 'no control groups are mounted'
  const probe = join(place.dir, `pinyon-probe-${process.pid}`)
  try {
    mkdirSync(probe)
    const bounds = existsSync(join(probe, place.limit))
    rmdirSync(probe)
    return bounds ? undefined : 'the memory controller is not there'
  } catch (error) {
    return `control groups cannot be made: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Makes one. Throws where `missingMemoryGroup` says why. */
export function makeMemoryGroup(limitBytes: number): MemoryGroup {
  const place = places.find(({ dir }) => existsSync(join(dir, 'cgroup.procs')))
  if (place === undefined) throw new Error('no control groups are mounted')
  const dir = join(place.dir, `pinyon-${process.pid}-${Date.now()}`)
  mkdirSync(dir)
  writeFileSync(join(dir, place.limit), String(limitBytes))
  // What does not fit is not moved to disk, where it would only be slow.
  for (const swap of ['memory.swap.max', 'memory.memsw.limit_in_bytes']) {
    if (existsSync(join(dir, swap)))
      writeFileSync(join(dir, swap), swap === 'memory.swap.max' ? '0' : String(limitBytes))
  }
  return {
    wrap: ['sh', '-c', 'echo $$ > "$0" && exec "$@"', join(dir, 'cgroup.procs')],
    peakBytes() {
      const file = join(dir, place.peak)
      return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
    },
    remove: () => rmdirSync(dir),
  }
}
