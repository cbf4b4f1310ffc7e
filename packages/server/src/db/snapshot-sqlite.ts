import { chmod, copyFile, open, rename, rm } from 'node:fs/promises'
import { backup, DatabaseSync } from 'node:sqlite'

/** A pack as a snapshot needs it: up to here its blocks lie. */
export interface NeededPack {
  readonly name: string
  readonly sizeBytes: number
}

/** What a snapshot of the database is of. */
export interface Snapshot {
  readonly schemaVersion: number
  readonly installationId: string
  readonly sequence: number
  readonly packs: readonly NeededPack[]
}

/** In one step, since a step after which the file was written to begins anew. */
const allPages = 2 ** 31 - 1

/**
 * Copies a SQLite database as it is at one moment to `to` (mode 0600), durably, while another process writes to it.
 * Where `to` is there, it is replaced.
 */
export async function snapshotSqlite(file: string, to: string): Promise<Snapshot> {
  const draft = `${to}.new`
  await rm(draft, { force: true })
  const source = new DatabaseSync(file, { readOnly: true, timeout: 10_000 })
  try {
    await backup(source, draft, { rate: allPages })
  } finally {
    source.close()
  }
  await chmod(draft, 0o600)
  const copy = new DatabaseSync(draft)
  try {
    // One file alone, without a log beside it; the server sets its own mode.
    copy.exec('pragma journal_mode = delete')
    return readSnapshot(copy)
  } finally {
    copy.close()
    await syncFile(draft)
    await rename(draft, to)
  }
}

/** Puts a copy that `snapshotSqlite` made where the server has its database, whole or not at all. */
export async function placeSqlite(copy: string, file: string): Promise<void> {
  const draft = `${file}.restoring`
  await rm(draft, { force: true })
  await copyFile(copy, draft)
  await chmod(draft, 0o600)
  const db = new DatabaseSync(draft)
  try {
    // The mode of a server's database, which those who only read it cannot set. Closed, it leaves no other file.
    db.exec('pragma journal_mode = wal')
  } finally {
    db.close()
  }
  await syncFile(draft)
  await rename(draft, file)
}

function readSnapshot(db: DatabaseSync): Snapshot {
  // Columns and types as the migrations make them.
  const { version } = db.prepare('select max(version) as version from schema_version').get() as { version: number }
  const of = db.prepare('select id, sequence from installation').get() as { id: string; sequence: number }
  const packs = db
    .prepare(
      `select packs.name, (select blocks."offset" + blocks.length from blocks where pack_id = packs.id
        order by blocks."offset" desc limit 1) as size_bytes from packs order by packs.id`,
    )
    .all() as { name: string; size_bytes: number | null }[]
  return { schemaVersion: version, installationId: of.id, sequence: of.sequence, packs: packs.flatMap(needed) }
}

/** A pack in which no block lies is not needed. */
export function needed(row: { name: string; size_bytes: number | null }): NeededPack[] {
  return row.size_bytes === null ? [] : [{ name: row.name, sizeBytes: row.size_bytes }]
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
