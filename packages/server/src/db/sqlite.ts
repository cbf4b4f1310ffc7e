import { chmodSync, closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { AppError } from '../lib/errors.ts'
import { Breath } from './breath.ts'
import { Checkpointer } from './checkpointer.ts'
import type { Database, OpenOptions } from './interface.ts'
import { migrate, requireSchema } from './migrate.ts'
import { openKysely } from './runner.ts'
import type { Db, Runner } from './runner.ts'
import { SqliteConnection } from './sqlite-connection.ts'
import { translateSqliteError } from './storage-errors.ts'
import { WriteQueue } from './write-queue.ts'

/** How long another process that migrates is waited for. */
const MIGRATION_MS = 60_000

/** Opens the SQLite file, making it when it is not there: one connection writes, another one reads. */
export async function openSqlite(
  config: { readonly file: string },
  { clock, readOnly = false }: OpenOptions,
): Promise<Database> {
  const breath = new Breath()
  if (readOnly) {
    const reader = new SqliteConnection(config.file, { readOnly: true })
    const read = openReader(reader, breath)
    try {
      await requireSchema(read)
    } catch (error) {
      reader.close()
      throw error
    }
    return {
      dialect: 'sqlite',
      read,
      write: () => Promise.reject(new AppError('internal', 'This process only reads')),
      commits: 0,
      warnings: [],
      close: async () => reader.close(),
    }
  }
  createFile(config.file)
  const writer = new SqliteConnection(config.file, { readOnly: false })
  try {
    await migrateSqlite(writer, clock)
    const reader = new SqliteConnection(config.file, { readOnly: false })
    reader.exec('pragma query_only = on')
    const checkpointer = new Checkpointer(config.file, writer)
    const queue = new WriteQueue(writer, breath, checkpointer)
    return {
      dialect: 'sqlite',
      read: openReader(reader, breath),
      write: (operation) => queue.write(operation),
      get commits() {
        return queue.commits
      },
      warnings: [],
      close: async () => {
        await queue.close()
        await checkpointer.close()
        reader.close()
        writer.close()
      },
    }
  } catch (error) {
    writer.close()
    throw error
  }
}

/**
 * Keeps the file, and the log and index that SQLite makes beside it with the same mode, from other users. A file that
 * is there is not opened: closing it would take away the locks that this process holds on it (POSIX).
 */
function createFile(file: string): void {
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  const directory = openSync(dirname(file), 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

function openReader(connection: SqliteConnection, breath: Breath): Db {
  return openKysely(runnerOver(connection, breath))
}

function runnerOver(connection: SqliteConnection, breath: Breath): Runner {
  return {
    dialect: 'sqlite',
    async run(sql, parameters) {
      if (breath.isDue()) await breath.take()
      try {
        return connection.run(sql, parameters)
      } catch (error) {
        throw translateSqliteError(error)
      }
    },
  }
}

async function migrateSqlite(connection: SqliteConnection, clock: OpenOptions['clock']): Promise<void> {
  const db = openKysely({ dialect: 'sqlite', run: async (sql, parameters) => connection.run(sql, parameters) })
  const transaction = async (step: (tx: Db) => Promise<void>) => {
    await connection.begin(MIGRATION_MS)
    try {
      await step(db)
      connection.exec('commit')
    } catch (error) {
      connection.rollBack()
      throw error
    }
  }
  await migrate(transaction, 'sqlite', clock)
}
