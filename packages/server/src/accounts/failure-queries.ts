import type { Db } from '../db/database.ts'
import { statement, type Placeholder } from '../db/statement.ts'

/** One failure to count: up to `points` until `until`, then anew. */
type Failure = {
  readonly name: string
  readonly points: number
  readonly now: number
  readonly until: number
}

/**
 * Counts one failure in one step. Gives the end of the time that is over its limit; undefined when it was counted. A
 * clock that was set back lets nobody wait for longer than the limit says.
 */
export async function takeFailure(tx: Db, failure: Failure): Promise<number | undefined> {
  if ((await count(tx, failure)).length === 1) return undefined
  const [row] = await findUntil(tx, failure)
  return row?.until ?? failure.until
}

/** Takes back a failure of each name: it was none. */
export async function giveFailuresBack(tx: Db, names: readonly string[]): Promise<void> {
  for (const name of names) await giveBack(tx, { name })
}

/** Forgets failures whose time is over. */
export async function deleteEndedFailures(tx: Db, now: number): Promise<void> {
  await tx.deleteFrom('sign_in_failures').where('until', '<=', now).execute()
}

const count = statement((tx, param: Placeholder<Failure>) =>
  tx
    .insertInto('sign_in_failures')
    .values({ name: param('name'), failures: 1, until: param('until') })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((eb) => {
          const isOver = eb.or([
            eb('sign_in_failures.until', '<=', param('now')),
            eb('sign_in_failures.until', '>', eb.ref('excluded.until')),
          ])
          return {
            failures: eb
              .case()
              .when(isOver)
              .then(1)
              .else(eb('sign_in_failures.failures', '+', 1))
              .end(),
            until: eb.case().when(isOver).then(eb.ref('excluded.until')).else(eb.ref('sign_in_failures.until')).end(),
          }
        })
        .where((eb) =>
          eb.or([
            eb('sign_in_failures.until', '<=', param('now')),
            eb('sign_in_failures.until', '>', eb.ref('excluded.until')),
            eb('sign_in_failures.failures', '<', param('points')),
          ]),
        ),
    )
    .returning('failures'),
)

const findUntil = statement((tx, param: Placeholder<{ name: string }>) =>
  tx.selectFrom('sign_in_failures').select('until').where('name', '=', param('name')),
)

const giveBack = statement((tx, param: Placeholder<{ name: string }>) =>
  tx
    .updateTable('sign_in_failures')
    .set((eb) => ({ failures: eb('failures', '-', 1) }))
    .where('name', '=', param('name'))
    .where('failures', '>', 0),
)
