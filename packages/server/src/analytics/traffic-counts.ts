import type { Cid } from '../ipfs/cid.ts'
import type { Clock } from '../lib/clock.ts'
import { monthOf } from '../egress/month.ts'
import type { Egress } from '../egress/record-egress.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'

/** One request that the gateway answered. */
export interface Served {
  readonly root: Cid
  /** The last segment of the path below the root. */
  readonly segment: string | undefined
  readonly host: string | undefined
  readonly status: number
  readonly userAgent: string | undefined
  readonly referer: string | undefined
  readonly bytes: number
  /** Whose bytes they are, where that is settled: at a gateway of an account. Else they are those of whoever holds the content. */
  readonly by?: { readonly accountId: string; readonly gatewayId: string } | undefined
}

/** Requests that are told apart in nothing, of one hour. */
export interface Counted {
  readonly root: Cid
  readonly at: number
  readonly segment: string | undefined
  readonly host: string
  readonly status: number
  readonly userAgent: string
  readonly referer: string
  /** False at a gateway of an account. */
  readonly isShared: boolean
  requests: number
  bytes: number
}

const hourMs = 3_600_000
/** What is told apart between two writes; of what comes then less is. */
const maxCounted = 5_000
const maxText = 120
/** Requests with more text than this are not recognised, only counted. */
const maxRecognised = 600

/** Counts what is served, in memory. No address is kept, of a referring page only its origin. */
export class TrafficCounts {
  readonly #clock: Clock
  #counted = new Map<string, Counted>()
  /** What is counted, by what was sent: reading it costs more than counting it. */
  #recognised = new Map<string, Counted>()
  /** Bytes whose owner is known, by owner and month. */
  #egress = new Map<string, Egress>()
  #lost = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts one request. Does nothing but count. */
  note(served: Served): void {
    const { root, segment, host, status, userAgent, referer, bytes, by } = served
    if (by !== undefined && status < 400) this.noteEgress({ ...by, bytes })
    const at = Math.floor(this.#clock.now() / hourMs) * hourMs
    const sent = `${at} ${status} ${keyOf(root)}\n${segment === undefined ? '' : `/${segment}`}\n${host}\n${userAgent}\n${referer}\n${by === undefined}`
    const known = this.#recognised.get(sent)
    if (known !== undefined) {
      known.requests++
      known.bytes += bytes
      return
    }
    const counted = this.#note(served, at)
    if (counted !== undefined && sent.length <= maxRecognised) this.#recognised.set(sent, counted)
  }

  /** Counts bytes of an account that analytics do not show: those of private files. */
  noteEgress({ accountId, gatewayId, bytes }: Omit<Egress, 'month'>): void {
    this.addEgress([{ accountId, gatewayId, bytes, month: monthOf(this.#clock.now()) }])
  }

  /** Adds bytes whose owner is known. */
  addEgress(all: readonly Egress[]): void {
    for (const each of all) {
      const key = `${each.accountId} ${each.gatewayId} ${each.month}`
      const bytes = (this.#egress.get(key)?.bytes ?? 0) + each.bytes
      this.#egress.set(key, { ...each, bytes })
    }
  }

  /** Adds what another process counted. */
  add({ requests, bytes, ...told }: Counted): void {
    this.#addWhereRoomIs(told, requests, bytes)
  }

  /** Everything since it was taken before, and how many requests there was no room for. */
  take(): { counted: Counted[]; egress: Egress[]; lost: number } {
    const taken = { counted: [...this.#counted.values()], egress: [...this.#egress.values()], lost: this.#lost }
    this.#egress = new Map()
    this.#counted = new Map()
    this.#recognised = new Map()
    this.#lost = 0
    return taken
  }

  #note({ root, segment, host, status, userAgent, referer, bytes, by }: Served, at: number): Counted | undefined {
    const told = {
      root,
      at,
      segment: segment?.slice(0, maxText),
      host: cleanText(host).toLowerCase(),
      status,
      userAgent: cleanText(userAgent),
      referer: originOf(referer),
      isShared: by === undefined,
    }
    return this.#addWhereRoomIs(told, 1, bytes)
  }

  #addWhereRoomIs(told: Omit<Counted, 'requests' | 'bytes'>, requests: number, bytes: number): Counted | undefined {
    const added =
      this.#add(told, requests, bytes) ??
      this.#add({ ...told, segment: undefined, host: '', userAgent: '', referer: '' }, requests, bytes)
    if (added === undefined) this.#lost += requests
    return added
  }

  /** Undefined when there is no place for one more. */
  #add(told: Omit<Counted, 'requests' | 'bytes'>, requests: number, bytes: number): Counted | undefined {
    const { root, at, segment, host, status, userAgent, referer, isShared } = told
    const key = [keyOf(root), at, segment ?? '', host, status, userAgent, referer, isShared].join('\n')
    const known = this.#counted.get(key)
    if (known !== undefined) {
      known.requests += requests
      known.bytes += bytes
      return known
    }
    if (this.#counted.size >= (userAgent === '' && host === '' ? 2 : 1) * maxCounted) return undefined
    const counted = { ...told, requests, bytes }
    this.#counted.set(key, counted)
    return counted
  }
}

function keyOf({ multihash, codec }: Cid): string {
  return `${codec} ${multihashKey(multihash)}`
}

/** Text that both databases can store, and no more of it than anybody reads. */
export function cleanText(text = ''): string {
  return text
    .slice(0, maxText)
    .replaceAll(/\p{Cc}/gu, '')
    .toWellFormed()
}

/** Of an address only where it leads to: what is behind may be nobody's business. */
function originOf(referer: string | undefined): string {
  if (referer === undefined || referer.length > 2_048 || !URL.canParse(referer)) return ''
  const { origin } = new URL(referer)
  return origin === 'null' ? '' : origin.slice(0, maxText)
}
