import { routes } from '@pinyon/contract/routes.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { Unreachable } from '@pinyon/contract/client.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { safeText, timeText } from '../output.ts'
import { readLines } from '../moving/read-lines.ts'

/** Options of `events`. */
export interface FollowOptions {
  readonly kind: readonly string[]
  readonly after?: string
  readonly count?: string
}

const pauseMs = 2_000

/**
 * Prints what happens, one line each (a JSON object with --json), until it is told to stop. A connection that breaks is
 * made again, and goes on behind the last event.
 */
export async function followEvents(context: Context, options: FollowOptions): Promise<void> {
  if (options.count !== undefined && !/^[1-9]\d{0,8}$/.test(options.count))
    throw new UsageError('--count wants a whole number from 1 on.')
  let left = options.count === undefined ? Infinity : Number(options.count)
  let lastEventId = options.after
  const client = await context.client()
  const kinds = options.kind.length === 0 ? undefined : options.kind.join(',')
  for (let isFirst = true; !context.signal.aborted; isFirst = false) {
    try {
      const response = await client.open(routes.eventsFollow, {
        query: { kinds, lastEventId },
        signal: context.signal,
      })
      if (isFirst) context.out.note('Following. Ctrl-C ends it.')
      for await (const event of readEvents(response)) {
        if (event.id === undefined) {
          context.out.note('Some events are missing: the last one is not known any more.')
          continue
        }
        lastEventId = event.id
        print(context, event.data)
        if (--left === 0) return
      }
    } catch (error) {
      if (context.signal.aborted) return
      // Refusals and a server that was never there are told; a connection that broke is made again.
      if (isFirst || !(error instanceof Unreachable || error instanceof TypeError)) throw error
    }
    await delay(pauseMs, undefined, { signal: context.signal }).catch(() => undefined)
  }
}

/** The messages of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
async function* readEvents({ body }: Response): AsyncGenerator<{ id: string | undefined; data: string }> {
  if (body === null) return
  let id: string | undefined
  let data: string | undefined
  for await (const line of readLines(body)) {
    if (line === '') {
      if (data !== undefined) yield { id, data }
      id = undefined
      data = undefined
    } else if (line.startsWith('id: ')) id = line.slice(4)
    else if (line.startsWith('data: ')) data = line.slice(6)
  }
}

function print({ out }: Context, text: string): void {
  if (out.json) {
    process.stdout.write(`${text}\n`)
    return
  }
  const event = JSON.parse(text) as {
    event_type: string
    timestamp: string
    data: { object: { id?: string; cid?: string; name?: string | null } }
  } // as the server sends them
  const { id, cid, name } = event.data.object
  const words = [timeText(event.timestamp), event.event_type, name, cid ?? id].filter(
    (word) => typeof word === 'string',
  )
  process.stdout.write(`${safeText(words.join('  '))}\n`)
}
