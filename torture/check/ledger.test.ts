import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openDatabase } from '../../packages/server/src/db/database.ts'
import { checkLedger } from './ledger.ts'

async function openEmpty() {
  const dataDir = await mkdtemp(join(tmpdir(), 'pinyon-test-'))
  await mkdir(join(dataDir, 'packs'))
  const db = await openDatabase({ kind: 'sqlite', file: join(dataDir, 'pinyon.db') }, { clock: { now: () => 1 } })
  onTestFinished(async () => {
    await db.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  return { dataDir, db }
}

/** An empty installation that knows a pack whose file is not there. */
async function openWithoutPack() {
  const { dataDir, db } = await openEmpty()
  const pack = { id: 1, name: 'a-000001', writer_id: 'a', created_at: 1, emptied_at: 1 }
  await db.write((tx) => tx.insertInto('packs').values(pack).execute())
  return { dataDir, db }
}

it('tells of a pack that is not there while blocks lie in it', async () => {
  const { dataDir, db } = await openWithoutPack()
  const block = { id: 1, multihash: Buffer.from('12'), pack_id: 1, offset: 0, length: 1 }
  await db.write((tx) => tx.insertInto('blocks').values(block).execute())
  expect(await checkLedger({ dataDir }, { all: false })).toEqual(['the pack a-000001.car is not there (I3)'])
})

it('waits until an emptied pack whose file is gone is forgotten', async () => {
  const { dataDir, db } = await openWithoutPack()
  const checked = checkLedger({ dataDir }, { all: false })
  await db.write((tx) => tx.deleteFrom('packs').where('id', '=', 1).execute())
  expect(await checked).toEqual([])
})

it('tells of a pin that waits for nothing', async () => {
  const { dataDir, db } = await openEmpty()
  const account = { id: 'a', name: 'a', email: '', created_at: 1, disabled_at: null, public_content: 'allowed' }
  const file = {
    id: 'f',
    account_id: 'a',
    network: 1,
    state: 'waiting',
    source: 'cid',
    cid: 'bafkqaaa',
    multihash: Buffer.from([0, 0]),
    codec: 0x55,
    size_bytes: 0,
    number_of_files: 0,
    mime_type: '',
    created_at: 1,
    updated_at: 1,
    pin_status: 0,
  }
  await db.write(async (tx) => {
    await tx.insertInto('accounts').values(account).execute()
    await tx.insertInto('files').values(file).execute()
  })
  const change = (set: { queued_origins?: string | null; state?: string; pin_status?: number }) =>
    db.write((tx) => tx.updateTable('files').set(set).execute())
  const check = async () => (await checkLedger({ dataDir }, { all: false })).map((wrong) => wrong.replace(/:.*/, ''))
  expect(await check()).toEqual(['a pin that waits is neither queued nor asked for, or both (I9)'])
  await change({ queued_origins: '[]' })
  expect(await check()).toEqual([])
  await change({ pin_status: 2 })
  expect(await check()).toEqual(['what does not wait is queued (I9)'])
})
