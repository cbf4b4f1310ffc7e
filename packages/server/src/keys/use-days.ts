import type { Db } from '../db/database.ts'
import { addUseDays, type UseDay } from './record-queries.ts'

/** A day in milliseconds; days are those of UTC, counted from 1970. */
export const dayMs = 86_400_000

/** Uses of keys by day and route, gathered in memory until they are written together. */
export class UseDays {
  #counted = new Map<string, UseDay>()

  /** Counts one use. */
  add(keyId: string, { at, route }: { readonly at: number; readonly route: string }): void {
    this.#put({ keyId, day: Math.floor(at / dayMs), route, uses: 1 })
  }

  /** Takes out what is counted so far. */
  take(): UseDay[] {
    const counted = [...this.#counted.values()]
    this.#counted = new Map()
    return counted
  }

  /** Puts back what could not be written. */
  putBack(counted: readonly UseDay[]): void {
    for (const each of counted) this.#put(each)
  }

  #put(use: UseDay): void {
    const name = `${use.keyId} ${use.day} ${use.route}`
    const before = this.#counted.get(name)
    this.#counted.set(name, before === undefined ? use : { ...use, uses: use.uses + before.uses })
  }
}

/** Writes uses by day, in the order of keys, so that two processes do not wait for each other's rows. */
export function writeUseDays(tx: Db, counted: readonly UseDay[]): Promise<void> {
  return addUseDays(
    tx,
    counted.toSorted((a, b) => (a.keyId < b.keyId ? -1 : a.keyId > b.keyId ? 1 : 0)),
  )
}
