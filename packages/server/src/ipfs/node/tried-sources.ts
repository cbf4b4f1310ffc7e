import type { Tried } from './node.ts'

/** Who is told of at most. */
const maxTried = 50

/** What came of each source, the latest of each, at most 50. One that gave blocks stays one that gave. */
export class TriedSources {
  readonly #entries = new Map<string, { -readonly [K in keyof Tried]: Tried[K] }>()

  list(): readonly Tried[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry }))
  }

  tell(source: string, outcome: Tried['outcome'], detail?: string): void {
    const known = this.#entries.get(source)
    if (known === undefined) {
      if (this.#entries.size < maxTried) this.#entries.set(source, withDetail({ source, outcome, blocks: 0 }, detail))
      return
    }
    if (known.outcome === 'lied' || (known.outcome === 'gave' && outcome !== 'lied')) return
    // Why it could not be asked says more than that it gave nothing.
    if (outcome === 'has-not' && (known.outcome === 'refused' || known.outcome === 'unreachable')) return
    this.#entries.set(source, withDetail({ source, outcome, blocks: known.blocks }, detail))
  }

  tellGave(source: string): void {
    this.tell(source, 'gave')
    const entry = this.#entries.get(source)
    if (entry !== undefined) entry.blocks++
  }
}

function withDetail(entry: Tried, detail: string | undefined): Tried {
  return detail === undefined ? entry : { ...entry, detail }
}
