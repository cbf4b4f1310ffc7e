import { routes } from '@pinyon/contract/routes.ts'
import { listFilesByOffset, pageFiles } from '../files/list-files.ts'
import { door, type Door } from '../http/door.ts'
import { presentFile, presentPinListRow } from './present-files.ts'
import { readCidFilter, readKeyvalueEqualities, readKeyvalueFilters, readMetadataName } from './read-file-filter.ts'

const defaultLimit = 10

/** Lists of files, in both dialects over the same filter. */
export const fileListDoors: readonly Door[] = [
  door(routes.filesList, async ({ services, caller, params, query, request }) => {
    const { files, nextPageToken } = await pageFiles(services, caller, {
      network: params.network,
      filter: {
        states: [query.cidPending === true ? 'waiting' : 'held'],
        nameContains: query.name,
        group: query.group === 'null' ? null : query.group,
        mimeType: query.mimeType,
        cid: query.cid === undefined ? undefined : readCidFilter(query.cid),
        keyvalues: readKeyvalueEqualities(query),
      },
      order: /^asc$/i.test(query.order ?? '') ? 'asc' : 'desc',
      pageToken: query.pageToken === '' ? undefined : query.pageToken,
      limit: query.limit ?? defaultLimit,
      signal: request.signal,
    })
    return { data: { files: files.map(presentFile), next_page_token: nextPageToken } }
  }),
  door(routes.pinList, async ({ services, caller, query, request }) => {
    const { files, count } = await listFilesByOffset(services, caller, {
      network: 'public',
      filter: {
        states: query.status === 'all' ? ['held', 'released'] : query.status === 'unpinned' ? ['released'] : ['held'],
        cid: query.cid === undefined || query.cid === '' ? undefined : readCidFilter(query.cid),
        cidContains: query.hashContains === '' ? undefined : query.hashContains,
        nameContains: readMetadataName(query),
        group: query.groupId === '' ? undefined : query.groupId,
        createdFrom: query.pinStart,
        createdTo: query.pinEnd,
        releasedFrom: query.unpinStart,
        releasedTo: query.unpinEnd,
        sizeMin: query.pinSizeMin,
        sizeMax: query.pinSizeMax,
        keyvalues: readKeyvalueFilters(query),
      },
      offset: query.pageOffset ?? 0,
      limit: query.pageLimit ?? defaultLimit,
      isCounted: query.includeCount ?? query.includesCount ?? false,
      signal: request.signal,
    })
    return { ...(count === undefined ? {} : { count }), rows: files.map(presentPinListRow) }
  }),
]
