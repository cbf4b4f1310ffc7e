import { CompiledQuery, sql } from 'kysely'
import type { Clock } from '../lib/clock.ts'
import { migrations } from './migrations/index.ts'
import type { Db, Dialect } from './runner.ts'
import { failpoint } from '../lib/failpoint.ts'

/** The database has been used by a later version of the program than this one. */
export class SchemaTooNew extends Error {
  constructor(found: number, known: number) {
    super(
      `The database has schema version ${found}, this program knows versions up to ${known}: ` +
        `start the newer program, or restore a backup made before the upgrade`,
    )
    this.name = 'SchemaTooNew'
  }
}

/** The database has an older schema than this program, and may not be changed by it. */
class SchemaTooOld extends Error {
  constructor(found: number, known: number) {
    super(
      `The database has schema version ${found}, this program needs ${known}: start the main process first, it brings the database up to date`,
    )
    this.name = 'SchemaTooOld'
  }
}

const latest = migrations.at(-1)?.version ?? 0

/**
 * Applies the migrations that are missing. `transaction` runs its argument in a transaction that excludes every other
 * process that migrates, so that the first to come does the work. With `upTo` it stops at the schema of that version.
 */
export async function migrate(
  transaction: (step: (tx: Db) => Promise<void>) => Promise<void>,
  dialect: Dialect,
  clock: Clock,
  upTo = latest,
): Promise<void> {
  if (upTo > latest) throw new SchemaTooNew(upTo, latest)
  await transaction(async (tx) => {
    await tx.executeQuery(CompiledQuery.raw(versionTable(dialect)))
  })
  for (const migration of migrations.filter(({ version }) => version <= upTo)) {
    await transaction(async (tx) => {
      const found = await findVersion(tx)
      if (found > latest) throw new SchemaTooNew(found, latest)
      if (found >= migration.version) return
      for (const text of migration.statements(dialect)) await tx.executeQuery(CompiledQuery.raw(text))
      failpoint('migration-next')
      await sql`insert into schema_version (version, name, applied_at) values (${migration.version}, ${migration.name}, ${clock.now()})`.execute(
        tx,
      )
    })
    failpoint('migrated')
  }
}

/** Throws when the schema is not exactly the one this program knows. */
export async function requireSchema(db: Db): Promise<void> {
  const found = await findVersion(db)
  if (found > latest) throw new SchemaTooNew(found, latest)
  if (found < latest) throw new SchemaTooOld(found, latest)
}

async function findVersion(db: Db): Promise<number> {
  const { rows } = await sql<{ version: number | null }>`select max(version) as version from schema_version`.execute(db)
  return rows[0]?.version ?? 0
}

function versionTable(dialect: Dialect): string {
  const integer = dialect === 'sqlite' ? 'integer' : 'bigint'
  return `create table if not exists schema_version (version ${integer} primary key, name text not null, applied_at ${integer} not null)`
}
