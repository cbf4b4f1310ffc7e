import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { formatCid, parseCid } from '../cid.ts'
import { sha256Multihash } from '../multihash.ts'
import type { IpfsNode } from './node.ts'

/** Where a node of the suite keeps its key. */
export interface NodePlace {
  readonly keys: string
  /** Trustless gateways that the operator named. */
  readonly gateways?: readonly string[]
}

/** What every node promises, whether there is a network or not. */
export function nodeSuite(openNode: (place: NodePlace) => Promise<IpfsNode>): void {
  describe('every node', () => {
    it('keeps its peer id over restarts, in a file of its own', async () => {
      const keys = await mkdtemp(join(tmpdir(), 'pinyon-node-'))
      onTestFinished(() => rm(keys, { recursive: true }))
      const first = await openNode({ keys })
      await first.close()
      const second = await openNode({ keys })
      onTestFinished(() => second.close())
      expect(second.peerId).toBe(first.peerId)
      expect(first.peerId).toMatch(/^12D3KooW\w{44}$/)
      expect((await stat(join(keys, 'ipfs-node.pem'))).mode & 0o777).toBe(0o600)
      const other = await openAnywhere(openNode)
      expect(other.peerId).not.toBe(first.peerId)
    })

    it('gives clients 1 to 20 addresses that end in its peer id', async () => {
      const node = await openAnywhere(openNode)
      const delegates = node.delegates()
      expect(delegates.length).toBeGreaterThan(0)
      expect(delegates.length).toBeLessThanOrEqual(20)
      for (const address of delegates) expect(address).toMatch(new RegExp(`^/ip4/.*/p2p/${node.peerId}$`))
    })

    it.each([
      ['identity', 'bafkqac3imvwgy3zao5xxe3de', 'hello world'],
      ['empty identity', 'bafkqaaa', ''],
      ['empty sha2-256', 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku', ''],
      ['empty dag-pb, version 0', 'QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n', ''],
    ])('knows the block of a CID that says what it is: %s', async (_, text, content) => {
      const node = await openAnywhere(openNode)
      await using fetch = node.openFetch({ root: parseCid(text), origins: [], signal: AbortSignal.timeout(10_000) })
      expect(Buffer.from(await fetch.get(parseCid(text))).toString()).toBe(content)
    })

    it('gets blocks from a gateway that the operator named, and from an HTTP origin only where it may', async () => {
      const content = Buffer.from('from a gateway')
      const asked: string[] = []
      const server = createServer((request, response) => {
        asked.push(`${request.url} ${request.headers.accept}`)
        response.end(content)
      }).listen(0, '127.0.0.1')
      onTestFinished(() => void server.close())
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo // it listens on TCP
      const cid = { version: 1, codec: 0x55, multihash: sha256Multihash([content]) } as const
      const signal = AbortSignal.timeout(10_000)
      const gateways = [`http://127.0.0.1:${port}`]
      const named = await openAnywhere((place) => openNode({ ...place, gateways }))
      await using fetch = named.openFetch({ root: cid, origins: [], signal })
      expect(Buffer.from(await fetch.get(cid))).toEqual(content)
      expect(fetch.tried).toEqual([{ source: gateways[0], outcome: 'gave', blocks: 1 }])
      expect(asked).toEqual([`/ipfs/${formatCid(cid)}?format=raw application/vnd.ipld.raw`])

      const plain = await openAnywhere(openNode)
      const stop = new AbortController()
      await using refused = plain.openFetch({
        root: cid,
        origins: [`/ip4/127.0.0.1/tcp/${port}/http`],
        signal: stop.signal,
      })
      const waiting = refused.get(cid)
      await expect.poll(() => refused.tried[0]?.outcome).toBe('refused')
      stop.abort(new Error('enough'))
      await expect(waiting).rejects.toThrow()
      expect(asked).toHaveLength(1)
    })

    it('stops waiting when it is told to', async () => {
      const node = await openAnywhere(openNode)
      const stop = new AbortController()
      const cid = { version: 1, codec: 0x55, multihash: sha256Multihash([Buffer.from('nobody has this')]) } as const
      await using fetch = node.openFetch({ root: cid, origins: [], signal: stop.signal })
      stop.abort(new Error('enough'))
      await expect(fetch.get(cid)).rejects.toThrow('enough')
    })
  })
}

async function openAnywhere(openNode: (place: NodePlace) => Promise<IpfsNode>): Promise<IpfsNode> {
  const keys = await mkdtemp(join(tmpdir(), 'pinyon-node-'))
  onTestFinished(() => rm(keys, { recursive: true }))
  const node = await openNode({ keys })
  onTestFinished(() => node.close())
  return node
}
