import type { Random } from '../support/random.ts'
import type { Complaint, History, State, Thing } from './history.ts'

/** An account that the load works in. */
export interface Account {
  readonly id: string
  readonly email: string
  readonly JWT: string
}

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // The shape is what the caller asked for; the checker holds it against what was sent.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

/** One request. */
export interface Ask {
  readonly method: string
  /** Path, or a whole address. */
  readonly path: string
  readonly json?: unknown
  readonly form?: FormData
  readonly body?: Uint8Array | string
  readonly headers?: Readonly<Record<string, string>>
  /** Who asks; `none`: nobody. The first account when left out. */
  readonly as?: number | 'none' | { readonly JWT: string }
}

/**
 * What may be answered in place of success while something is broken. `unavailable`: 503, 504 and 507 with `Retry-After`.
 * `late`: 408, where the line lets nothing of a body through for seconds.
 */
export type Tolerance = 'nothing' | 'unavailable' | 'late'

/** How long an answer may take before it counts as a hang (invariant I10: an error within 10 s; a busy machine gets more). */
const patienceMs = 90_000

/** Sends what the load wants sent, and writes down what came of it. */
export class Driver {
  readonly history: History
  readonly accounts: Account[]
  readonly random: Random
  /** Where the server is now; each life has other ports. */
  urls: { readonly apiUrl: string; readonly gatewayUrl: string }
  tolerance: Tolerance = 'nothing'
  /** How often the connection broke before an answer. */
  broken = 0

  constructor(options: Pick<Driver, 'history' | 'accounts' | 'random' | 'urls'>) {
    this.history = options.history
    this.accounts = options.accounts
    this.random = options.random
    this.urls = options.urls
  }

  /** The same with draws of its own. */
  forClient(at: number): Driver {
    const { history, accounts, urls } = this
    const client = new Driver({ history, accounts, urls, random: this.random.fork(`${this.random.hex(8)} ${at}`) })
    client.tolerance = this.tolerance
    return client
  }

  /** Asks. Undefined when the connection broke, so that nobody knows what came of it. */
  async ask(ask: Ask): Promise<Answer | undefined> {
    const url = ask.path.startsWith('http') ? ask.path : `${this.urls.apiUrl}${ask.path}`
    const json = ask.json === undefined ? {} : { 'content-type': 'application/json' }
    const headers = { ...this.#credential(ask), ...json, ...ask.headers }
    const body = ask.json === undefined ? (ask.form ?? bodyOf(ask.body)) : JSON.stringify(ask.json)
    const startedAt = performance.now()
    try {
      const answer = await fetch(url, {
        method: ask.method,
        headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(patienceMs),
        ...(body === undefined ? {} : { body }),
      })
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, text, body: parsed(text) }
    } catch (error) {
      if (performance.now() - startedAt >= patienceMs) this.#complain(ask, `no answer in ${patienceMs / 1000} s`)
      else if (!isBrokenConnection(error)) throw error
      this.history.counts.unknown++
      this.broken++
      return undefined
    }
  }

  /** Asks for bytes. Undefined when they broke off. */
  async read(ask: Ask): Promise<{ status: number; body: Buffer } | undefined> {
    const url = ask.path.startsWith('http') ? ask.path : `${this.urls.apiUrl}${ask.path}`
    try {
      const answer = await fetch(url, { headers: this.#credential(ask), signal: AbortSignal.timeout(patienceMs) })
      return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) }
    } catch (error) {
      if (!isBrokenConnection(error)) throw error
      return undefined
    }
  }

  /**
   * Changes a thing into `next`. The answer when it was acknowledged with one of `expected`; else undefined, and the
   * thing may be either. A refusal that is not tolerated is a complaint.
   */
  async change(thing: Thing, next: State, ask: Ask, expected: readonly number[] = [200]): Promise<Answer | undefined> {
    const before = thing.possible
    thing.busy = true
    thing.isChecked = false
    thing.possible = [...before, next]
    try {
      const answer = await this.ask({ as: thing.account, ...ask })
      if (answer === undefined) return undefined
      if (this.accepts(ask, answer, expected)) {
        thing.possible = [next]
        return answer
      }
      // What was refused because something is broken may have happened all the same: the answer to a commit was lost.
      // Of a resumable upload what came before its body stood still is kept.
      const isKept = answer.status === 408 && thing.kind === 'upload'
      if (answer.status < 500 && !isKept) thing.possible = before
      return undefined
    } finally {
      thing.busy = false
    }
  }

  /** Was it acknowledged? A refusal that is not tolerated is written down. */
  accepts(ask: Ask, answer: Answer, expected: readonly number[] = [200]): boolean {
    if (expected.includes(answer.status)) {
      this.history.counts.acknowledged++
      return true
    }
    this.history.counts.refused++
    if (!this.#tolerates(answer)) this.#complain(ask, `${answer.status} ${answer.text.slice(0, 300)}`)
    return false
  }

  #tolerates({ status, headers }: Answer): boolean {
    if (this.tolerance === 'nothing') return false
    if (this.tolerance === 'late') return status === 408
    return [503, 504, 507].includes(status) && headers.has('retry-after')
  }

  #complain({ method, path }: Ask, words: string): void {
    const complaint: Complaint = { request: `${method} ${path.replace(/^https?:\/\/[^/]+/, '')}`, words }
    this.history.complaints.push(complaint)
  }

  #credential({ as = 0 }: Ask): Record<string, string> {
    if (as === 'none') return {}
    const jwt = typeof as === 'number' ? this.accounts[as]?.JWT : as.JWT
    if (jwt === undefined) throw new Error(`There is no account ${JSON.stringify(as)}`)
    return { authorization: `Bearer ${jwt}` }
  }
}

function bodyOf(body: Uint8Array | string | undefined): BodyInit | undefined {
  return body === undefined || typeof body === 'string' ? body : new Uint8Array(body)
}

function parsed(text: string): unknown {
  return /^[[{]/.test(text) ? (JSON.parse(text) as unknown) : text
}

/** fetch says so by a TypeError, or by the abort of its signal. */
function isBrokenConnection(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')
}
