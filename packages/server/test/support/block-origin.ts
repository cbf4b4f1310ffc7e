import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { formatCid, parseCid } from '../../src/ipfs/cid.ts'
import { MemoryBlocks } from '../../src/ipfs/memory-blocks.ts'
import type { SampleDag } from '../../src/ipfs/sample-dags.ts'

/** A trustless gateway that has the blocks it is given, and does with each request what a test says. */
export class BlockOrigin {
  readonly blocks = new MemoryBlocks()
  /** CIDs asked for, in order, as version 1 with the codec that was asked for. */
  readonly asked: string[] = []
  /** What becomes of a block that is not here: said at once, or when `release` is called. */
  absent: 'said' | 'hangs' = 'said'
  readonly #hanging: ServerResponse[] = []
  /** Wrong bytes instead of right ones. */
  lies = false
  /** Awaited before an answer. */
  before: (cid: string) => Promise<void> | void = () => undefined
  readonly #server = createServer((request, response) => void this.#answer(request.url ?? '', response))

  /** Listens on a free port of loopback. */
  static async start(): Promise<BlockOrigin> {
    const origin = new BlockOrigin()
    origin.#server.listen(0, '127.0.0.1')
    await once(origin.#server, 'listening')
    return origin
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}` // it listens on TCP
  }

  /** Has these blocks from now on. The root as text. */
  add({ root, blocks }: Pick<SampleDag, 'root' | 'blocks'>): string {
    for (const { multihash, bytes } of blocks) this.blocks.add(multihash, bytes)
    return formatCid({ ...root, version: 1 })
  }

  /** Says of all that hangs that it is not here, and of what is asked for from now on. */
  release(): void {
    this.absent = 'said'
    for (const response of this.#hanging.splice(0)) response.writeHead(404).end()
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    const cid = /^\/ipfs\/(\w+)\?format=raw$/.exec(url)?.[1] ?? ''
    this.asked.push(cid)
    await this.before(cid)
    const bytes = this.blocks.get(parseCid(cid).multihash)
    if (bytes === undefined) {
      if (this.absent === 'said') response.writeHead(404).end()
      else this.#hanging.push(response)
      return
    }
    const sent = this.lies ? Buffer.alloc(bytes.length + 1, 'lie') : bytes
    response.writeHead(200, { 'content-type': 'application/vnd.ipld.raw', 'content-length': sent.length }).end(sent)
  }
}
