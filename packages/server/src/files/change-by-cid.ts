import type { Caller } from '../caller.ts'
import { type Cid, formatCid } from '../ipfs/cid.ts'
import { foldText } from '../lib/fold.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import { recordFileUpdated } from './file-events.ts'
import { changeKeyvalues, type KeyvaluesChange, readKeyvalues } from './keyvalues.ts'
import { findKeyvalues } from './keyvalue-queries.ts'
import { listHeldByContent, updateHeldFile } from './queries.ts'
import { notPinned } from './unpin-cid.ts'

/** Files that are changed in one write. */
const sliceSize = 100

/** What may be changed of all files of a CID; what is left out stays. */
interface ChangeOfAll {
  readonly name?: string | undefined
  readonly keyvalues?: KeyvaluesChange | undefined
  /** Regions as JSON; null: none that somebody named. */
  readonly pinPolicy?: string | null | undefined
}

/**
 * Changes name, key-values and pin policy of all public files of the account with this content. What is left out stays. Throws
 * `not_pinned` when there is none, `invalid_request`.
 */
export async function changeByCid(
  { db, clock, config }: Pick<Services, 'db' | 'clock' | 'config'>,
  { accountId, reach }: Pick<Caller, 'accountId' | 'reach'>,
  cid: Cid,
  { name, keyvalues, pinPolicy }: ChangeOfAll,
): Promise<void> {
  const now = clock.now()
  const { multihash, codec } = cid
  const content = { account: accountId, reach, network: networkNumbers['public'], multihash, codec, now }
  for (let after = ''; ;) {
    const files = await db.write(async (tx) => {
      const slice = await listHeldByContent(tx, { ...content, after, limit: sliceSize })
      for (const file of slice) {
        const renamed = name === undefined ? {} : { name, name_folded: foldText(name) }
        const policy = pinPolicy === undefined ? {} : { pin_policy: pinPolicy }
        if (!(await updateHeldFile(tx, file.id, { ...renamed, ...policy, updated_at: now }))) continue
        const before = readKeyvalues((await findKeyvalues(tx, [file.id])).get(file.id) ?? [])
        const after =
          keyvalues === undefined
            ? before
            : await changeKeyvalues(tx, { ...file, file_id: file.id }, before, keyvalues, config.limits)
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
