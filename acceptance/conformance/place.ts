import { Otherwise } from './otherwise.ts'

/** The addresses and the key that are tried. */
export interface PlaceOptions {
  readonly api: string
  readonly uploads: string
  readonly gateway: string
  readonly jwt: string
}

/** An answer, its body read. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined when it is none. */
  readonly json: any // oxlint-disable-line no-explicit-any -- cases look into bodies of every shape
  /** Status and the beginning of the body, for the report. */
  readonly words: string
}

/** How a case asks. */
export interface Ask {
  readonly json?: unknown
  readonly form?: FormData
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Record<string, string>
  /** Another JWT than that of the run; null: none. */
  readonly jwt?: string | null
}

/** What cases work with: three hosts, and a memory of what is to be removed. */
export class Place {
  readonly options: PlaceOptions
  /** Marks everything that this run makes. */
  readonly run = crypto.randomUUID()
  /** What cases hand on to later ones. */
  readonly kept = new Map<string, string>()
  readonly #removals: (() => Promise<Answer>)[] = []

  constructor(options: PlaceOptions) {
    this.options = options
  }

  api(method: string, path: string, ask?: Ask): Promise<Answer> {
    return this.at(`${this.options.api}${path}`, method, ask)
  }

  uploads(method: string, path: string, ask?: Ask): Promise<Answer> {
    return this.at(`${this.options.uploads}${path}`, method, ask)
  }

  gateway(method: string, path: string, ask: Ask = {}): Promise<Answer> {
    return this.at(`${this.options.gateway}${path}`, method, { jwt: null, ...ask })
  }

  async at(url: string, method: string, ask: Ask = {}): Promise<Answer> {
    const { json, form, body, headers, jwt = this.options.jwt } = ask
    const sent = json === undefined ? (form ?? body) : JSON.stringify(json)
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        ...(jwt === null ? {} : { authorization: `Bearer ${jwt}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
      signal: AbortSignal.timeout(60_000),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: parse(text),
      words: `${answer.status} ${text.replaceAll(/\s+/g, ' ').slice(0, 160)}`.trim(),
    }
  }

  /** What an earlier case left; throws `Otherwise` when that case failed. */
  need(name: string): string {
    const value = this.kept.get(name)
    if (value === undefined) throw new Otherwise(`not tried: an earlier case did not give ${name}`)
    return value
  }

  /** Has something removed at the end; later things go first. */
  removeLater(removal: () => Promise<Answer>): void {
    this.#removals.push(removal)
  }

  /** Removes what was made. Answers what would not go. */
  async cleanUp(): Promise<readonly string[]> {
    const left: string[] = []
    for (const removal of this.#removals.splice(0).toReversed()) {
      const answer = await removal().catch((error: unknown) => String(error))
      // What a case removed itself is gone already.
      if (typeof answer === 'string') left.push(answer)
      else if (answer.status >= 300 && ![400, 401, 403, 404].includes(answer.status)) left.push(answer.words)
    }
    return left
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
