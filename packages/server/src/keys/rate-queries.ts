import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { statement, type Placeholder } from '../db/statement.ts'

/** A request of a rate class and caller, and the stretch of time that it is counted in when none runs. */
type Counted = { name: string; now: number; until: number }

/** Counts a request in the stretch that runs, or begins one; gives how many there were in it, and until when it runs. */
export async function countRequest(tx: Db, counted: Counted): Promise<{ requests: number; until: number }> {
  const [row] = await upsertCount(tx, counted)
  if (row === undefined) throw new Error('A request that was counted is not there')
  return row
}

/** Forgets stretches that are over. */
export async function deleteOverCounts(tx: Db, now: number): Promise<void> {
  await tx.deleteFrom('rate_counts').where('until', '<=', now).execute()
}

const upsertCount = statement((tx, param: Placeholder<Counted>) =>
  tx
    .insertInto('rate_counts')
    .values({ name: param('name'), requests: sql.lit(1), until: param('until') })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => {
        const isOver = eb('rate_counts.until', '<=', param('now'))
        return {
          requests: eb
            .case()
            .when(isOver)
            .then(sql.lit(1))
            .else(eb('rate_counts.requests', '+', 1))
            .end(),
          until: eb.case().when(isOver).then(eb.ref('excluded.until')).else(eb.ref('rate_counts.until')).end(),
        }
      }),
    )
    .returning(['requests', 'until']),
)
