import type { AnswerOf } from '@pinyon/contract/client.ts'
import type { EventKind } from '@pinyon/contract/event-kinds.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions } from '@tanstack/react-query'
import type { RowList, RowPage } from '../lib/use-row-window.ts'
import type { PinsSearch } from '../paths.ts'
import { cidIn } from './cid-in.ts'
import { client, queryClient } from './client.ts'
import { whoamiQuery } from './session.ts'

/** A pin asked for by CID, with everything the server knows of it. */
export type Pin = AnswerOf<typeof routes.pinsGet>

/** Where a pin stands. */
export type PinStatus = Pin['status']

/** Every status, in the order in which a pin goes through them. */
export const pinStatuses = ['queued', 'pinning', 'pinned', 'failed'] as const satisfies readonly PinStatus[]

/** Which pins a list shows. */
export type PinFilter = Pick<PinsSearch, 'status' | 'q'>

/** A page of pins, with how many of each status the account has. */
export interface PinRows extends RowPage<Pin> {
  readonly counts: AnswerOf<typeof routes.pinsPage>['counts']
}

/** Events do not say how far a pin is: while one is under way that is asked; not while the tab is hidden, which TanStack sees to. */
const askAgainMs = 2_000
/** And nothing tells of a pin that was asked for elsewhere until it is here or has failed. New ones come on the first page. */
const lookForNewMs = 10_000

/** Whether a pin is still under way. */
function isUnsettled({ status }: Pick<Pin, 'status'>): boolean {
  return status === 'queued' || status === 'pinning'
}

/** What happens to pins, and to the files that hold them. */
export const pinEvents: readonly EventKind[] = [
  'pin.pinned',
  'pin.failed',
  'ipfs.public.file_added',
  'ipfs.public.file_updated',
  'ipfs.public.file_deleted',
]

/** Something happened to pins: those in sight are asked for anew. Ends when they are there, or cannot be had. */
export function askPinsAnew(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['pins'] })
}

/** What a list asks for, as the row of the API takes it. */
export function pinListQueryOf({ status, q = '' }: PinFilter): Record<string, string | undefined> {
  const cid = cidIn(q)
  return { status, name: cid === undefined && q.trim() !== '' ? q.trim() : undefined, cid }
}

/**
 * The pins that fit, newest first, page by page. A page with something under way on it is asked for again and again, the
 * first one now and then.
 */
export function pinList(filter: PinFilter): RowList<Pin, PinRows> {
  const rowsOfPage = 100
  return {
    key: ['pins', filter],
    rowsOfPage,
    pageQuery: (pageToken) => ({
      queryKey: ['pins', 'list', filter, pageToken ?? null],
      async queryFn({ signal }) {
        const query = { ...pinListQueryOf(filter), limit: rowsOfPage, pageToken }
        const { pins, counts, nextPageToken } = await client.call(routes.pinsPage, { query, signal })
        return { rows: pins, next: nextPageToken, counts }
      },
      gcTime: 60_000,
      refetchOnWindowFocus: 'always',
      refetchInterval({ state }) {
        if (state.data?.rows.some(isUnsettled) === true) return askAgainMs
        return pageToken === undefined ? lookForNewMs : false
      },
    }),
  }
}

/** How many pins of each status a filter lets through, on all pages. */
export function pinMatchesQuery(filter: PinFilter) {
  return queryOptions({
    queryKey: ['pins', 'matching', filter],
    async queryFn({ signal }) {
      const query = { ...pinListQueryOf(filter), limit: 1, includeCount: true }
      // The server counts where it is asked to.
      return (await client.call(routes.pinsPage, { query, signal })).matching ?? noPins
    },
    refetchOnWindowFocus: 'always',
  })
}

const noPins: PinRows['counts'] = { queued: 0, pinning: 0, pinned: 0, failed: 0 }

/** How many of each status some pins have. */
export function countPins(pins: Iterable<Pick<Pin, 'status'>>): PinRows['counts'] {
  const counts = { ...noPins }
  for (const { status } of pins) counts[status]++
  return counts
}

/** One pin. Fails with 404 when the account has none of that id. */
export function pinQuery(id: string) {
  return queryOptions({
    queryKey: ['pins', 'one', id],
    queryFn: ({ signal }) => client.call(routes.pinsGet, { params: { id }, signal }),
    refetchOnWindowFocus: 'always',
    refetchInterval: ({ state }) => (state.data !== undefined && isUnsettled(state.data) ? askAgainMs : false),
  })
}

/** A pin was asked for, tried again or removed: pins, files and the quota are asked for anew. */
export async function refreshPins(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['pins'] }),
    queryClient.invalidateQueries({ queryKey: ['files'] }),
    queryClient.invalidateQueries({ queryKey: whoamiQuery.queryKey }),
  ])
}

/** What anybody may have written into the address of the list; what makes no sense there is passed over. */
export function readPinsSearch({ status, q, add }: Readonly<Record<string, unknown>>): PinsSearch {
  const asked = typeof status === 'string' ? status.split(',') : []
  const known = pinStatuses.filter((each) => asked.includes(each))
  return {
    ...(known.length === 0 ? {} : { status: known.join(',') }),
    // A name of digits is read from an address as a number.
    ...((typeof q === 'string' || typeof q === 'number') && q !== '' ? { q: String(q) } : {}),
    ...(add === true ? { add } : {}),
  }
}
