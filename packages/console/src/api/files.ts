import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { FolderPage } from '@pinyon/contract/schemas/files.ts'
import { queryOptions } from '@tanstack/react-query'
import { client, queryClient } from './client.ts'
import { whoamiQuery } from './session.ts'

/** A file of the account. */
export type File = AnswerOf<typeof routes.filesGet>['data']

/** Which files a list shows, and in which order. */
export interface FileFilter {
  readonly network: NetworkName
  /** Part of a name, or a CID. */
  readonly text?: string | undefined
  readonly keyvalues?: Readonly<Record<string, string>> | undefined
  readonly mimeType?: string | undefined
  readonly isOldestFirst?: boolean | undefined
}

/** Files on one page of a list. */
export const filesOfPage = 100

/** What a list asks for, as the row of the API takes it. */
export function listQueryOf(filter: FileFilter): Record<string, string | undefined> {
  const { text = '', keyvalues = {}, mimeType, isOldestFirst } = filter
  const cid = cidIn(text)
  return {
    name: cid === undefined && text.trim() !== '' ? text.trim() : undefined,
    cid,
    mimeType,
    order: isOldestFirst === true ? 'ASC' : undefined,
    ...Object.fromEntries(Object.entries(keyvalues).map(([key, value]) => [`keyvalues[${key}]`, value])),
  }
}

/** The CID that a text is, or that stands in an address of it; undefined for other texts. */
function cidIn(text: string): string | undefined {
  const piece = /(?:^|\/ipfs\/|^ipfs:\/\/)([^/?#]+)\/?$/.exec(text.trim())?.[1] ?? ''
  return /^(Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{44,}|B[A-Z2-7]{44,}|k[0-9a-z]{40,}|z[1-9A-HJ-NP-Za-km-z]{40,}|f[0-9a-f]{60,})$/.test(
    piece,
  )
    ? piece
    : undefined
}

/** A page of a list; the first without a token. */
export function fileListQuery(filter: FileFilter, pageToken: string | undefined) {
  return queryOptions({
    queryKey: ['files', 'list', filter, pageToken ?? null],
    queryFn: async ({ signal }) =>
      (
        await client.call(routes.filesList, {
          params: { network: filter.network },
          query: { ...listQueryOf(filter), limit: filesOfPage, pageToken },
          signal,
        })
      ).data,
    // A list of a million is not to be held whole.
    gcTime: 60_000,
    refetchOnWindowFocus: 'always',
  })
}

/** One file, whichever network it is on. Fails with 404 when the account has none of that id. */
export function fileQuery(id: string) {
  return queryOptions({
    queryKey: ['files', 'one', id],
    queryFn: ({ signal }) => client.call(routes.filesGetAny, { params: { id }, signal }),
    refetchOnWindowFocus: 'always',
  })
}

/** A page of a folder: of the file itself, or of what lies under `path` in it. */
export function folderQuery(id: string, path: string, after: string | undefined) {
  return queryOptions({
    queryKey: ['files', 'folder', id, path, after ?? null],
    async queryFn({ signal }) {
      const query = { format: 'list', path: path === '' ? undefined : path, after }
      const answer = await client.open(routes.filesContent, { params: { id }, query, signal })
      return (await answer.json()) as FolderPage // by the query above
    },
    staleTime: Infinity, // content never changes
  })
}

/** Where the bytes of a file, or of a path in it, are read on this origin: as a download, never as a page. */
export function contentUrl(id: string, path: string): string {
  const query = path === '' ? '' : `?path=${encodeURIComponent(path)}`
  return `/pinyon/v1/files/${encodeURIComponent(id)}/content${query}`
}

/** Has every list and file asked for anew that is in sight, and the quota. */
export async function refreshFiles(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['files'] }),
    queryClient.invalidateQueries({ queryKey: whoamiQuery.queryKey }),
  ])
}

const refreshEveryMs = 1_000
let refreshing: ReturnType<typeof setTimeout> | undefined

/** The same soon, once for many changes. */
export function invalidateFiles(): void {
  refreshing ??= setTimeout(() => {
    refreshing = undefined
    void refreshFiles()
  }, refreshEveryMs)
}
