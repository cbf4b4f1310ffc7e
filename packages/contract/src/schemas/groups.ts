import { z } from 'zod'
import { CidText, Flag, Id, Name, Network, Time, wholeNumber } from './common.ts'

const GroupName = Name.min(1, 'is empty')

/** A group on v3. The hosted service's clients read `created_at` or `createdAt`, so both are there. */
export const Group = z
  .object({
    id: z.string(),
    name: z.string(),
    is_public: z.boolean().meta({
      description: 'Files of a private group that is public can be read at `/files/{cid}` without a signature.',
    }),
    created_at: Time,
    createdAt: Time,
    network: Network,
  })
  .meta({ id: 'Group' })

/** Such a group as it is read. */
export type Group = z.output<typeof Group>

/** Body of a new group. */
export const CreateGroup = z.object({ name: GroupName, is_public: z.boolean().nullish() }).meta({ id: 'CreateGroup' })

/** Change of a group; what is left out stays. */
export const UpdateGroup = z
  .object({ name: GroupName.optional(), is_public: z.boolean().optional() })
  .meta({ id: 'UpdateGroup' })

/** A group by network and id. */
export const GroupParams = z.object({ network: Network, id: Id })

/** A file in a group. */
export const GroupFileParams = z.object({ network: Network, id: Id, file_id: Id })

/** Query of the list of groups. */
export const GroupListQuery = z.object({
  name: z.string().max(1_024).optional().meta({ description: 'Part of the name, without case.' }),
  isPublic: Flag.optional(),
  limit: wholeNumber(1, 1_000).optional(),
  pageToken: z.string().max(200).optional(),
})

/** A page of groups; loop while `next_page_token` is there. */
export const GroupList = z.object({ groups: z.array(Group), next_page_token: z.string().nullable() })

/** A group on the legacy routes: public, and without an envelope. */
export const LegacyGroup = z
  .object({ id: z.string(), user_id: z.string(), name: z.string(), createdAt: Time, updatedAt: Time })
  .meta({ id: 'LegacyGroup' })

/** Body of a legacy group, new or renamed. */
export const LegacyGroupName = z.object({ name: GroupName })

/** Query of the legacy list. */
export const LegacyGroupListQuery = z.object({
  nameContains: z.string().max(1_024).optional(),
  offset: wholeNumber(0, 1_000_000_000).optional(),
  limit: wholeNumber(1, 1_000).optional(),
})

/** CIDs that enter or leave a group; the body of a DELETE, too. */
export const GroupCids = z.object({ cids: z.array(CidText).min(1, 'is empty').max(1_000) })
