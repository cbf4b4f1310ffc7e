/** Does something with each item, `limit` at a time. Begins no more after the first failure, and throws it at the end. */
export async function inParallel<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  action: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  let failure: { readonly cause: unknown } | undefined
  for await (const item of items) {
    if (failure !== undefined) break
    const started: Promise<void> = action(item)
      .catch((cause: unknown) => void (failure ??= { cause }))
      .finally(() => running.delete(started))
    running.add(started)
    if (running.size >= limit) await Promise.race(running)
  }
  await Promise.all(running)
  if (failure !== undefined) throw failure.cause
}
