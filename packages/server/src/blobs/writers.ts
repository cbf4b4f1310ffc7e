import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type KernelLock, takeKernelLock } from '../lib/kernel-lock.ts'

/** A writer that died, held so that nobody else puts its things in order at the same time. */
export interface DeadWriter extends Disposable {
  readonly id: string
  /** Everything of it is in order: nobody need look again. */
  end(): void
}

/** Who appends to packs of this installation: every process has a writer id that was never used before. */
export interface Writers {
  /** The writer that is this process. */
  readonly id: string
  /** Writers whose process lives, this one among them. */
  living(): ReadonlySet<string>
  /** Writers that died and were not put in order yet. Each is held until it is disposed of. */
  takeDead(): DeadWriter[]
  /** This process appends no more. */
  release(): void
}

/** The writer of a data directory that is this process's alone: all others are dead, and were put in order at the start. */
export function soleWriter(): Writers {
  const id = makeId()
  return { id, living: () => new Set([id]), takeDead: () => [], release: () => undefined }
}

/**
 * Becomes one of the writers that share a data directory. Each holds a lock on a file of its own in `dir`, which the
 * kernel gives back when the process dies: whoever can take it knows that the writer is dead.
 */
export function joinWriters(dir: string): Writers {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const id = makeId()
  // Locked before it has its name: nobody finds it unlocked and takes its writer for dead.
  const draft = join(dir, `${id}.new`)
  const lock = takeKernelLock(draft)
  if (lock === undefined) throw new Error(`The new file ${draft} is locked`)
  renameSync(draft, fileOf(dir, id))
  return {
    id,
    living: () => livingWriters(dir).add(id),
    takeDead: () => listWriters(dir).flatMap((other) => (other === id ? [] : (takeIfDead(dir, other) ?? []))),
    // The file stays: what this process has begun and not ended is put in order as if it had died.
    release: () => lock.release(),
  }
}

/** Writers in `dir` that hold their lock. */
export function livingWriters(dir: string): Set<string> {
  const living = new Set<string>()
  for (const id of listWriters(dir)) {
    const lock = takeKernelLock(fileOf(dir, id))
    if (lock === undefined) living.add(id)
    else lock.release()
  }
  return living
}

function takeIfDead(dir: string, id: string): DeadWriter | undefined {
  const file = fileOf(dir, id)
  const lock: KernelLock | undefined = takeKernelLock(file)
  if (lock === undefined) return undefined
  return {
    id,
    end: () => rmSync(file, { force: true }),
    [Symbol.dispose]: () => lock.release(),
  }
}

function listWriters(dir: string): string[] {
  let names: string[]
  try {
    names = readdirSync(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [] // fs fails with errno errors
    throw error
  }
  return names.flatMap((name) => /^([0-9a-f]{16})\.lock$/.exec(name)?.[1] ?? [])
}

function fileOf(dir: string, id: string): string {
  return join(dir, `${id}.lock`)
}

function makeId(): string {
  return randomBytes(8).toString('hex')
}
