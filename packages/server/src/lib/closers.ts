/** Closes one thing; what runs there may take so long. */
type Closer = (patienceMs: number) => Promise<void> | void

/** What was opened one after another, and is closed in reverse. */
export class Closers {
  readonly #closers: Closer[] = []

  /** Of what was just opened. */
  push(closer: Closer): void {
    this.#closers.push(closer)
  }

  /** Closes everything once. What cannot be closed does not keep the rest open; it is thrown at the end. */
  async close(patienceMs: number): Promise<void> {
    const failures: unknown[] = []
    for (const closer of this.#closers.splice(0).toReversed()) {
      try {
        await closer(patienceMs)
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be closed.')
  }
}
