import { expect, it, vi } from 'vitest'
import { followNetwork } from './follow-network.ts'
import type { IpfsNode } from './node.ts'
import { openOffNode } from './off-node.ts'

const quiet = { info: () => undefined, error: () => undefined }

function nodeOn(network: IpfsNode['network']) {
  const settings = { network, listen: ['/ip4/127.0.0.1/tcp/1'], announce: [], dialPrivate: [], deny: [], gateways: [] }
  const node = openOffNode(settings, { peerId: '12D3KooWSame' })
  return { ...node, close: vi.fn<() => Promise<void>>(async () => undefined) }
}

it('goes to the network that is chosen, and to none before', async () => {
  const [first, second] = [nodeOn('local'), nodeOn('public')]
  let chosen: IpfsNode['network'] | null = null
  const find = vi.fn<() => Promise<IpfsNode['network'] | null>>(async () => chosen)
  const node = followNetwork(first, { find, open: async () => second, log: quiet, everyMs: 1 })
  await vi.waitFor(() => expect(find.mock.calls.length).toBeGreaterThan(2), { timeout: 15_000 })
  expect([node.network, first.close.mock.calls.length]).toEqual(['local', 0])
  chosen = 'public'
  await vi.waitFor(() => expect(node.network).toBe('public'), { timeout: 15_000 })
  expect(first.close).toHaveBeenCalledOnce()
  await node.close()
  expect(second.close).toHaveBeenCalledOnce()
})

it('stays as it is when its own network is chosen, and asks no more', async () => {
  const first = nodeOn('local')
  const find = vi.fn<() => Promise<IpfsNode['network']>>(async () => 'local')
  const open = vi.fn<() => Promise<IpfsNode>>(async () => nodeOn('local'))
  const node = followNetwork(first, { find, open, log: quiet, everyMs: 1 })
  await vi.waitFor(() => expect(find).toHaveBeenCalled(), { timeout: 15_000 })
  await node.close()
  expect(open).not.toHaveBeenCalled()
  expect(find).toHaveBeenCalledOnce()
})

it('says when it cannot be opened there', async () => {
  const first = nodeOn('local')
  const error = vi.fn<() => void>()
  const open = async () => Promise.reject(new Error('taken'))
  const node = followNetwork(first, { find: async () => 'public', open, log: { ...quiet, error }, everyMs: 1 })
  await vi.waitFor(() => expect(error).toHaveBeenCalled(), { timeout: 15_000 })
  await node.close()
})
