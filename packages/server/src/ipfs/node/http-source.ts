import { maxBlockBytes } from '../block.ts'
import { type Cid, formatCid } from '../cid.ts'
import { verifyBytes } from '../multihash.ts'
import { DialRefused } from './checked-lookup.ts'
import type { DialPolicy } from './dial-policy.ts'
import type { Exchange } from './exchange.ts'
import { httpGet } from './http-get.ts'
import type { Source } from './source.ts'
import type { BlockSession } from './block-session.ts'

const atOnce = 6
const timeoutMs = 30_000

/**
 * A trustless gateway (https://specs.ipfs.tech/http-gateways/trustless-gateway/) that is asked for single blocks, for
 * one fetch. After it lied or could not be reached it is asked no more.
 */
export class HttpSource implements Source {
  readonly name: string
  readonly tellsHaves = false
  lastActiveAt = performance.now()
  readonly #exchange: Exchange
  readonly #session: () => BlockSession
  readonly #policy: DialPolicy | undefined
  readonly #requests = new Map<string, AbortController>()
  #isUseless = false

  constructor(options: {
    readonly url: string
    readonly exchange: Exchange
    readonly session: () => BlockSession
    /** Undefined for one that the operator named. */
    readonly policy: DialPolicy | undefined
  }) {
    this.name = options.url
    this.#exchange = options.exchange
    this.#session = options.session
    this.#policy = options.policy
  }

  room(): number {
    return atOnce - this.#requests.size
  }

  ask(cid: Cid, key: string): void {
    if (this.#requests.has(key)) return
    const request = new AbortController()
    this.#requests.set(key, request)
    void this.#fetch(cid, key, request.signal)
  }

  cancel(_cid: Cid, key: string): void {
    this.#requests.get(key)?.abort(new Error('The block is not wanted any more'))
    this.#requests.delete(key)
  }

  async #fetch(cid: Cid, key: string, signal: AbortSignal): Promise<void> {
    const bytes = this.#isUseless ? undefined : await this.#get(cid, signal)
    this.lastActiveAt = performance.now()
    if (signal.aborted) return
    this.#requests.delete(key)
    if (bytes === undefined) this.#exchange.tellLacks(this, key)
    else this.#session().deliver(this, key, bytes)
    this.#exchange.tellRoom(this)
  }

  async #get(cid: Cid, signal: AbortSignal): Promise<Uint8Array | undefined> {
    // By version 1: the bytes are the same, and more servers know it.
    const url = new URL(`/ipfs/${formatCid({ ...cid, version: 1 })}?format=raw`, this.name)
    try {
      const { status, body } = await httpGet(url, {
        policy: this.#policy,
        maxBytes: maxBlockBytes,
        timeoutMs,
        signal,
        accept: 'application/vnd.ipld.raw',
      })
      if (status !== 200) {
        this.#session().tell(this.name, 'has-not', `it answered ${status}`)
        return undefined
      }
      if (verifyBytes(cid.multihash, body)) return body
      this.#session().tell(this.name, 'lied', 'it sent wrong bytes for a block')
    } catch (error) {
      if (signal.aborted) return undefined
      const detail = error instanceof Error ? error.message : String(error)
      this.#session().tell(this.name, error instanceof DialRefused ? 'refused' : 'unreachable', detail)
    }
    this.#isUseless = true
    return undefined
  }
}
