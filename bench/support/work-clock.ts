import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import type { Database } from '../../packages/server/src/db/database.ts'

/**
 * Reads the milliseconds of processor that this thread and, on PostgreSQL of this machine, the processes of our
 * connections have used so far: what a list costs, also while others keep the machine busy. Linux alone tells it of other
 * processes (`schedstat` in proc(5)); elsewhere those count nothing.
 */
export async function openWorkClock(db: Database): Promise<() => number> {
  const pids = db.dialect === 'postgres' ? await findServers(db) : []
  return () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1e3 + pids.reduce((sum, pid) => sum + ranMs(pid), 0)
  }
}

async function findServers({ read }: Database): Promise<number[]> {
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'`.execute(
    read,
  )
  return rows.map(({ pid }) => pid)
}

function ranMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
  } catch {
    return 0 // a connection that was closed, or no Linux
  }
}
