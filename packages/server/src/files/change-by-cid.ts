import type { Caller } from '../caller.ts'
import { type Cid, formatCid } from '../ipfs/cid.ts'
import { foldText } from '../lib/fold.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import { recordFileUpdated } from './file-events.ts'
import { changeKeyvalues, type KeyvaluesChange, readKeyvalues } from './keyvalues.ts'
import { findKeyvalues, listHeldByContent, updateHeldFile } from './queries.ts'
import { notPinned } from './unpin-cid.ts'

/** Files that are changed in one write. */
const sliceSize = 100

/**
 * Changes name and key-values of all public files of the account with this content. What is left out stays. Throws
 * `not_pinned` when there is none, `invalid_request`.
 */
export async function changeByCid(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  { accountId, reach }: Pick<Caller, 'accountId' | 'reach'>,
  cid: Cid,
  { name, keyvalues }: { name?: string | undefined; keyvalues?: KeyvaluesChange | undefined },
): Promise<void> {
  const now = clock.now()
  const { multihash, codec } = cid
  const content = { account: accountId, reach, network: networkNumbers['public'], multihash, codec, now }
  for (let after = ''; ;) {
    const files = await db.write(async (tx) => {
      const slice = await listHeldByContent(tx, { ...content, after, limit: sliceSize })
      for (const file of slice) {
        const renamed = name === undefined ? {} : { name, name_folded: foldText(name) }
        if (!(await updateHeldFile(tx, file.id, { ...renamed, updated_at: now }))) continue
        const before = readKeyvalues((await findKeyvalues(tx, [file.id])).get(file.id) ?? [])
        const after =
          keyvalues === undefined ? before : await changeKeyvalues(tx, { ...file, file_id: file.id }, before, keyvalues)
        const changed = { before: file, after: { ...file, ...renamed }, keyvalues: { before, after } }
        await recordFileUpdated(tx, changed, now)
      }
      return slice
    })
    if (files.length === 0 && after === '') throw notPinned(formatCid(cid))
    const last = files.at(-1)
    if (last === undefined || files.length < sliceSize) return
    after = last.id
  }
}
