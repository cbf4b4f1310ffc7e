import type { Db } from '../db/database.ts'
import { hasPublicFile, listInside, listOutside, type PublicContent } from '../files/group-queries.ts'
import type { FileRow } from '../files/queries.ts'
import { notPinned } from '../files/unpin-cid.ts'
import { type Cid, formatCid } from '../ipfs/cid.ts'
import type { Services } from '../services.ts'
import { getGroup, type GroupCaller, requireGroup, requireNoGroupBound } from './get-group.ts'
import { changeGroup } from './move-file.ts'

/** Files that are moved in one write. */
const sliceSize = 100

type Needs = Pick<Services, 'db' | 'clock'>

/**
 * Puts all public files of the account with these CIDs into a group. Throws `not_found`, and `not_pinned` when it has
 * none of one of them; then none has moved.
 */
export function addCidsToGroup(
  services: Needs,
  caller: GroupCaller,
  groupId: string,
  cids: readonly Cid[],
): Promise<void> {
  return moveCids(services, caller, { groupId, cids, list: listOutside, to: groupId })
}

/** Takes all public files with these CIDs out of a group. Throws as `addCidsToGroup`. */
export function removeCidsFromGroup(
  services: Needs,
  caller: GroupCaller,
  groupId: string,
  cids: readonly Cid[],
): Promise<void> {
  return moveCids(services, caller, { groupId, cids, list: listInside, to: null })
}

interface Move {
  readonly groupId: string
  readonly cids: readonly Cid[]
  /** Files that are not yet where they belong. */
  readonly list: (tx: Db, content: PublicContent, group: string, limit: number) => Promise<FileRow[]>
  readonly to: string | null
}

async function moveCids({ db, clock }: Needs, caller: GroupCaller, { groupId, cids, list, to }: Move): Promise<void> {
  const now = clock.now()
  const group = { network: 'public', id: groupId } as const
  await getGroup({ db }, caller, group)
  if (to === null) requireNoGroupBound(caller)
  const contents = cids.map((cid) => ({
    account: caller.accountId,
    reach: caller.reach,
    multihash: cid.multihash,
    codec: cid.codec,
  }))
  // All of them first, so that a refusal leaves everything as it was.
  for (const [at, content] of contents.entries()) {
    const cid = cids[at]
    if (cid !== undefined && !(await hasPublicFile(db.read, content, now))) throw notPinned(formatCid(cid))
  }
  for (const content of contents) {
    for (let moved = sliceSize; moved === sliceSize;) {
      moved = await db.write(async (tx) => {
        await requireGroup(tx, caller, group)
        const files = await list(tx, content, groupId, sliceSize)
        for (const file of files) await changeGroup(tx, file, to, now)
        return files.length
      })
    }
  }
}
