import type { Caller } from '../caller.ts'
import type { BlobReader } from '../blobs/blob-store.ts'
import { enqueue } from '../jobs/queue.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { findChanges, findCount, installation, listLargeAccounts, type UsageCount } from './count-queries.ts'
import { countUsage } from './count-usage.ts'
import { findAccountRoom } from './queries.ts'

/** The kind of the job that counts; its subject is the account, none for the installation. */
export const countJob = 'count-usage'

/** Accounts with no more files than this are counted while the answer is waited for, unless it takes too long. */
const smallFiles = 5_000
const patienceMs = 250
/** A count is made anew after so many times the time that it took, and at least this. */
const restTimes = 20
const leastRestMs = 60_000

/** Files and bytes as they are charged now, and what was counted. */
export interface AccountUsage {
  readonly files: number
  readonly logicalBytes: number
  readonly quotaBytes: number | null
  readonly counted: ShownCount | undefined
}

/** A count, and whether it is so now. */
export type ShownCount = UsageCount & { readonly isExact: boolean }

/** What the caller's files take, within its account alone. Throws `not_found`. */
export async function getAccountUsage(
  services: Pick<Services, 'db' | 'clock'>,
  { accountId }: Pick<Caller, 'accountId'>,
): Promise<AccountUsage> {
  const { db } = services
  const room = await findAccountRoom(db.read, accountId)
  if (room === undefined) throw new AppError('not_found', 'There is no such account')
  const { files, bytes, changes } = await findChanges(db.read, accountId)
  const counted = await findFresh(services, accountId, { changes, isSmall: files <= smallFiles })
  return { files, logicalBytes: bytes, quotaBytes: room.quota_bytes, counted }
}

/** What the files of all accounts take together, and the packs on the disk. */
export async function getInstallationUsage(
  services: Pick<Services, 'db' | 'clock'> & { readonly packs: Pick<BlobReader, 'list'> },
): Promise<{ counted: ShownCount | undefined; storedBytes: number }> {
  const { files, changes } = await findChanges(services.db.read, installation)
  const counted = await findFresh(services, installation, { changes, isSmall: files <= smallFiles })
  const storedBytes = (await services.packs.list()).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return { counted, storedBytes }
}

/** Has large accounts whose totals changed counted, and the installation: not more often than it is worth. */
export async function planCounts({ db, clock }: Pick<Services, 'db' | 'clock'>): Promise<void> {
  const now = clock.now()
  const large = await listLargeAccounts(db.read, smallFiles)
  const all = await findChanges(db.read, installation)
  const count = await findCount(db.read, installation)
  const whole = {
    account_id: installation,
    changes: all.changes,
    counted_changes: count?.changes ?? null,
    began_at: count?.began_at ?? null,
    counted_at: count?.counted_at ?? null,
  }
  const due = [...large, ...(all.files > smallFiles ? [whole] : [])].filter(
    ({ changes, counted_changes, began_at, counted_at }) => {
      if (began_at === null || counted_at === null) return true
      const restMs = Math.max(leastRestMs, restTimes * (counted_at - began_at))
      return changes !== counted_changes && counted_at + restMs <= now
    },
  )
  if (due.length === 0) return
  await db.write(async (tx) => {
    for (const { account_id } of due) await enqueue(tx, { kind: countJob, subject: account_id }, now)
  })
}

async function findFresh(
  services: Pick<Services, 'db' | 'clock'>,
  accountId: string,
  { changes, isSmall }: { changes: number; isSmall: boolean },
): Promise<ShownCount | undefined> {
  const { db } = services
  const known = await findCount(db.read, accountId)
  const shown = (count: UsageCount | undefined) =>
    count === undefined ? undefined : { ...count, isExact: count.changes === changes }
  if (known?.changes === changes || !isSmall) return shown(known)
  const signal = AbortSignal.timeout(patienceMs)
  try {
    return shown(await countUsage(services, accountId, { signal, share: 1 }))
  } catch (error) {
    if (!signal.aborted) throw error
  }
  // Few files of many blocks: the next who asks finds it counted.
  await db.write((tx) => enqueue(tx, { kind: countJob, subject: accountId }, services.clock.now()))
  return shown(known)
}
