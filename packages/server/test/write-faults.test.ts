import { expect, it, onTestFinished, vi } from 'vitest'
import { SqliteConnection } from '../src/db/sqlite-connection.ts'
import { startTestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import type { Row } from './support/domain.ts'

it('health names a database that cannot be written, reading goes on, and it recovers by itself', async () => {
  const app = await startTestApp()
  onTestFinished(() => app.close())
  const key = await app.setUp()
  await upload(app, key, [['a.txt', 'kept']], { network: 'private' })
  const failing = failCommits()
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

it('while no commit comes through nothing is acknowledged, and nothing of it is so afterwards', async () => {
  const app = await startTestApp()
  onTestFinished(() => app.close())
  const key = await app.setUp()
  const other = await app.makeKey(key, { admin: true }, { keyName: 'other' })
  const limited = await app.makeKey(key, { admin: true }, { keyName: 'limited', maxUses: 5 })
  const hidden = await upload(app, key, [['hidden.txt', 'hidden']], { network: 'private' })
  const shown = await upload(app, key, [['shown.txt', 'shown']])
  const ask = (method: string, path: string, json?: unknown) =>
    app.ask(method, path, { key, ...(json === undefined ? {} : { json }) })
  const { keys } = (await ask('GET', '/pinyon/v1/keys')).body
  const { id } = keys.find(({ publicPart }: Row) => publicPart === other.pinata_api_key)
  const made = { keyName: 'made', permissions: { admin: true } }
  const files = async () => {
    const names: Row[] = []
    for (const network of ['public', 'private'])
      names.push(...(await ask('GET', `/v3/files/${network}`)).body.data.files)
    return names.map(({ name }) => name)
  }
  const states = async () =>
    (await ask('GET', '/pinyon/v1/keys')).body.keys.map(({ name, state }: Row) => [name, state])
  const before = [await files(), await states()]
  const failing = failCommits()
  for (const [method, path, json] of [
    ['POST', '/v3/pinata/keys', made],
    ['POST', '/users/generateApiKey', made],
    ['POST', `/pinyon/v1/keys/${id}/regenerate`, {}],
    ['PUT', `/v3/files/private/${hidden.id}`, { name: 'renamed' }],
    ['PUT', '/pinning/hashMetadata', { ipfsPinHash: shown.cid, name: 'renamed' }],
    ['PUT', `/v3/pinata/keys/${other.pinata_api_key}`],
    ['DELETE', `/v3/api_keys/${other.pinata_api_key}`],
    ['PUT', '/users/revokeApiKey', { apiKey: other.pinata_api_key }],
    ['DELETE', `/v3/files/private/${hidden.id}`],
    ['DELETE', `/pinning/unpin/${shown.cid}`],
    ['POST', '/pinning/pinJSONToIPFS', { a: 1 }],
    ['POST', '/psa/pins', { cid: 'bafkqaaa' }],
  ] as const) {
    const { status, headers } = await ask(method, path, json)
    expect([method, path, status, headers.get('retry-after')]).toEqual([method, path, 503, '5'])
    // Neither is anything half so meanwhile.
    expect((await app.ask('GET', '/pinyon/v1/whoami', { key: other })).status).toBe(200)
  }
  // A use that cannot be written down is none.
  expect((await app.ask('GET', '/v3/files/public', { key: limited })).status).toBe(503)
  failing.mockRestore()
  await expect
    .poll(async () => (await ask('GET', '/health/ready')).body, { timeout: 60_000 })
    .toEqual({ status: 'ready' })
  expect([await files(), await states()]).toEqual(before)
  expect((await app.ask('GET', '/pinyon/v1/whoami', { key: limited })).body.key.usesLeft).toBe(5)
})

/** From now on no commit comes through, until it is restored. */
function failCommits() {
  const { step } = SqliteConnection.prototype // oxlint-disable-line unbound-method -- called with its `this` below
  const failing = vi.spyOn(SqliteConnection.prototype, 'step').mockImplementation(function (
    this: SqliteConnection,
    sql,
  ) {
    if (sql === 'commit') throw Object.assign(new Error('disk I/O error'), { errcode: 1034 })
    step.call(this, sql)
  })
  onTestFinished(() => failing.mockRestore())
  return failing
}
