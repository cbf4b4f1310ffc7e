import { randomBytes } from 'node:crypto'
import { codecs } from '../../src/ipfs/codecs.ts'
import { formatCid } from '../../src/ipfs/cid.ts'
import { sha256Multihash } from '../../src/ipfs/multihash.ts'
import { type Answered, type KeyValues, type TestApp } from './app.ts'

/** Settings under which nothing is fetched, so that what waits stays `queued`. */
export const nothingFetched = { PINYON_PIN_SLOTS: 'new=0,newest=0,retry=0' }

/** All four statuses, as a filter. */
export const everyStatus = 'status=queued,pinning,pinned,failed'

/** A CID of bytes that nobody has. */
export function unknownCid(): string {
  return cidOf(randomBytes(32))
}

/** The CID of bytes as one raw block. */
export function cidOf(bytes: Uint8Array): string {
  return formatCid({ version: 1, codec: codecs.raw, multihash: sha256Multihash([bytes]) })
}

/** A pin as it is answered. */
export interface ShownPin {
  readonly requestid: string
  readonly status: string
  readonly created: string
  readonly pin: { readonly cid: string; readonly name?: string; readonly meta?: Record<string, string> }
  readonly delegates: readonly string[]
  readonly info?: Readonly<Record<string, string>>
}

/** What `/psa` is asked in tests. */
export class PsaClient {
  readonly #app: TestApp
  readonly #key: KeyValues | string

  constructor(app: TestApp, key: KeyValues | string) {
    this.#app = app
    this.#key = key
  }

  /** Any request below `/psa`. */
  ask(method: string, path: string, json?: unknown): Promise<Answered> {
    return this.#app.ask(method, `/psa${path}`, { key: this.#key, ...(json === undefined ? {} : { json }) })
  }

  /** Adds a pin and gives it back; throws unless it was accepted. */
  async add(pin: Record<string, unknown>): Promise<ShownPin> {
    return expectStatus(202, await this.ask('POST', '/pins', pin))
  }

  /** A page; `query` without the question mark. */
  async list(query = ''): Promise<{ count: number; results: ShownPin[] }> {
    return expectStatus(200, await this.ask('GET', `/pins?${query}`))
  }

  /** A pin by its id. */
  async get(id: string): Promise<ShownPin> {
    return expectStatus(200, await this.ask('GET', `/pins/${id}`))
  }
}

function expectStatus(status: number, answered: Answered) {
  if (answered.status === status) return answered.body
  throw new Error(`answered ${answered.status}: ${JSON.stringify(answered.body)}`)
}
