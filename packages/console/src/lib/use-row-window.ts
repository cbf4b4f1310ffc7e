import {
  type QueryClient,
  type QueryKey,
  useQueries,
  useQueryClient,
  type UseQueryOptions,
} from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'

/** A page of a list; `next` asks for the one behind it. */
export interface RowPage<Row> {
  readonly rows: readonly Row[]
  readonly next: string | null
}

/** A list that the server gives page by page. */
export interface RowList<Row, Page extends RowPage<Row> = RowPage<Row>> {
  /** Tells it from every other list. */
  readonly key: QueryKey
  /** Rows on each page but the last. */
  readonly rowsOfPage: number
  /** A page; the first without a token. */
  readonly pageQuery: (
    token: string | undefined,
  ) => UseQueryOptions<Page, Error, Page> & { readonly queryKey: QueryKey }
}

/** The rows of a list that is longer than anybody loads: what is known of it, and the rows around those in sight. */
export interface RowWindow<Row> {
  /** Rows to draw: those known, and a page of blank ones while more are to come. */
  readonly count: number
  /** All there are, once the end was seen. */
  readonly total: number | undefined
  readonly isFirstPending: boolean
  readonly error: Error | null
  /** Rows that are there could not be asked for anew. */
  readonly staleError: Error | null
  readonly retry: () => void
  /** A row in sight; undefined while it is on its way. */
  readonly rowAt: (index: number) => Row | undefined
  /** All rows from one to another, asked for where they were forgotten. */
  readonly rowsBetween: (from: number, to: number) => Promise<Row[]>
  /** Those that are in memory now. */
  readonly loaded: () => Row[]
}

type Tokens = readonly (string | undefined)[]

/**
 * Pages by token: each page is a query of its own, kept as long as it is in sight and a little longer. A page is asked
 * for by the token that the one before it gave, so going back costs one request, however far down that is.
 */
export function useRowWindow<Row, Page extends RowPage<Row>>(
  list: RowList<Row, Page>,
  { first, last }: { first: number; last: number },
): RowWindow<Row> {
  const { rowsOfPage } = list
  const queryClient = useQueryClient()
  const [tokens, setTokens] = useState<Tokens>(() => knownTokens(queryClient.getQueryData(placeOf(list))))
  const from = Math.min(Math.floor(first / rowsOfPage), tokens.length - 1)
  // One ahead, so that it is there before it comes into sight.
  const to = Math.min(Math.floor(last / rowsOfPage) + 1, tokens.length - 1)
  const pages = useQueries({ queries: tokens.slice(from, to + 1).map((token) => list.pageQuery(token)) })
  const nexts = pages.map(({ data }) => data?.next)
  useEffect(() => {
    setTokens((before) => {
      const after = follow(before, from, nexts)
      queryClient.setQueryData(placeOf(list), after)
      return after
    })
    // By what they say, not by the array that says it.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [from, nexts.join(' ')])
  const led = useRef(tokens)
  useEffect(() => {
    for (const token of led.current)
      if (!tokens.includes(token)) void forget(queryClient, list.pageQuery(token).queryKey)
    led.current = tokens
  }, [queryClient, list, tokens])
  const pageAt = useCallback(
    (page: number) => queryClient.getQueryData<Page>(list.pageQuery(tokens[page]).queryKey),
    [queryClient, list, tokens],
  )
  const lastPage = pageAt(tokens.length - 1)
  const known = (tokens.length - 1) * rowsOfPage
  const failed = pages.find(({ error, data }) => error !== null && data === undefined)
  const stale = pages.find(({ error }) => error !== null)
  return {
    count: known + (lastPage?.rows.length ?? rowsOfPage),
    total: lastPage?.next === null ? known + lastPage.rows.length : undefined,
    isFirstPending: tokens.length === 1 && lastPage === undefined && failed === undefined,
    error: failed?.error ?? null,
    staleError: failed === undefined ? (stale?.error ?? null) : null,
    retry: () => void (failed ?? stale)?.refetch(),
    rowAt: (index) => pages[Math.floor(index / rowsOfPage) - from]?.data?.rows[index % rowsOfPage],
    async rowsBetween(one, other) {
      const rows: Row[] = []
      for (let index = Math.min(one, other); index <= Math.max(one, other);) {
        const page = Math.floor(index / rowsOfPage)
        const { rows: all } = await queryClient.ensureQueryData(list.pageQuery(tokens[page]))
        const upTo = Math.max(one, other) + 1 - page * rowsOfPage
        rows.push(...all.slice(index % rowsOfPage, upTo))
        index = (page + 1) * rowsOfPage
      }
      return rows
    },
    loaded: () => tokens.flatMap((_token, page) => pageAt(page)?.rows ?? []),
  }
}

/** Where somebody was in a list, to begin there again, and what to call when they go. */
export function useListPlace(list: Pick<RowList<unknown>, 'key' | 'rowsOfPage'>) {
  const queryClient = useQueryClient()
  const [begin] = useState(() => ({
    rows: (knownTokens(queryClient.getQueryData(placeOf(list))).length - 1) * list.rowsOfPage,
    offsetPx: Number(queryClient.getQueryData(offsetOf(list)) ?? 0),
  }))
  const keepOffset = useCallback(
    (px: number | null) => queryClient.setQueryData(offsetOf(list), px ?? 0),
    [queryClient, list],
  )
  return { begin, keepOffset }
}

function offsetOf({ key }: Pick<RowList<unknown>, 'key'>): QueryKey {
  return ['list-offset', ...key]
}

/** How far a list was known, for whoever comes back to it; forgotten with everything else at sign-out. */
function placeOf({ key }: Pick<RowList<unknown>, 'key'>): QueryKey {
  return ['list-place', ...key]
}

function knownTokens(kept: unknown): Tokens {
  return Array.isArray(kept) ? (kept as Tokens) : [undefined] // as it is kept above
}

/**
 * Forgets a page that nothing leads to any more: every row that comes in on top makes one of those behind it, and it
 * would be kept as long as those that somebody scrolled past. One that is being asked for is waited for, since whoever
 * asks may need it, and since TanStack holds it by a timer that it sets when the asking ends, removed or not.
 */
async function forget(queryClient: QueryClient, queryKey: QueryKey): Promise<void> {
  const page = { queryKey, exact: true }
  await queryClient
    .getQueryCache()
    .find(page)
    ?.promise?.catch(() => undefined)
  queryClient.removeQueries({ ...page, type: 'inactive' })
}

/** What follows from pages that have come: a page that ends elsewhere than before makes those behind it unknown. */
function follow(tokens: Tokens, from: number, nexts: readonly (string | null | undefined)[]): Tokens {
  let now = tokens
  nexts.forEach((next, index) => {
    const at = from + index + 1
    if (next === undefined || at > now.length) return
    if (next === null && now.length > at) now = now.slice(0, at)
    else if (next !== null && now[at] !== next) now = [...now.slice(0, at), next]
  })
  return now
}
