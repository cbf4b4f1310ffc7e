import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { FolderPage } from '@pinyon/contract/schemas/files.ts'
import { queryOptions } from '@tanstack/react-query'
import type { RowList } from '../lib/use-row-window.ts'
import type { FilesSearch } from '../paths.ts'
import { cidIn } from './cid-in.ts'
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
  /** The id of a group; `none`: without one. */
  readonly group?: string | undefined
  readonly isOldestFirst?: boolean | undefined
}

/** What a list asks for, as the row of the API takes it. */
export function listQueryOf(filter: FileFilter): Record<string, string | undefined> {
  const { text = '', keyvalues = {}, mimeType, group, isOldestFirst } = filter
  const cid = cidIn(text)
  return {
    name: cid === undefined && text.trim() !== '' ? text.trim() : undefined,
    cid,
    mimeType,
    group: group === 'none' ? 'null' : group,
    order: isOldestFirst === true ? 'ASC' : undefined,
    ...Object.fromEntries(Object.entries(keyvalues).map(([key, value]) => [`keyvalues[${key}]`, value])),
  }
}

/** The files that fit, page by page. */
export function fileList(filter: FileFilter): RowList<File> {
  const rowsOfPage = 100
  return {
    key: ['files', filter],
    rowsOfPage,
    pageQuery: (pageToken) => ({
      queryKey: ['files', 'list', filter, pageToken ?? null],
      async queryFn({ signal }) {
        const query = { ...listQueryOf(filter), limit: rowsOfPage, pageToken }
        const { data } = await client.call(routes.filesList, { params: { network: filter.network }, query, signal })
        return { rows: data.files, next: data.next_page_token }
      },
      // A list of a million is not to be held whole.
      gcTime: 60_000,
      refetchOnWindowFocus: 'always',
    }),
  }
}

/** How many files fit a filter. */
export function fileCountQuery(filter: FileFilter) {
  return queryOptions({
    queryKey: ['files', 'count', filter],
    async queryFn({ signal }) {
      const query = { ...listQueryOf(filter), limit: 1, includeCount: true }
      const { data } = await client.call(routes.filesList, { params: { network: filter.network }, query, signal })
      return data.count
    },
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

/** What anybody may have written into the address; what makes no sense there is passed over. */
export function readFilesSearch({ network, q, kv, type, group, order }: Record<string, unknown>): FilesSearch {
  const pairs = Object.entries(typeof kv === 'object' && kv !== null ? kv : {}).flatMap(([key, value]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [[key, String(value)] as const]
      : [],
  )
  return {
    ...(network === 'public' || network === 'private' ? { network } : {}),
    ...((typeof q === 'string' || typeof q === 'number') && q !== '' ? { q: String(q) } : {}),
    ...(pairs.length > 0 ? { kv: Object.fromEntries(pairs) } : {}),
    ...(typeof type === 'string' && type !== '' ? { type } : {}),
    ...(typeof group === 'string' && group !== '' ? { group } : {}),
    ...(order === 'oldest' ? { order } : {}),
  }
}
