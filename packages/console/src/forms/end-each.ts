import { ApiError } from '@pinyon/contract/client.ts'

/** Requests at the same time. */
const atOnce = 4

/** An item that could not be dealt with, and why. */
export interface Failure<T> {
  readonly item: T
  readonly error: unknown
}

/** What became of each. */
export interface Outcome<T> {
  readonly done: T[]
  readonly failures: Failure<T>[]
}

/**
 * Ends one item after another, a few at the same time, and goes on after those that fail. What is not there any more
 * counts as done: somebody else was faster, and it is as it was asked for.
 */
export async function endEach<T>(
  items: readonly T[],
  end: (item: T) => Promise<unknown>,
  onCount: (count: number) => void,
): Promise<Outcome<T>> {
  const done: T[] = []
  const failures: Failure<T>[] = []
  const waiting = [...items]
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await end(item)
        done.push(item)
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) done.push(item)
        else failures.push({ item, error })
      }
      onCount(done.length + failures.length)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return { done, failures }
}
