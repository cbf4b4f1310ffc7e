import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startTestApp } from './support/app.ts'
import { upload } from './support/content.ts'

async function startWithFile() {
  const app = await startTestApp()
  onTestFinished(() => app.close())
  const key = await app.setUp()
  await upload(app, key, [['a.txt', 'kept']])
  await app.app.close()
  return { app, key, file: join(app.dataDir, 'pinyon.db') }
}

it.each([
  ['its first page', 0],
  ['what its first page says of its tables', 100],
])('a start refuses a database of which %s is damaged, and leaves it as it is', async (_what, offset) => {
  const { app, file } = await startWithFile()
  const handle = await open(file, 'r+')
  await handle.write(Buffer.alloc(400, 0xa5), 0, 400, offset)
  await handle.close()
  const before = await readFile(file)
  await expect(app.reopen()).rejects.toThrow(/^The database .*pinyon\.db is damaged .* restore BACKUP/)
  expect((await readFile(file)).equals(before)).toBe(true)
})

it('a start makes no new database beside content, and goes on when the old one is back', async () => {
  const { app, key, file } = await startWithFile()
  const kept = await readFile(file)
  await rm(file)
  const before = await readdir(app.dataDir)
  await expect(app.reopen()).rejects.toThrow(/is missing, but .*packs holds content/)
  expect(await readdir(app.dataDir)).toEqual(before)
  const handle = await open(file, 'w', 0o600)
  await handle.writeFile(kept)
  await handle.close()
  await app.reopen()
  expect((await app.ask('GET', '/v3/files/public', { key })).status).toBe(200)
})

it('a start refuses a database from before a key was revoked, and the key stays revoked', async () => {
  const { app, key, file } = await startWithFile()
  await app.reopen()
  const revoked = await app.makeKey(key, { admin: true })
  await app.app.close()
  const old = await readFile(file)
  await app.reopen()
  expect((await app.ask('PUT', `/v3/pinata/keys/${revoked.pinata_api_key}`, { key })).status).toBe(200)
  await app.app.close()
  const last = await readFile(file)
  await writeFile(file, old)
  await expect(app.reopen()).rejects.toThrow(
    /^The database is older than .*keys that were revoked since then would work/,
  )
  await writeFile(file, last)
  await app.reopen()
  expect((await app.ask('GET', '/v3/files/public', { key: revoked })).status).toBe(401)
})
