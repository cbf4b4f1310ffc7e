import { useQueries, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { type File, type FileFilter, fileListQuery, filesOfPage } from '../../api/files.ts'

/** The rows of a list that is longer than anybody loads: what is known of it, and the rows around those in sight. */
export interface FileWindow {
  /** Rows to draw: those known, and a page of blank ones while more are to come. */
  readonly count: number
  /** All there are, once the end was seen. */
  readonly total: number | undefined
  readonly isFirstPending: boolean
  readonly error: Error | null
  readonly retry: () => void
  /** A row in sight; undefined while it is on its way. */
  readonly fileAt: (index: number) => File | undefined
  /** All rows from one to another, asked for where they were forgotten. */
  readonly filesBetween: (from: number, to: number) => Promise<File[]>
  /** Those that are in memory now. */
  readonly loaded: () => File[]
}

type Tokens = readonly (string | undefined)[]

/**
 * Pages by token: each page is a query of its own, kept as long as it is in sight and a little longer. A page is asked
 * for by the token that the one before it gave, so going back costs one request, however far down that is.
 */
export function useFileWindow(filter: FileFilter, { first, last }: { first: number; last: number }): FileWindow {
  const queryClient = useQueryClient()
  const [tokens, setTokens] = useState<Tokens>(() => knownTokens(queryClient.getQueryData(placeOf(filter))))
  const from = Math.min(Math.floor(first / filesOfPage), tokens.length - 1)
  // One ahead, so that it is there before it comes into sight.
  const to = Math.min(Math.floor(last / filesOfPage) + 1, tokens.length - 1)
  const pages = useQueries({
    queries: tokens.slice(from, to + 1).map((token) => fileListQuery(filter, token)),
  })
  const nexts = pages.map(({ data }) => data?.next_page_token)
  useEffect(() => {
    setTokens((before) => {
      const after = follow(before, from, nexts)
      queryClient.setQueryData(placeOf(filter), after)
      return after
    })
    // By what they say, not by the array that says it.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [from, nexts.join(' ')])
  const pageAt = useCallback(
    (page: number) => queryClient.getQueryData(fileListQuery(filter, tokens[page]).queryKey),
    [queryClient, filter, tokens],
  )
  const lastPage = pageAt(tokens.length - 1)
  const known = (tokens.length - 1) * filesOfPage
  const failed = pages.find(({ error, data }) => error !== null && data === undefined)
  return {
    count: known + (lastPage?.files.length ?? filesOfPage),
    total: lastPage?.next_page_token === null ? known + lastPage.files.length : undefined,
    isFirstPending: tokens.length === 1 && lastPage === undefined && failed === undefined,
    error: failed?.error ?? null,
    retry: () => void failed?.refetch(),
    fileAt: (index) => pages[Math.floor(index / filesOfPage) - from]?.data?.files[index % filesOfPage],
    async filesBetween(one, other) {
      const files: File[] = []
      for (let index = Math.min(one, other); index <= Math.max(one, other);) {
        const page = Math.floor(index / filesOfPage)
        const { files: all } = await queryClient.ensureQueryData(fileListQuery(filter, tokens[page]))
        const upTo = Math.max(one, other) + 1 - page * filesOfPage
        files.push(...all.slice(index % filesOfPage, upTo))
        index = (page + 1) * filesOfPage
      }
      return files
    },
    loaded: () => tokens.flatMap((_token, page) => pageAt(page)?.files ?? []),
  }
}

/** Where somebody was in a list, to begin there again, and what to call when they go. */
export function useListPlace(filter: FileFilter) {
  const queryClient = useQueryClient()
  const [begin] = useState(() => ({
    rows: (knownTokens(queryClient.getQueryData(placeOf(filter))).length - 1) * filesOfPage,
    offsetPx: Number(queryClient.getQueryData(offsetOf(filter)) ?? 0),
  }))
  const keepOffset = useCallback(
    (px: number | null) => queryClient.setQueryData(offsetOf(filter), px ?? 0),
    [queryClient, filter],
  )
  return { begin, keepOffset }
}

function offsetOf(filter: FileFilter): readonly unknown[] {
  return ['files-offset', filter]
}

/** How far a list was known, for whoever comes back to it; forgotten with everything else at sign-out. */
function placeOf(filter: FileFilter): readonly unknown[] {
  return ['files-place', filter]
}

function knownTokens(kept: unknown): Tokens {
  return Array.isArray(kept) ? (kept as Tokens) : [undefined] // as it is kept above
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
