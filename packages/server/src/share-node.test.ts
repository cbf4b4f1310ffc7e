import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readConfig } from './config.ts'
import { openDataDir } from './data-dir.ts'
import { takeNode } from './share-node.ts'

it('lets one process of an installation run its node, and the next when that one has ended', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-node-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const env = { PINYON_DATA_DIR: dir, PINYON_DATABASE_URL: 'postgres://127.0.0.1/d' }
  const config = readConfig(env, { cwd: dir, terminal: false })
  const embedded = { ...config, ipfs: { ...config.ipfs, kind: 'embedded' } } as const
  const dataDir = await openDataDir(config)
  onTestFinished(() => dataDir.release())
  const lock = takeNode(embedded, dataDir)
  expect(() => takeNode(embedded, dataDir)).toThrow(/PINYON_ROLES.*node.*one at a time/)
  expect(takeNode({ ...embedded, roles: ['api'] }, dataDir)).toBeUndefined()
  // Without a network there is nothing to be taken for another.
  expect(takeNode({ ...embedded, ipfs: { ...config.ipfs, kind: 'off' } }, dataDir)).toBeUndefined()
  lock?.release()
  takeNode(embedded, dataDir)?.release()
})
