import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** After so many bytes of buffers that were used up. */
const everyBytes = 32 * 1024 * 1024

/** Collects what is young and dead; a millisecond. Undefined where the engine has no such thing. */
const collectYoung: (() => void) | undefined = exposed()
let sinceBytes = 0

/**
 * To be told of the bytes of short-lived buffers (pieces of request bodies, blocks that are looked over) that were used up. The engine counts their
 * memory, but sees them only in a full collection once it is much, and then makes one every 16 MB: a third of the
 * processor time of an upload. Collecting the young ones by themselves in time leaves nothing for those.
 */
export function usedUp(bytes: number): void {
  sinceBytes += bytes
  if (sinceBytes < everyBytes) return
  sinceBytes = 0
  collectYoung?.()
}

function exposed(): (() => void) | undefined {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('globalThis.gc')
  return typeof gc === 'function' ? () => void gc({ type: 'minor' }) : undefined
}
