import { expect, it, onTestFinished, vi } from 'vitest'
import { SqliteConnection } from '../src/db/sqlite-connection.ts'
import { startTestApp } from './support/app.ts'
import { upload } from './support/content.ts'

it('health names a database that cannot be written, reading goes on, and it recovers by itself', async () => {
  const app = await startTestApp()
  onTestFinished(() => app.close())
  const key = await app.setUp()
  await upload(app, key, [['a.txt', 'kept']], { network: 'private' })
  const { step } = SqliteConnection.prototype // oxlint-disable-line unbound-method -- called with its `this` below
  const failing = vi.spyOn(SqliteConnection.prototype, 'step').mockImplementation(function (
    this: SqliteConnection,
    sql,
  ) {
    if (sql === 'commit') throw Object.assign(new Error('disk I/O error'), { errcode: 1034 })
    step.call(this, sql)
  })
  onTestFinished(() => failing.mockRestore())
  const ready = async () => (await app.ask('GET', '/health/ready')).body
  const refused = await app.ask('POST', '/v3/groups/private', { key, json: { name: 'refused' } })
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('5')
  expect(await ready()).toEqual({ status: 'ready', storage: 'failing' })
  expect((await app.ask('GET', '/pinyon/v1/operator/storage', { key })).body.notWritable).toMatchObject([
    { part: 'database', reason: 'failing', message: expect.stringContaining('disk I/O error') },
  ])
  expect((await app.ask('GET', '/v3/files/private', { key })).body.data.files).toHaveLength(1)
  expect(app.log()).toContain('takes no writes')
  failing.mockRestore()
  await expect.poll(ready, { timeout: 60_000 }).toEqual({ status: 'ready' })
  expect((await app.ask('GET', '/v3/groups/private', { key })).body.data.groups).toEqual([])
})
