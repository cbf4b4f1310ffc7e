import { routes } from '@pinyon/contract/routes.ts'
import type { PinDetail, TriedSource } from '@pinyon/contract/schemas/pins.ts'
import { psaStatuses } from '@pinyon/contract/schemas/psa.ts'
import type { z } from 'zod'
import { pinStatuses } from '../files/pin-counts.ts'
import { door, type Door } from '../http/door.ts'
import type { Tried } from '../ipfs/node/node.ts'
import { readOrigin } from '../ipfs/node/origin.ts'
import { AppError } from '../lib/errors.ts'
import { describeFetch } from '../requests/describe-fetch.ts'
import { ownPinFilter } from '../requests/own-pin-filter.ts'
import { reasonFor } from '../requests/failure-reasons.ts'
import { splitDetail } from '../requests/fetch-reason.ts'
import { countPinStatuses, getPinDetails, listPinDetails, type PinDetails } from '../requests/pin-details.ts'
import { retryPin } from '../requests/retry-pin.ts'
import type { Services } from '../services.ts'
import { presentTakenDown } from './present-files.ts'
import { presentTime } from './present-time.ts'

const usualLimit = 100

/** Pins by CID on our own routes, with how they are fetched; the same pins as those of `/psa`. */
export const ownPinDoors: readonly Door[] = [
  door(routes.pinsPage, async ({ services, caller, query, request }) => {
    const { includeCount, limit, pageToken } = query
    const { signal } = request
    const filter = ownPinFilter(query)
    const { pins, next } = await listPinDetails(services, caller, {
      filter,
      limit: limit ?? usualLimit,
      before: pageToken === undefined ? undefined : readToken(pageToken),
      signal,
    })
    return {
      pins: pins.map((pin) => presentDetails(services, pin)),
      counts: await countPinStatuses(services, caller),
      ...(includeCount === true ? { matching: await countPinStatuses(services, caller, { filter, signal }) } : {}),
      nextPageToken: next === undefined ? null : String(next),
    }
  }),

  door(routes.pinsGet, async ({ services, caller, params }) =>
    presentDetails(services, await getPinDetails(services, caller, params.id)),
  ),

  door(routes.pinsRetry, async ({ services, caller, params }) => {
    await retryPin(services, caller, params.id)
    return presentDetails(services, await getPinDetails(services, caller, params.id))
  }),
]

/** The time of the last pin of the page before: a made-up one begins elsewhere in the caller's own list. */
function readToken(token: string): number {
  const before = Number(token)
  if (/^\d{1,15}$/.test(token)) return before
  throw new AppError('invalid_request', 'pageToken: not a token of this list. Use nextPageToken of the page before.')
}

function presentDetails(
  { clock, denials }: Pick<Services, 'clock' | 'denials'>,
  pin: PinDetails,
): z.infer<typeof PinDetail> {
  const { file, keyvalues, fetch, deadlineAt, origins, position } = pin
  const now = clock.now()
  const takenDown = presentTakenDown(denials, file)
  const isPinned = file.pin_status === pinStatuses.pinned
  return {
    id: file.id,
    cid: file.cid,
    name: file.name,
    keyvalues: { ...keyvalues },
    status: psaStatuses[file.pin_status ?? pinStatuses.queued] ?? 'queued',
    statusDetails: describeFetch(file.pin_status, fetch, { now, position }),
    createdAt: presentTime(file.created_at),
    sizeBytes: isPinned ? file.size_bytes : null,
    progress: {
      blocks: fetch?.number_of_blocks ?? 0,
      bytes: fetch?.size_bytes ?? 0,
      lastBlockAt: timeOrNull(fetch?.last_block_at),
    },
    origins: [...origins],
    attempts: fetch?.attempts ?? 0,
    nextAttemptAt: timeOrNull(fetch?.next_attempt_at),
    deadlineAt: timeOrNull(deadlineAt),
    reason: fetch === undefined || fetch.reason === null ? null : reasonOf(fetch.reason, fetch.detail),
    tried: triedOf(fetch?.tried ?? null, origins),
    ...(takenDown === undefined ? {} : { takenDown }),
  }
}

function reasonOf(code: string, detail: string | null): z.infer<typeof PinDetail>['reason'] {
  return { code, ...splitDetail(detail ?? reasonFor(code).words) }
}

function timeOrNull(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : presentTime(at)
}

/**
 * Who was asked. Addresses are shown that were named with the pin; of others only which peer it was, and of gateways,
 * which the operator named, that it was one.
 */
function triedOf(text: string | null, origins: readonly string[]): z.infer<typeof TriedSource>[] {
  // Written as JSON by the fetch.
  const tried = text === null ? [] : (JSON.parse(text) as Tried[])
  const own = new Set(origins.flatMap((origin) => [origin, serverOf(origin) ?? origin]))
  return tried.map(({ source, outcome, detail, blocks }) => {
    const isOwn = own.has(source)
    const peer = /\/p2p\/(\w+)$/.exec(source)?.[1]
    const shown = isOwn ? source : (peer ?? (/^\w+$/.test(source) ? source : 'gateway'))
    return { source: shown, outcome, detail: isOwn ? (detail ?? null) : null, blocks }
  })
}

/** The HTTP server that an origin leads to, as the fetch calls it: of its URL or multiaddr only what names the server. */
function serverOf(text: string): string | undefined {
  const origin = readOrigin(text)
  return origin.kind === 'http' ? origin.url : undefined
}
