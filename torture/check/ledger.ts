import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'

/** Where the database of an installation is. */
export type LedgerPlace = { readonly dataDir: string; readonly databaseUrl?: string | undefined }

type Row = Record<string, unknown>

/** Statements that must find nothing, on either database, with what it means when they do. */
const mustFindNothing: readonly (readonly [meaning: string, sql: string])[] = [
  [
    'the totals of an account are not the sum of its files (I5)',
    `select t.account_id, t.network, t.files, t.bytes from account_totals t
      left join (select account_id, network, count(*) as files, sum(size_bytes) as bytes from files where state = 'held' group by account_id, network) f
      on f.account_id = t.account_id and f.network = t.network
      where t.files <> coalesce(f.files, 0) or t.bytes <> coalesce(f.bytes, 0)`,
  ],
  [
    'a pin counts other holders than it has (I5)',
    `select p.id, p.state, p.holders from pins p where p.holders <> (select count(*) from files f where f.pin_id = p.id)`,
  ],
  [
    'a pinned pin has not all of its blocks (I3)',
    `select p.id, p.number_of_blocks from pins p where p.state = 'pinned'
      and p.number_of_blocks <> (select count(*) from pin_blocks b where b.pin_id = p.id)`,
  ],
  [
    'a held file relies on no pinned pin (I3)',
    `select f.id from files f left join pins p on p.id = f.pin_id where f.state = 'held' and (p.state is null or p.state <> 'pinned')`,
  ],
  [
    'a pin is named by blocks that are not in the index (I3)',
    `select b.pin_id, b.block_id from pin_blocks b left join blocks i on i.id = b.block_id where i.id is null`,
  ],
  [
    'the counts of pins are not those of the files (I5)',
    `select c.account_id, c.pin_status, sum(c.pins) as pins from pin_counts c where c.level = 3 group by c.account_id, c.pin_status
      having sum(c.pins) <> (select count(*) from files f where f.account_id = c.account_id and f.pin_status = c.pin_status)`,
  ],
  [
    'a pin that waits is neither queued nor asked for, or both (I9)',
    `select f.id, f.pin_status, f.queued_origins from files f where f.pin_status in (0, 1, 3)
      and (case when f.queued_origins is null then 0 else 1 end) + (select count(*) from requests r where r.file_id = f.id) <> 1`,
  ],
  [
    'what does not wait is queued (I9)',
    `select id, state, pin_status from files where queued_origins is not null and (pin_status is null or pin_status <> 0)`,
  ],
  ['a key counts more uses than it may have (I6)', 'select id, uses, max_uses from keys where uses > max_uses'],
  ['a block is damaged (I2)', 'select block_id, reason from damage where repaired_at is null'],
]

/**
 * Looks into the database and the data directory of a running installation that nobody loads. Answers violations. With
 * `all` it also waits until every job that is due was taken and ended, for as long as that may take (I9).
 */
export async function checkLedger(place: LedgerPlace, { all }: { all: boolean }): Promise<string[]> {
  const wrong: string[] = []
  const database = await openLedger(place)
  try {
    for (const [meaning, sql] of mustFindNothing) wrong.push(...(await findRows(database, meaning, sql)))
    wrong.push(...(await waitForStagings(database)))
    if (all) wrong.push(...(await waitForJobs(database)))
    wrong.push(...(await waitForPacks(database, place)))
  } finally {
    await database.close()
  }
  wrong.push(...(await findTemporary(place)))
  return wrong
}

async function findRows(
  { all }: Awaited<ReturnType<typeof openLedger>>,
  meaning: string,
  sql: string,
): Promise<string[]> {
  const rows = await all(sql)
  return rows.length === 0 ? [] : [`${meaning}: ${rows.length}, such as ${JSON.stringify(rows[0])}`]
}

/**
 * An upload that failed gives its staging up. Where the database was not there to be told, the reclaimer of the process
 * does at its next pass, ten seconds later at most.
 */
async function waitForStagings(database: Awaited<ReturnType<typeof openLedger>>): Promise<string[]> {
  const until = performance.now() + stagingsMs
  for (;;) {
    const found = await findRows(database, 'a staging belongs to no upload and no fetch (I4)', strayStagings)
    if (found.length === 0 || performance.now() > until) return found
    await setTimeout(200)
  }
}

const stagingsMs = 60_000

const strayStagings = `select p.id, p.writer_id from pins p where p.state = 'staging'
  and not exists (select 1 from uploads u where u.staging_id = p.id) and not exists (select 1 from fetches f where f.staging_id = p.id)`

/**
 * A pack that was emptied is forgotten after its file is gone, so for a moment, or until the next pass after a kill, the
 * ledger knows one that is not there. No block may lie in it.
 */
async function waitForPacks(
  database: Awaited<ReturnType<typeof openLedger>>,
  { dataDir }: LedgerPlace,
): Promise<string[]> {
  const until = performance.now() + packsMs
  for (;;) {
    const packs = await database.all('select id, name from packs')
    const missing = packs.filter(({ name }) => !existsSync(join(dataDir, 'packs', `${String(name)}.car`)))
    const lost: Row[] = []
    for (const pack of missing) {
      // Asked after it was looked for: blocks are moved out before the file goes.
      const blocks = await database.all(`select id from blocks where pack_id = ${String(pack['id'])} limit 1`)
      if (blocks.length > 0 || performance.now() > until) lost.push(pack)
    }
    if (missing.length === 0 || lost.length > 0)
      return lost.map(({ name }) => `the pack ${String(name)}.car is not there (I3)`)
    await setTimeout(200)
  }
}

const packsMs = 60_000

/** Each that is due now must have been taken by the end of that time; periodic ones come again and again. */
async function waitForJobs(database: Awaited<ReturnType<typeof openLedger>>): Promise<string[]> {
  const now = Date.now()
  const until = performance.now() + jobsMs
  for (;;) {
    const due = await database.all(
      `select kind, subject, attempts, last_error from jobs where run_at < ${now} and lease_until is null`,
    )
    if (due.length === 0) return []
    if (performance.now() > until)
      return [`a job is due and nobody takes it (I9): ${due.length}, such as ${JSON.stringify(due[0])}`]
    await setTimeout(200)
  }
}

const jobsMs = 120_000

/** Files that a finished or refused request should not have left (I11); one that is being written gets its time. */
async function findTemporary({ dataDir, databaseUrl }: LedgerPlace): Promise<string[]> {
  const until = performance.now() + temporaryMs
  for (;;) {
    const names = (await readdir(dataDir, { recursive: true })).filter((name) => isTemporary.test(name))
    // Of one that was killed: with PostgreSQL another may be writing them, so only old ones are removed.
    const found = databaseUrl === undefined ? names : names.filter((name) => !isDraft.test(name))
    if (found.length === 0) return []
    if (performance.now() > until) return found.map((name) => `the file ${name} was left behind (I11)`)
    await setTimeout(50)
  }
}

const isTemporary = /\.(tmp|new|part)$/
const isDraft = /^(keys\/.*\.json|audit-head\.jws\.\d+)\.new$/
const temporaryMs = 10_000

async function openLedger({ dataDir, databaseUrl }: LedgerPlace) {
  if (databaseUrl === undefined) {
    const database = new DatabaseSync(join(dataDir, 'pinyon.db'), { readOnly: true, timeout: 10_000 })
    return {
      all: (sql: string) => Promise.resolve(database.prepare(sql).all() as Row[]),
      close: () => Promise.resolve(database.close()),
    }
  }
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  return {
    all: async (sql: string) => (await client.query<Row>(sql)).rows,
    close: () => client.end(),
  }
}
