import type { Database } from '../db/database.ts'
import { TakeTogether } from '../lib/take-together.ts'
import { takeUses, takeUsesOfTree, type TakeUses, type Use } from './queries.ts'

/** Uses of keys with max uses, among them and those above them, of requests that wait at the same time together. */
export function limitedUses(db: Pick<Database, 'write'>): TakeTogether<TakeUses, Use> {
  return new TakeTogether((key, uses) => {
    const last = uses.at(-1)
    if (last === undefined) return Promise.resolve(0)
    const isAlone = key.limitedBy.length === 1 && key.limitedBy[0] === key.id
    return db.write((tx) =>
      isAlone ? takeUses(tx, key.id, uses.length, last) : takeUsesOfTree(tx, key, uses.length, last),
    )
  })
}
