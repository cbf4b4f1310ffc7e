import pg from 'pg'
import { expect, inject, it, onTestFinished } from 'vitest'
import { createDatabase } from '../../test/support/postgres.ts'
import { type Notice, openNotices } from './notices.ts'

const silent = { warn: () => undefined }

async function openTwo() {
  const url = await createDatabase(inject('postgresUrl'))
  const heard: (Notice | 'missed')[] = []
  const [one, other] = [openNotices({ kind: 'postgres', url }, silent), openNotices({ kind: 'postgres', url }, silent)]
  onTestFinished(async () => {
    await one.close()
    await other.close()
  })
  other.on((notice) => heard.push(notice))
  // Connected: from now on everything comes through.
  await expect.poll(() => heard).toEqual(['missed'])
  return { url, one, other, heard }
}

/** Tells until it was heard: the teller may not be connected yet. */
async function tellUntilHeard(teller: { tell(notice: Notice): void }, notice: Notice, heard: readonly unknown[]) {
  await expect
    .poll(
      () => {
        teller.tell(notice)
        return heard
      },
      { timeout: 10_000, interval: 20 },
    )
    .toContainEqual(notice)
}

it('tells other processes, and nobody what they told themselves', async () => {
  const { one, other, heard } = await openTwo()
  await tellUntilHeard(one, { kind: 'key', subject: 'a' }, heard)
  other.tell({ kind: 'key', subject: 'own' })
  await tellUntilHeard(one, { kind: 'key', subject: 'b' }, heard)
  expect(heard).not.toContainEqual({ kind: 'key', subject: 'own' })
})

it('listens again after the connection was cut, and says that something may have been missed', async () => {
  const { url, one, heard } = await openTwo()
  await tellUntilHeard(one, { kind: 'key', subject: 'before' }, heard)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'pinyon notices'`
  const { rowCount } = await client.query(cut)
  expect(rowCount).toBe(2)
  await expect.poll(() => heard.filter((each) => each === 'missed'), { timeout: 10_000 }).toHaveLength(2)
  await tellUntilHeard(one, { kind: 'key', subject: 'after' }, heard)
})

it('lives with others that use the same channel', async () => {
  const { url, one, heard } = await openTwo()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query("select pg_notify('pinyon', 'no JSON')")
  await tellUntilHeard(one, { kind: 'key', subject: 'a' }, heard)
  expect(heard[1]).toEqual({ kind: 'key', subject: 'a' })
})

it('has nobody to tell with SQLite', async () => {
  const heard: unknown[] = []
  const notices = openNotices({ kind: 'sqlite', file: 'none' }, silent)
  notices.on((notice) => heard.push(notice))
  notices.tell({ kind: 'key', subject: 'a' })
  await notices.close()
  expect(heard).toEqual([])
})
