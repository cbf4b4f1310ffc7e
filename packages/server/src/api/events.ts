import { Readable } from 'node:stream'
import { type EventKind, eventKindNames, eventKinds } from '@pinyon/contract/event-kinds.ts'
import { allows, describeAsked } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Caller } from '../caller.ts'
import type { Follower } from '../events/event-feed.ts'
import { eventPayload } from '../events/present-event.ts'
import { listen } from '../events/listen.ts'
import { findLastPosition, findPosition, listEventsAfter } from '../events/queries.ts'
import { isStillGood } from '../http/authorise.ts'
import { answer, door, type Door, type DoorRequest } from '../http/door.ts'
import { one } from '../http/headers.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'

/** So often something is said, so that a connection that is gone is noticed. */
const heartbeatMs = 15_000
/** So often it is looked whether the credential is still good. */
const recheckMs = 500
const pageSize = 100
/** So often it is said again that somebody listens. */
const listenMs = 3_600_000

/** Live events: server-sent events, of which each carries what a webhook would be sent. */
export const eventDoors: readonly Door[] = [
  door(routes.eventsFollow, async ({ services, caller, query, request }) => {
    const kinds = readKinds(caller, query.kinds)
    const lastId = one(request.headers['last-event-id']) ?? query.lastEventId
    const follower = services.eventFeed.follow(caller.accountId)
    try {
      const wasHeard = await listen(services, caller.accountId)
      const start = await findStart(services, caller, { lastId, wasHeard })
      const stream = Readable.from(tell(services, follower, { caller, kinds, ...start }), {
        objectMode: false,
        highWaterMark: 64 * 1024,
      })
      endWithCredential(services, caller, request, { stream, follower })
      return answer(200, stream, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
    } catch (error) {
      follower.close()
      throw error
    }
  }),
]

interface Start {
  readonly position: number
  /** True: the event to go on behind is not known any more, so some may be missing. */
  readonly isGap: boolean
}

async function findStart(
  { db }: Services,
  { accountId }: Caller,
  { lastId, wasHeard }: { lastId: string | undefined; wasHeard: boolean },
): Promise<Start> {
  if (lastId === undefined || lastId === '') return { position: await findLastPosition(db.read), isGap: false }
  const position = await findPosition(db.read, { accountId, id: lastId })
  // What happened while nobody listened was not recorded.
  return position === undefined || !wasHeard
    ? { position: await findLastPosition(db.read), isGap: true }
    : { position, isGap: false }
}

/** What is sent, piece by piece, as fast as the client takes it and never ahead. */
async function* tell(
  services: Services,
  follower: Follower,
  { caller, kinds, position, isGap }: Start & { caller: Caller; kinds: ReadonlySet<string> },
): AsyncGenerator<string> {
  const { accountId, reach } = caller
  const { db } = services
  let listenedAt = performance.now()
  try {
    yield 'retry: 2000\n\n'
    if (isGap) yield 'event: gap\ndata: {"message":"The last event that you had is not known any more."}\n\n'
    for (let after = position; !follower.signal.aborted;) {
      const events = await listEventsAfter(db.read, { accountId, reach, after, limit: pageSize })
      for (const event of events) {
        after = event.position ?? after
        if (event.isHidden || !kinds.has(event.kind)) continue
        yield `id: ${event.id}\nevent: ${event.kind}\ndata: ${eventPayload(event)}\n\n`
      }
      if (events.length === pageSize) continue
      if (performance.now() - listenedAt > listenMs) {
        await listen(services, accountId)
        listenedAt = performance.now()
      }
      const came = await follower.next(heartbeatMs)
      if (!came) yield ': still here\n\n'
    }
  } finally {
    follower.close()
  }
}

/** Ends the answer within a second of the end of its credential, and whenever the client goes away. */
function endWithCredential(
  services: Services,
  { accountId }: Caller,
  request: DoorRequest,
  { stream, follower }: { stream: Readable; follower: Follower },
): void {
  const timer = setInterval(() => {
    isStillGood(services, request, accountId).then(
      (isGood) => {
        if (!isGood) end()
      },
      // What cannot be looked up now is looked up again.
      (error: unknown) => services.log.warn({ err: error }, 'the credential of a follower could not be checked'),
    )
  }, recheckMs)
  const end = () => {
    clearInterval(timer)
    follower.close()
    stream.destroy()
  }
  stream.once('close', () => {
    clearInterval(timer)
    follower.close()
  })
  follower.signal.addEventListener('abort', end, { once: true })
  request.signal.addEventListener('abort', end, { once: true })
}

/** The kinds asked for, or all that the caller may see. Throws `invalid_request`, `scope_missing`. */
function readKinds({ granted }: Caller, text: string | undefined): ReadonlySet<string> {
  const visible = eventKindNames.filter((kind) => allows(granted, eventKinds[kind]))
  if (text === undefined || text === '') return new Set(visible)
  const asked = text.split(',').map((kind) => kind.trim())
  for (const kind of asked) {
    if (!Object.hasOwn(eventKinds, kind)) {
      throw new AppError('invalid_request', `kinds: ${kind.slice(0, 100)} is none of ${eventKindNames.join(', ')}`)
    }
    if (visible.some((each) => each === kind)) continue
    const needed = describeAsked(eventKinds[kind as EventKind]) // it is a name of theirs
    throw new AppError('scope_missing', `This key may not see events of the kind ${kind}: that needs ${needed}.`)
  }
  return new Set(asked)
}
