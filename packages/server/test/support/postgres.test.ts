import { spawn } from 'node:child_process'
import { once } from 'node:events'
import pg from 'pg'
import { expect, inject, it } from 'vitest'
import { createDatabase } from './postgres.ts'

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  // A server that goes away breaks the connection also outside a query; what waits for it then fails with the same error.
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

it('gives every caller an empty database of its own', async () => {
  const [one, two] = await Promise.all([createDatabase(inject('postgresUrl')), createDatabase(inject('postgresUrl'))])
  await query(one, 'create table things (id int)')
  const tables = `select table_name from information_schema.tables where table_schema = 'public'`
  expect(await query(one, tables)).toEqual([{ table_name: 'things' }])
  expect(await query(two, tables)).toEqual([])
})

it('has trigram search, and sorts as people do unless told otherwise', async () => {
  const url = await createDatabase(inject('postgresUrl'))
  await query(url, 'create extension pg_trgm')
  const sorted = (collation: string) =>
    query(url, `select string_agg(x, '' order by x ${collation}) as sorted from unnest(array['b', 'A', 'a']) x`)
  expect(await sorted('')).toEqual([{ sorted: 'aAb' }])
  expect(await sorted('collate "C"')).toEqual([{ sorted: 'Aab' }])
})

it('ends when the process that started it is killed', async () => {
  const starter = `
    import { startPostgres } from ${JSON.stringify(import.meta.resolve('./postgres.ts'))}
    console.log((await startPostgres()).url)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', starter], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = await once(child.stdout.setEncoding('utf8'), 'data')
  expect(await query(url.trim(), 'select 1 as one')).toEqual([{ one: 1 }])
  child.kill('SIGKILL')
  await expect.poll(() => query(url.trim(), 'select 1').catch((error) => error.code)).toBe('ECONNREFUSED')
})
