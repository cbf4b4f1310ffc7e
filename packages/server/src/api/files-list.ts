import { routes } from '@pinyon/contract/routes.ts'
import { countFiles, listFilesByOffset, pageFiles } from '../files/list-files.ts'
import { findGroupNames } from '../groups/list-groups.ts'
import { door, type Door } from '../http/door.ts'
import { presentExported, presentFile, presentPinListRow } from './present-files.ts'
import { readFileListFilter, readPinListFilter } from './read-file-filter.ts'

/** Files of a page unless the client asks for another number. */
const usualLimit = 10

/** The lists of files: v3 by token, pinList by offset. */
export const fileListDoors: readonly Door[] = [
  door(routes.filesList, async ({ services, caller, params, query, request }) => {
    const asked = { network: params.network, filter: readFileListFilter(query), signal: request.signal }
    const { files, nextPageToken } = await pageFiles(services, caller, {
      ...asked,
      limit: query.limit ?? usualLimit,
      // Newest first unless asked otherwise: what was just uploaded is on the first page, as in pinList.
      order: query.order?.toLowerCase() === 'asc' ? 'asc' : 'desc',
      pageToken: query.pageToken === '' ? undefined : query.pageToken,
    })
    return {
      data: {
        files: files.map((file) => presentFile(file, services.denials)),
        next_page_token: nextPageToken,
        ...(query.includeCount === true ? { count: await countFiles(services, caller, asked) } : {}),
      },
    }
  }),
  door(routes.filesManifest, async ({ services, caller, params, query, request }) => {
    const { files, nextPageToken } = await pageFiles(services, caller, {
      network: params.network,
      filter: readFileListFilter(query),
      limit: query.limit ?? usualLimit,
      order: query.order?.toLowerCase().startsWith('d') === true ? 'desc' : 'asc',
      pageToken: query.pageToken === '' ? undefined : query.pageToken,
      signal: request.signal,
    })
    const ids = new Set(files.flatMap(({ file }) => file.group_id ?? []))
    const groups = await findGroupNames(services, caller, params.network, [...ids])
    return { files: files.map((file) => presentExported(file, groups)), next_page_token: nextPageToken }
  }),
  door(routes.pinList, async ({ services, caller, query, request }) => {
    const { files, count } = await listFilesByOffset(services, caller, {
      network: 'public',
      filter: readPinListFilter(query),
      limit: query.pageLimit ?? usualLimit,
      offset: query.pageOffset ?? 0,
      isCounted: query.includeCount ?? query.includesCount ?? false,
      signal: request.signal,
    })
    return { ...(count === undefined ? {} : { count }), rows: files.map(presentPinListRow) }
  }),
]
