const loads: (() => Promise<unknown>)[] = []

/** Notes a part of the console that is loaded when it is first wanted, so that `loadAhead` knows it. Answers it. */
export function partOf<T>(load: () => Promise<T>): () => Promise<T> {
  loads.push(load)
  return load
}

/**
 * Loads every part while nothing else is to be done. Whoever goes to another page then waits for nothing, and loses
 * nothing when the server is away at that moment: a page that cannot be had is tried by loading everything anew, and
 * uploads would end with that.
 */
export function loadAhead(): void {
  const load = async () => {
    // One after another: what somebody asks for meanwhile goes first. A part may note parts of its own.
    for (let each = loads.shift(); each !== undefined; each = loads.shift()) await each().catch(() => {}) // it is loaded when it is wanted
  }
  // Safari does not have it.
  const idle = window.requestIdleCallback as typeof window.requestIdleCallback | undefined
  if (idle === undefined) setTimeout(() => void load(), 1_000)
  else idle(() => void load())
}
