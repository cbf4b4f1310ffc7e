import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { infiniteQueryOptions } from '@tanstack/react-query'
import type { LinksSearch } from '../paths.ts'
import { client, queryClient } from './client.ts'

/** A link as its account sees it, without the address that it is. */
export type FileLink = AnswerOf<typeof routes.linksPage>['links'][number]

/** What the list asks for. */
export function presentLinksQuery({ kind, ended, file }: LinksSearch) {
  return { kind, fileId: file, ...(ended === true ? {} : { active: true }) }
}

/** The links of the account that fit, newest first, a page at a time. */
export function linksQuery(search: LinksSearch) {
  return infiniteQueryOptions({
    queryKey: ['links', search],
    queryFn: ({ pageParam, signal }) =>
      client.call(routes.linksPage, {
        query: { ...presentLinksQuery(search), limit: 100, pageToken: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined, // the first page has no token
    getNextPageParam: ({ nextPageToken }) => nextPageToken ?? undefined,
  })
}

/** A link was signed or ended: lists ask anew. */
export function noticeLinksChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['links'] })
}

/** What anybody may have written into the address of the list; what makes no sense there is passed over. */
export function readLinksSearch({ kind, ended, file, add }: Readonly<Record<string, unknown>>): LinksSearch {
  return {
    ...(kind === 'upload' || kind === 'download' ? { kind } : {}),
    ...(ended === true ? { ended } : {}),
    ...(typeof file === 'string' && file !== '' ? { file } : {}),
    ...(add === true ? { add } : {}),
  }
}
