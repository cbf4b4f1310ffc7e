import { routes } from '@pinyon/contract/routes.ts'
import type { OwnPin, OwnPinTried } from '@pinyon/contract/schemas/own-pins.ts'
import { psaStatuses } from '@pinyon/contract/schemas/psa.ts'
import type { z } from 'zod'
import { pinStatuses } from '../files/pin-counts.ts'
import { door, type Door } from '../http/door.ts'
import type { Tried } from '../ipfs/node/node.ts'
import { AppError } from '../lib/errors.ts'
import { describeFetch } from '../requests/describe-fetch.ts'
import { getPinDetails, listPinDetails, type PinDetails } from '../requests/pin-details.ts'
import { retryPin } from '../requests/retry-pin.ts'
import { presentTime } from './present-time.ts'

const usualLimit = 100

/** Pins by CID on our own routes, with how they are fetched; the same pins as those of `/psa`. */
export const ownPinDoors: readonly Door[] = [
  door(routes.pinsList, async ({ services, caller, query, request }) => {
    const { pins, next } = await listPinDetails(services, caller, {
      statuses: (query.status ?? psaStatuses).map((status) => pinStatuses[status]),
      limit: query.limit ?? usualLimit,
      before: query.pageToken === undefined ? undefined : readToken(query.pageToken),
      signal: request.signal,
    })
    const now = services.clock.now()
    return {
      pins: pins.map((pin) => presentDetails(pin, now)),
      nextPageToken: next === undefined ? null : String(next),
    }
  }),

  door(routes.pinsGet, async ({ services, caller, params }) =>
    presentDetails(await getPinDetails(services, caller, params.id), services.clock.now()),
  ),

  door(routes.pinsRetry, async ({ services, caller, params }) => {
    await retryPin(services, caller, params.id)
    return presentDetails(await getPinDetails(services, caller, params.id), services.clock.now())
  }),
]

/** The time of the last pin of the page before: a made-up one begins elsewhere in the caller's own list. */
function readToken(token: string): number {
  const before = Number(token)
  if (/^\d{1,15}$/.test(token)) return before
  throw new AppError('invalid_request', 'pageToken: not a token of this list. Use nextPageToken of the page before.')
}

function presentDetails({ file, fetch, origins, position }: PinDetails, now: number): z.infer<typeof OwnPin> {
  return {
    id: file.id,
    cid: file.cid,
    name: file.name,
    status: psaStatuses[file.pin_status ?? pinStatuses.queued] ?? 'queued',
    created: presentTime(file.created_at),
    details: describeFetch(file.pin_status, fetch, { now, position }),
    sizeBytes: file.pin_status === pinStatuses.pinned ? file.size_bytes : null,
    fetch:
      fetch === undefined
        ? null
        : {
            blocks: fetch.number_of_blocks,
            bytes: fetch.size_bytes,
            lastBlockAt: timeOrNull(fetch.last_block_at),
            attempts: fetch.attempts,
            nextAttemptAt: timeOrNull(fetch.next_attempt_at),
            deadline: presentTime(fetch.deadline_at),
            reason: fetch.reason,
            position: position ?? null,
            tried: triedOf(fetch.tried, origins),
          },
  }
}

function timeOrNull(at: number | null): string | null {
  return at === null ? null : presentTime(at)
}

/**
 * Who was asked. Addresses are shown that were named with the pin; of others only which peer it was, and of gateways,
 * which the operator named, that it was one.
 */
function triedOf(text: string | null, origins: readonly string[]): z.infer<typeof OwnPinTried>[] {
  // Written as JSON by the fetch.
  const tried = text === null ? [] : (JSON.parse(text) as Tried[])
  return tried.map(({ source, outcome, detail, blocks }) => {
    const isOwn = origins.includes(source)
    const peer = /\/p2p\/(\w+)$/.exec(source)?.[1]
    const shown = isOwn ? source : (peer ?? (/^\w+$/.test(source) ? source : 'gateway'))
    return { source: shown, outcome, blocks, ...(isOwn && detail !== undefined ? { detail } : {}) }
  })
}
