import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readConfig } from './config/read-config.ts'
import { type DataDir, holdDataDir, openDataDir } from './data-dir.ts'

async function place() {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-data-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const configOf = (url: Record<string, string>) =>
    readConfig({ PINYON_DATA_DIR: dir, ...url }, { cwd: dir, terminal: false })
  return { alone: configOf({}), shared: configOf({ PINYON_DATABASE_URL: 'postgres://127.0.0.1/d' }) }
}

it('is one process’s with SQLite', async () => {
  const { alone, shared } = await place()
  const first = await openDataDir(alone)
  await expect(openDataDir(alone)).rejects.toThrow('Another Pinyon process uses')
  expect(() => holdDataDir(shared)).toThrow('Another Pinyon process uses')
  first.release()
  const second = await openDataDir(alone)
  expect(second.writers.id).not.toBe(first.writers.id)
  second.release()
})

it('is shared with PostgreSQL, and lets one process start at a time', async () => {
  const { shared } = await place()
  const first = await openDataDir(shared)
  const waited = Promise.withResolvers<void>()
  let second: DataDir | undefined
  const opening = openDataDir(shared, () => waited.resolve()).then((dataDir) => (second = dataDir))
  await waited.promise
  expect(second).toBeUndefined()
  first.letOthersStart()
  await opening
  expect(first.writers.living()).toEqual(new Set([first.writers.id, second?.writers.id]))
  second?.letOthersStart()
  first.release()
  second?.release()
})

it('is not taken over while processes share it', async () => {
  const { alone, shared } = await place()
  const first = await openDataDir(shared)
  first.letOthersStart()
  await expect(openDataDir(alone)).rejects.toThrow('Another Pinyon process uses')
  expect(() => holdDataDir(shared)).toThrow('Another Pinyon process uses')
  first.release()
  holdDataDir(shared).release()
})

it('gives each lock of the installation to one process', async () => {
  const { shared } = await place()
  const first = await openDataDir(shared)
  first.letOthersStart()
  const second = await openDataDir(shared)
  second.letOthersStart()
  const lock = first.takeLock('reclaim')
  expect(second.takeLock('reclaim')).toBeUndefined()
  lock?.release()
  second.takeLock('reclaim')?.release()
  first.release()
  second.release()
})

it('is not begun anew where its database is gone, and keeps what is left of it', async () => {
  const { alone } = await place()
  const first = await openDataDir(alone)
  first.release()
  const log = join(alone.dataDir, 'pinyon.db-wal')
  await writeFile(log, 'what was not copied yet')
  await expect(openDataDir(alone)).rejects.toThrow(/pinyon\.db is missing, but the log .* restore BACKUP/)
  expect(await readFile(log, 'utf8')).toBe('what was not copied yet')
  await rm(log)
  await writeFile(join(first.packs, 'ledger-mark.json'), '{}')
  await writeFile(join(alone.dataDir, 'pinyon.db'), '')
  await expect(openDataDir(alone)).rejects.toThrow(/pinyon\.db is empty, but .*packs holds content/)
  await rm(join(first.packs, 'ledger-mark.json'))
  const again = await openDataDir(alone)
  again.release()
})

it('is not begun anew where a restore was not finished', async () => {
  const { alone } = await place()
  await mkdir(alone.dataDir, { recursive: true })
  const mark = join(alone.dataDir, 'restoring')
  await writeFile(mark, '')
  await expect(openDataDir(alone)).rejects.toThrow(/restore into .* was not finished. Run it again/)
  // The database comes last: with it all is there.
  await writeFile(join(alone.dataDir, 'pinyon.db'), 'x')
  const first = await openDataDir(alone)
  first.release()
})
