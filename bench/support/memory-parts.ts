import { readdirSync, readFileSync } from 'node:fs'

/** Resident memory of a process by what it is for, in MiB. */
export interface MemoryParts {
  readonly rss: number
  /** What the C library's allocator hands out in the main thread: buffers below 128 KiB, SQLite's pages, what it keeps free. */
  readonly mallocMain: number
  /** The same for other threads: those of the pool that reads files, and workers. */
  readonly mallocThreads: number
  /** The engine's heaps, and whatever else was mapped by itself: large buffers, stacks. */
  readonly mapped: number
  /** The program and its libraries, and the index of SQLite's log. */
  readonly files: number
}

/** A heap of glibc for threads starts at a multiple of this and reserves the rest of it. */
const arenaBytes = 64 * 1024 * 1024

/** Reads `/proc/PID/smaps`. Throws when the process is gone. */
export function memoryParts(pid: number): MemoryParts {
  const ranges = readRanges(readFileSync(`/proc/${pid}/smaps`, 'utf8'))
  const parts = { rss: 0, mallocMain: 0, mallocThreads: 0, mapped: 0, files: 0 }
  for (const [i, range] of ranges.entries()) {
    parts.rss += range.mb
    parts[kindOf(range, ranges[i + 1])] += range.mb
  }
  return parts
}

/** The processes that a process has started, and those have. */
export function processesUnder(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return children.flatMap((child) => [child, ...processesUnder(child)])
}

interface Range {
  readonly start: number
  readonly end: number
  readonly rights: string
  readonly name: string
  mb: number
}

function readRanges(smaps: string): Range[] {
  const ranges: Range[] = []
  for (const line of smaps.split('\n')) {
    const head = /^([\da-f]+)-([\da-f]+) (\S+) \S+ \S+ \d+ *(.*)$/.exec(line)
    if (head !== null) {
      const [, start = '', end = '', rights = '', name = ''] = head
      ranges.push({ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16), rights, name, mb: 0 })
    } else if (line.startsWith('Rss:')) ranges.at(-1)!.mb = Number.parseInt(line.slice(4), 10) / 1024 // follows a head
  }
  return ranges
}

function kindOf(range: Range, next: Range | undefined): Exclude<keyof MemoryParts, 'rss'> {
  if (range.name === '[heap]') return 'mallocMain'
  if (range.name.startsWith('/')) return 'files'
  const isArena = range.start % arenaBytes === 0 && next?.start === range.end && next.rights.startsWith('---')
  return isArena && next.end % arenaBytes === 0 ? 'mallocThreads' : 'mapped'
}
