import { setTimeout as wait } from 'node:timers/promises'
import type { AnswerOf } from '@pinyon/contract/client.ts'
import { splitContentAddress } from '@pinyon/contract/content-address.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { readDuration } from '../duration.ts'
import { CommandError, exitCodes, PartlyDone, UsageError } from '../exit.ts'
import { readKeyvalues } from '../keyvalue.ts'
import { bytesText, safeText } from '../output.ts'
import { liveLine } from '../text-width.ts'
import { failureOf, tryEach } from './each.ts'

/** Options of `pin`. */
export interface PinOptions {
  readonly name?: string
  readonly origin: readonly string[]
  readonly keyvalue: readonly string[]
  /** True: as long as it takes. */
  readonly wait?: string | true
}

/** A pin as the server tells it. */
export type Pin = AnswerOf<typeof routes.psaGet>

/** The same with all that is known of how it is fetched. */
export type OwnPin = AnswerOf<typeof routes.pinsGet>

/** Between two looks at a pin that is waited for: at first, and at most. */
const pauseMs = { first: 250, most: 3_000 }
/** Between two lines of a log about a pin that stays as it is but for how far it is. */
const logEveryMs = 30_000

/**
 * Pins content of the IPFS network by its CID, or an address with one. With --wait it ends when everything is here, or has failed. What cannot be
 * pinned keeps none of the others from it: throws `PartlyDone`, which names each, and has all that were added.
 */
export async function pin(context: Context, addresses: readonly string[], options: PinOptions): Promise<void> {
  if (options.name !== undefined && addresses.length > 1) throw new UsageError('--name goes with one CID.')
  for (const origin of options.origin) await lookAtOrigin(context, origin)
  const client = await context.client()
  const { out, signal } = context
  const meta = readKeyvalues(options.keyvalue)
  const waitMs = options.wait === undefined || options.wait === true ? Infinity : readDuration(options.wait) * 1_000
  const say = (pinned: Pin) => {
    if (!out.json) out.result(pinned, lineOf(pinned))
  }
  // All are asked for before one is waited for: they are fetched beside each other.
  const added = await tryEach(addresses, async (address) => {
    const cid = cidIn(address)
    const body = { cid, name: options.name, origins: [...options.origin], meta }
    const pinned = await client.call(routes.psaAdd, { body, signal })
    if (options.wait === undefined) say(pinned)
    return { cid, pinned }
  })
  const known = added.done.map(({ pinned }) => pinned)
  const failures = [...added.failures]
  if (options.wait !== undefined && added.left.length === 0) {
    const until = performance.now() + waitMs
    const waited = await tryEach(
      added.done.map(({ cid }) => cid),
      async (_, at) => {
        const pinned = await settle(context, added.done[at]!.pinned, until) // as many as were given
        known[at] = pinned
        if (pinned.status !== 'pinned') throw notPinned(pinned)
        say(pinned)
      },
    )
    failures.push(...waited.failures)
  }
  const failure = failureOf({ failures, left: added.left }, addresses.length)
  if (failure === undefined && out.json) out.result(addresses.length === 1 ? known[0] : known, '')
  if (known.some(({ status }) => status !== 'pinned'))
    out.note('How far they are: ./pinyon pins ls --status queued,pinning,failed, or ./pinyon pins status ID')
  if (failure !== undefined) throw new PartlyDone(failure, known)
}

/** Throws UsageError for what is no address; says of one that leads nowhere here that it does not. */
async function lookAtOrigin({ out }: Context, text: string): Promise<void> {
  const { noAddress, readOrigin } = await import('@pinyon/server/ipfs/node/origin.ts')
  const origin = readOrigin(text)
  if (origin.kind !== 'useless') return
  if (origin.detail === noAddress)
    throw new UsageError(
      `--origin ${safeText(text)} is no address: give a multiaddr that ends in /p2p/ID, or the URL of a gateway.`,
    )
  out.note(`--origin ${safeText(text)} is of no use: ${safeText(origin.detail)}.`)
}

/** The CID of what people paste. Whether it is one says the server. */
function cidIn(given: string): string {
  const parts = splitContentAddress(given)
  if (parts.kind === 'none') return given
  if (parts.kind === 'wrong') throw notContent(parts.why)
  const { cid, path } = parts
  if (path === '') return cid
  throw notContent(
    `That leads to a part of ${safeText(cid)}. Give the CID of that part, or this one alone for all of it.`,
  )
}

function notContent(why: string): CommandError {
  return new CommandError(why, { reason: 'INVALID_CID', exitCode: exitCodes.usage })
}

/** Looks at a pin until it is pinned or failed, or the time is over, and shows how far it is. */
async function settle(context: Context, { requestid }: Pin, until: number): Promise<Pin> {
  const client = await context.client()
  let shown: Shown = { text: '', state: '', atMs: 0 }
  try {
    for (let pause = pauseMs.first; ; pause = Math.min(pauseMs.most, pause * 1.3)) {
      const now = await client.call(routes.pinsGet, { params: { id: requestid }, signal: context.signal })
      shown = show(context, now, shown)
      if (now.status === 'pinned' || now.status === 'failed' || performance.now() >= until) break
      await wait(Math.min(pause, until - performance.now()), undefined, { signal: context.signal })
    }
  } finally {
    if (context.out.watched && shown.text !== '') process.stderr.write('\r\u001b[K')
  }
  return client.call(routes.psaGet, { params: { requestid }, signal: context.signal })
}

/** What was said last of a pin that is waited for. */
interface Shown {
  readonly text: string
  /** The status, and what kept the last attempt. */
  readonly state: string
  readonly atMs: number
}

/**
 * One line that changes while somebody watches; whoever reads a log has one for each status, one for each thing that kept
 * an attempt from it, and one now and then.
 */
function show({ out }: Context, { cid, name, status, statusDetails, progress, reason }: OwnPin, before: Shown): Shown {
  const size =
    status === 'pinned' || progress.blocks === 0 ? '' : `  ${progress.blocks} blocks, ${bytesText(progress.bytes)}`
  const title = safeText(name ?? cid)
  const about = `${status}${size}  ${safeText(statusDetails)}`.trimEnd()
  const text = `${title}  ${about}`
  const state = `${status} ${reason?.code ?? ''}`
  const nowMs = performance.now()
  if (text === before.text) return before
  if (out.watched) process.stderr.write(`\r\u001b[K${liveLine(title, about, process.stderr.columns)}`)
  else if (state === before.state && nowMs - before.atMs < logEveryMs) return before
  else out.note(text)
  return { text, state, atMs: nowMs }
}

/** What the server says of a pin beside its status. */
function detailsOf({ info }: Pin): string {
  return info?.['status_details'] ?? ''
}

function lineOf({ requestid, status, pin: { cid, name } }: Pin): string {
  return `${status.padEnd(7)}  ${requestid}  ${cid}${name === undefined ? '' : `  ${safeText(name)}`}`
}

function notPinned(one: Pin): CommandError {
  const why = safeText(detailsOf(one)).replace(/[^.!?]$/, '$&.')
  return new CommandError(`${lineOf(one)}  ${why}`.trimEnd(), {
    reason: one.status === 'failed' ? 'PIN_FAILED' : 'NOT_PINNED_YET',
    exitCode: exitCodes.failed,
  })
}
