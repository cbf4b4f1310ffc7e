import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { Database, DatabaseConfig } from '../../src/db/database.ts'
import type { LedgerPlace } from './ledger.ts'
import { createDatabase } from './postgres.ts'

/** An empty place; the directory goes with `remove`. */
export async function makeLedgerPlace(kind: Database['dialect']): Promise<LedgerPlace & { remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-ledger-'))
  const database: DatabaseConfig =
    kind === 'sqlite'
      ? { kind: 'sqlite', file: join(dir, 'pinyon.db') }
      : { kind: 'postgres', url: await createDatabase(inject('postgresUrl')) }
  return { dir, packsDir: join(dir, 'packs'), database, remove: () => rm(dir, { recursive: true }) }
}
