import { setTimeout as wait } from 'node:timers/promises'
import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { readDuration } from '../duration.ts'
import { CommandError, exitCodes, PartlyDone, UsageError } from '../exit.ts'
import { readKeyvalues } from '../keyvalue.ts'
import { bytesText, safeText } from '../output.ts'
import { shorten } from '../text-width.ts'

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

/** Pins content of the IPFS network by its CID. With --wait it ends when everything is here, or has failed. */
export async function pin(context: Context, cids: readonly string[], options: PinOptions): Promise<void> {
  if (options.name !== undefined && cids.length > 1) throw new UsageError('--name goes with one CID.')
  const client = await context.client()
  const meta = readKeyvalues(options.keyvalue)
  const waitMs = options.wait === undefined || options.wait === true ? Infinity : readDuration(options.wait) * 1_000
  const done: Pin[] = []
  try {
    for (const cid of cids) {
      const body = { cid, name: options.name, origins: [...options.origin], meta }
      done.push(await client.call(routes.psaAdd, { body, signal: context.signal }))
    }
    if (options.wait !== undefined) {
      const until = performance.now() + waitMs
      for (const [at, added] of done.entries()) done[at] = await settle(context, added, until)
    }
  } catch (error) {
    throw new PartlyDone(error, done)
  }
  const unfinished = options.wait === undefined ? [] : done.filter(({ status }) => status !== 'pinned')
  if (unfinished.length > 0) throw new PartlyDone(notPinned(unfinished), done)
  context.out.result(cids.length === 1 ? done[0] : done, () => done.map(lineOf).join('\n'))
  if (options.wait === undefined && done.some(({ status }) => status !== 'pinned'))
    context.out.note('How far they are: ./pinyon pins ls --status queued,pinning,failed')
}

/** Looks at a pin until it is pinned or failed, or the time is over, and shows how far it is. */
async function settle(context: Context, { requestid }: Pin, until: number): Promise<Pin> {
  const client = await context.client()
  let shown = ''
  try {
    for (let pause = pauseMs.first; ; pause = Math.min(pauseMs.most, pause * 1.3)) {
      const now = await client.call(routes.pinsGet, { params: { id: requestid }, signal: context.signal })
      shown = show(context, now, shown)
      if (now.status === 'pinned' || now.status === 'failed' || performance.now() >= until) break
      await wait(Math.min(pause, until - performance.now()), undefined, { signal: context.signal })
    }
  } finally {
    if (context.out.watched && shown !== '') process.stderr.write('\r\u001b[K')
  }
  return client.call(routes.psaGet, { params: { requestid }, signal: context.signal })
}

/** One line that changes while somebody watches; a line for each change for whoever reads a log. */
function show({ out }: Context, { cid, name, status, statusDetails, progress }: OwnPin, before: string): string {
  const size =
    status === 'pinned' || progress.blocks === 0 ? '' : `  ${progress.blocks} blocks, ${bytesText(progress.bytes)}`
  const text = `${safeText(name ?? cid)}  ${status}${out.watched ? size : ''}  ${safeText(statusDetails)}`
  if (text === before) return before
  if (out.watched) process.stderr.write(`\r\u001b[K${shorten(text, (process.stderr.columns ?? 80) - 1)}`)
  else out.note(text.trimEnd())
  return text
}

/** What the server says of a pin beside its status. */
function detailsOf({ info }: Pin): string {
  return info?.['status_details'] ?? ''
}

function lineOf({ requestid, status, pin: { cid, name } }: Pin): string {
  return `${status.padEnd(7)}  ${requestid}  ${cid}${name === undefined ? '' : `  ${safeText(name)}`}`
}

function notPinned(pins: readonly Pin[]): CommandError {
  const lines = pins.map((one) => `${lineOf(one)}\n         ${safeText(detailsOf(one))}`.trimEnd())
  return new CommandError([...lines, `${pins.length} not pinned. Look again: ./pinyon pins status ID`].join('\n'), {
    reason: pins.some(({ status }) => status === 'failed') ? 'PIN_FAILED' : 'NOT_PINNED_YET',
    exitCode: exitCodes.failed,
  })
}
