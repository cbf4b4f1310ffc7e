import type { Dialect } from '../runner.ts'

/** One step of the schema. Applied ones are never edited. */
export interface Migration {
  readonly version: number
  readonly name: string
  /** The statements, in order, for one database. */
  statements(dialect: Dialect): readonly string[]
}
