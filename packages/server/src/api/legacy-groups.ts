import { routes } from '@pinyon/contract/routes.ts'
import type { LegacyGroup } from '@pinyon/contract/schemas/groups.ts'
import type { z } from 'zod'
import { createGroup } from '../groups/create-group.ts'
import { deleteGroup } from '../groups/delete-group.ts'
import { getGroup } from '../groups/get-group.ts'
import { listGroupsByOffset } from '../groups/list-groups.ts'
import { addCidsToGroup, removeCidsFromGroup } from '../groups/move-cids.ts'
import type { GroupRow } from '../groups/queries.ts'
import { updateGroup } from '../groups/update-group.ts'
import { type Door, door } from '../http/door.ts'
import { parseCid } from '../ipfs/cid.ts'
import { presentTime } from './present-time.ts'

/** Groups of a page unless the client asks for another number: as the hosted service has it. */
const usualLimit = 10
const network = 'public'

/** Groups on the legacy routes: the public ones, whose files are named by CID. */
export const legacyGroupDoors: readonly Door[] = [
  door(routes.legacyGroupsCreate, async ({ services, caller, body }) =>
    present(await createGroup(services, caller, { network, name: body.name, isPublic: false })),
  ),
  door(routes.legacyGroupsList, async ({ services, caller, query }) => {
    const { nameContains, offset = 0, limit = usualLimit } = query
    return (await listGroupsByOffset(services, caller, { network, nameContains, offset, limit })).map(present)
  }),
  door(routes.legacyGroupsGet, async ({ services, caller, params }) =>
    present(await getGroup(services, caller, { network, id: params.id })),
  ),
  door(routes.legacyGroupsUpdate, async ({ services, caller, params, body }) =>
    present(await updateGroup(services, caller, { network, id: params.id }, { name: body.name })),
  ),
  door(routes.legacyGroupsDelete, async ({ services, caller, params }) => {
    await deleteGroup(services, caller, { network, id: params.id })
    return 'OK'
  }),
  door(routes.legacyGroupsAddCids, async ({ services, caller, params, body }) => {
    await addCidsToGroup(services, caller, params.id, body.cids.map(parseCid))
    return 'OK'
  }),
  door(routes.legacyGroupsRemoveCids, async ({ services, caller, params, body }) => {
    await removeCidsFromGroup(services, caller, params.id, body.cids.map(parseCid))
    return 'OK'
  }),
]

function present({ id, account_id, name, created_at, updated_at }: GroupRow): z.infer<typeof LegacyGroup> {
  return {
    id,
    user_id: account_id,
    name,
    createdAt: presentTime(created_at),
    updatedAt: presentTime(updated_at),
  }
}
