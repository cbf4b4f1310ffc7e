import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { bucketBits } from './pin-counts.ts'

/** A number that is kept, and what it is when it is counted anew. */
interface WrongCounter {
  readonly counter:
    | 'files of an account'
    | 'bytes of an account'
    | 'holders of a pin'
    | 'blocks of a pin'
    | 'pins by time'
  /** The account or the pin. */
  readonly id: string
  readonly kept: number
  readonly counted: number
}

/** What was recounted. */
export interface Recount {
  accounts: number
  pins: number
  /** The first thousand of them. */
  readonly wrong: WrongCounter[]
  numberOfWrong: number
}

const pageSize = 1_000
const maxListed = 1_000

/**
 * Counts anew what is kept in counters: files and bytes of accounts, holders and blocks of pins, pins by time. Each
 * statement sees one moment, so it may run beside a server; it changes nothing.
 */
export async function recount(read: Db, signal?: AbortSignal): Promise<Recount> {
  const report: Recount = { accounts: 0, pins: 0, wrong: [], numberOfWrong: 0 }
  const compare = (one: WrongCounter) => {
    if (one.kept === one.counted) return
    report.numberOfWrong++
    if (report.wrong.length < maxListed) report.wrong.push(one)
  }
  for (let after = ''; ;) {
    signal?.throwIfAborted()
    const page = await listAccountCounts(read, after)
    const last = page.at(-1)
    if (last === undefined) break
    after = last.id
    report.accounts += page.length
    for (const { id, files, bytes, counted_files, counted_bytes, buckets, bucketed } of page) {
      compare({ counter: 'files of an account', id, kept: files, counted: counted_files })
      compare({ counter: 'bytes of an account', id, kept: bytes, counted: counted_bytes })
      compare({ counter: 'pins by time', id, kept: buckets, counted: bucketed * bucketBits.length })
    }
  }
  for (let after = ''; ;) {
    signal?.throwIfAborted()
    const page = await listPinCounts(read, after)
    const last = page.at(-1)
    if (last === undefined) break
    after = last.id
    report.pins += page.length
    for (const { id, holders, number_of_blocks, counted_holders, counted_blocks } of page) {
      compare({ counter: 'holders of a pin', id, kept: holders, counted: counted_holders })
      compare({ counter: 'blocks of a pin', id, kept: number_of_blocks, counted: counted_blocks })
    }
  }
  return report
}

interface AccountCounts {
  readonly id: string
  readonly files: number
  readonly bytes: number
  readonly counted_files: number
  readonly counted_bytes: number
  readonly buckets: number
  readonly bucketed: number
}

async function listAccountCounts(read: Db, after: string): Promise<readonly AccountCounts[]> {
  const { rows } = await sql<AccountCounts>`
    select a.id,
      cast((select coalesce(sum(files), 0) from account_totals t where t.account_id = a.id) as bigint) as files,
      cast((select coalesce(sum(bytes), 0) from account_totals t where t.account_id = a.id) as bigint) as bytes,
      (select count(*) from files f where f.account_id = a.id and f.state = 'held') as counted_files,
      cast((select coalesce(sum(size_bytes), 0) from files f where f.account_id = a.id and f.state = 'held') as bigint)
        as counted_bytes,
      cast((select coalesce(sum(pins), 0) from pin_counts c where c.account_id = a.id) as bigint) as buckets,
      (select count(*) from files f where f.account_id = a.id and f.pin_status is not null) as bucketed
    from (select id from accounts where id > ${after} order by id limit ${pageSize}) a order by a.id`.execute(read)
  return rows
}

interface PinCounts {
  readonly id: string
  readonly holders: number
  readonly number_of_blocks: number
  readonly counted_holders: number
  readonly counted_blocks: number
}

async function listPinCounts(read: Db, after: string): Promise<readonly PinCounts[]> {
  const { rows } = await sql<PinCounts>`
    select p.id, p.holders, p.number_of_blocks,
      (select count(*) from files f where f.pin_id = p.id and f.state = 'held') as counted_holders,
      (select count(*) from pin_blocks b where b.pin_id = p.id) as counted_blocks
    from (
      select id, holders, number_of_blocks from pins where state = 'pinned' and id > ${after} order by id limit ${pageSize}
    ) p order by p.id`.execute(read)
  return rows
}
