/** Something read piece by piece: at once where that is possible, by promise where it has to wait; undefined at the end. */
export interface Pull<T> {
  next(): T | undefined | Promise<T | undefined>
}

/** Walks a `Pull` with `for await`. One pull is iterated once. */
export function iterate<T>(pull: Pull<T>): AsyncIterableIterator<T> {
  let ended = false
  const present = (value: T | undefined): IteratorResult<T> => {
    if (value !== undefined) return { value, done: false }
    ended = true
    return { value: undefined, done: true }
  }
  return {
    async next() {
      if (ended) return { value: undefined, done: true }
      const value = pull.next()
      return present(value instanceof Promise ? await value : value)
    },
    async return() {
      ended = true
      return { value: undefined, done: true }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
