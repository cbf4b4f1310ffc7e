import { routes } from '@pinyon/contract/routes.ts'
import type { Group } from '@pinyon/contract/schemas/groups.ts'
import { createGroup } from '../groups/create-group.ts'
import { deleteGroup } from '../groups/delete-group.ts'
import { getGroup } from '../groups/get-group.ts'
import { pageGroups } from '../groups/list-groups.ts'
import { addToGroup, removeFromGroup } from '../groups/move-file.ts'
import type { GroupRow } from '../groups/queries.ts'
import { updateGroup } from '../groups/update-group.ts'
import { type Door, door } from '../http/door.ts'
import { presentTime } from './present-time.ts'

/** Groups of a page unless the client asks for another number. */
const usualLimit = 10

/** Groups on v3, of either network. */
export const groupDoors: readonly Door[] = [
  door(routes.groupsCreate, async ({ services, caller, params, body }) => {
    const wanted = { network: params.network, name: body.name, isPublic: body.is_public ?? false }
    return { data: presentGroup(await createGroup(services, caller, wanted)) }
  }),
  door(routes.groupsList, async ({ services, caller, params, query }) => {
    const { groups, nextPageToken } = await pageGroups(services, caller, {
      network: params.network,
      nameContains: query.name,
      isPublic: query.isPublic,
      limit: query.limit ?? usualLimit,
      pageToken: query.pageToken === '' ? undefined : query.pageToken,
    })
    return { data: { groups: groups.map(presentGroup), next_page_token: nextPageToken } }
  }),
  door(routes.groupsGet, async ({ services, caller, params }) => ({
    data: presentGroup(await getGroup(services, caller, params)),
  })),
  door(routes.groupsUpdate, async ({ services, caller, params, body }) => {
    const change = { name: body.name, isPublic: body.is_public }
    return { data: presentGroup(await updateGroup(services, caller, params, change)) }
  }),
  door(routes.groupsDelete, async ({ services, caller, params }) => {
    await deleteGroup(services, caller, params)
    return { data: null }
  }),
  door(routes.groupsAddFile, async ({ services, caller, params }) => {
    await addToGroup(services, caller, params, params.file_id)
    return { data: null }
  }),
  door(routes.groupsRemoveFile, async ({ services, caller, params }) => {
    await removeFromGroup(services, caller, params, params.file_id)
    return { data: null }
  }),
]

function presentGroup({ id, name, is_public, created_at, network }: GroupRow): Group {
  const createdAt = presentTime(created_at)
  return {
    id,
    name,
    is_public: is_public === 1,
    created_at: createdAt,
    createdAt,
    network: network === 1 ? 'public' : 'private',
  }
}
