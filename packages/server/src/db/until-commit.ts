import { Recent } from '../lib/recent.ts'
import type { Database } from './interface.ts'

/** Changes of other processes are seen no later than this. */
const freshMs = 900

/** When something was asked for, and how much this process had written then. */
export interface AskedAt {
  readonly at: number
  readonly commits: number
}

/**
 * Answers of the database, kept until this process commits anything, so that what it changes holds for the next request,
 * and for less than a second otherwise.
 */
export class UntilCommit<T extends object> {
  readonly #db: Pick<Database, 'commits'>
  readonly #kept: Recent<AskedAt & { readonly value: T }>

  constructor(db: Pick<Database, 'commits'>, max: number) {
    this.#db = db
    this.#kept = new Recent({ forMs: freshMs, max })
  }

  /** What was answered, when that still holds. */
  peek(key: string): T | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined || kept.commits !== this.#db.commits) return undefined
    return performance.now() - kept.at < freshMs ? kept.value : undefined
  }

  /** To be taken before the question: a write that the answer does not know of comes after. */
  asking(): AskedAt {
    return { at: performance.now(), commits: this.#db.commits }
  }

  keep(key: string, value: T, asked: AskedAt): void {
    this.#kept.set(key, { value, ...asked })
  }

  delete(key: string): void {
    this.#kept.delete(key)
  }

  /** What was answered, or the answer to the question now. */
  get(key: string, ask: () => Promise<T>): T | Promise<T> {
    const known = this.peek(key)
    if (known !== undefined) return known
    const asked = this.asking()
    return ask().then((value) => {
      this.keep(key, value, asked)
      return value
    })
  }
}
