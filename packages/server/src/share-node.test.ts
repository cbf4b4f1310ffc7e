import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readConfig } from './config/read-config.ts'
import { openDataDir } from './data-dir.ts'
import { openOffNode } from './ipfs/node/off-node.ts'
import type { IpfsNode } from './ipfs/node/node.ts'
import { openDomain } from '../test/support/domain.ts'
import { openNodeElsewhere, takeNode, tellOfNode } from './share-node.ts'

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

const peer = {
  peerId: '12D3KooWPeer',
  address: '/ip4/192.0.2.1/tcp/1',
  direction: 'inbound',
  agent: undefined,
} as const
const running: IpfsNode = {
  kind: 'embedded',
  peerId: '12D3KooWOwn',
  network: 'public',
  listens: () => ['/ip4/127.0.0.1/tcp/5'],
  announces: () => ['/ip4/203.0.113.7/tcp/5'],
  delegates: () => ['/ip4/203.0.113.7/tcp/5/p2p/12D3KooWOwn'],
  openFetch: () => expect.unreachable(),
  announce: async () => undefined,
  withdraw: async () => undefined,
  publishRecord: async () => undefined,
  findRecord: async () => undefined,
  reachability: async () => ({ state: 'reachable', message: 'Others reach it.' }),
  peers: () => [peer],
  close: async () => undefined,
}

it('says elsewhere what the node is like that another process runs, and that it runs no more', async () => {
  const domain = await openDomain('postgres')
  const { db, log } = domain.services
  let now = 1_000_000
  const services = { db, log, clock: { now: () => now } }
  const settings = {
    network: 'local',
    listen: ['/ip4/127.0.0.1/tcp/1'],
    announce: [],
    dialPrivate: [],
    deny: [],
    gateways: [],
  } as const
  const open = () =>
    openNodeElsewhere(openOffNode(settings, { peerId: '12D3KooWOwn' }), { ...services, kind: 'embedded' })
  const before = await open()
  expect(before.delegates()).toEqual(['/ip4/127.0.0.1/tcp/1/p2p/12D3KooWOwn'])
  expect(await before.reachability()).toMatchObject({ state: 'off', message: expect.stringContaining('PINYON_ROLES') })
  await before.close()
  const telling = await tellOfNode(running, services)
  await telling.close()
  const after = await open()
  onTestFinished(() => after.close())
  expect([after.kind, after.network, after.peerId]).toEqual(['embedded', 'public', '12D3KooWOwn'])
  expect(after.listens()).toEqual(running.listens())
  expect(after.announces()).toEqual(running.announces())
  expect(after.delegates()).toEqual(running.delegates())
  expect(after.peers()).toEqual([{ ...peer, agent: undefined }])
  expect(await after.reachability()).toEqual({ state: 'reachable', message: 'Others reach it.' })
  now += 30_000
  expect(await after.reachability()).toMatchObject({ state: 'off' })
  expect([after.peers(), after.listens()]).toEqual([[], []])
})
