// Fetches a file from one peer, or serves one, as one way of `bench/fetch.ts`, in a process of its own so that its
// processor time is its own: `fetch-client.ts WAY ADDRESS CID SIZE DIRECTORY`. Prints a line of JSON.
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { multiaddr } from '@multiformats/multiaddr'
import { FsBlockstore } from 'blockstore-fs'
import { type Cid, formatCid, parseCid } from '../../packages/server/src/ipfs/cid.ts'
import { linksOf } from '../../packages/server/src/ipfs/links-of.ts'
import { MemoryBlocks } from '../../packages/server/src/ipfs/memory-blocks.ts'
import { openEmbeddedNode } from '../../packages/server/src/ipfs/node/embedded-node.ts'
import { openLibp2p } from '../../packages/server/src/ipfs/node/libp2p.ts'
import { openNodeKey } from '../../packages/server/src/ipfs/node/node-key.ts'
import { openLog } from '../../packages/server/src/lib/log.ts'
import { startHeliaPeer } from '../../packages/server/test/support/helia-peer.ts'

/** Blocks that are asked for at the same time, by every way. */
const atOnce = 128
const [way = '', address = '', root = '', size = '0', dir = ''] = process.argv.slice(2)
const settings = {
  network: 'local',
  listen: ['/ip4/127.0.0.1/tcp/0'],
  announce: [],
  dialPrivate: [],
  deny: [],
  gateways: [],
} as const

if (way === 'pinyon') await fetchWithPinyon()
else if (way === 'raw') await readRaw()
else if (way === 'helia-memory') await fetchWithHelia(await startHeliaPeer())
else if (way === 'helia-fs') {
  const blockstore = new FsBlockstore(dir)
  await blockstore.open()
  await fetchWithHelia(await startHeliaPeer({ blockstore }))
} else if (way === 'serve-helia') await serveWithHelia()
else throw new Error(`There is no way "${way}"`)
process.exit(0)

async function fetchWithPinyon(): Promise<void> {
  const blocks = new MemoryBlocks()
  const node = await openEmbeddedNode({
    settings,
    key: await openNodeKey(dir),
    blocks: { has: async () => false, get: async () => undefined },
    log: openLog({ level: 'silent', readable: false }),
  })
  await measure(async () => {
    const signal = AbortSignal.timeout(600_000)
    await using fetch = node.openFetch({ root: parseCid(root), origins: [address], signal })
    await walk(async (cid) => {
      const bytes = await fetch.get(cid)
      blocks.add(cid.multihash, bytes)
      return bytes
    })
  })
}

async function fetchWithHelia(helia: Awaited<ReturnType<typeof startHeliaPeer>>): Promise<void> {
  await measure(async () => {
    await helia.connect(address)
    await walk((cid) => helia.block(formatCid(cid), 600_000))
  })
}

/** What a stream of libp2p carries with nothing on it. */
async function readRaw(): Promise<void> {
  const gater = { denyDialMultiaddr: () => false }
  const libp2p = await openLibp2p({ key: await openNodeKey(dir), ...settings, gater, isPublic: false })
  await measure(async () => {
    const stream = await libp2p.dialProtocol(multiaddr(address), '/pinyon/test/raw/1')
    let left = Number(size)
    const done = Promise.withResolvers<void>()
    stream.addEventListener('message', ({ data }) => {
      left -= data.byteLength
      if (left <= 0) done.resolve()
    })
    stream.addEventListener('close', () => left > 0 && done.reject(new Error(`${left} bytes are missing`)))
    stream.send(Buffer.from(`${size}\n`))
    await done.promise
  })
}

/** Tells its address and root, and what it used when it is asked. */
async function serveWithHelia(): Promise<void> {
  const helia = await startHeliaPeer()
  const { cid, sha256 } = await addRandom(helia)
  console.log(JSON.stringify({ address: helia.addresses[0], cid, sha256 }))
  for await (const _ of createInterface(process.stdin)) {
    const { user, system } = process.cpuUsage()
    console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6 }))
  }
}

async function addRandom(helia: Awaited<ReturnType<typeof startHeliaPeer>>): Promise<{ cid: string; sha256: string }> {
  const hash = createHash('sha256')
  async function* content() {
    const piece = Buffer.alloc(1024 * 1024)
    for (let at = 0; at < Number(size); at += piece.length) {
      // Each piece another, or the file would be one block many times.
      piece.writeDoubleLE(at, 0)
      for (let part = 0; part < piece.length; part += 262_144) piece.writeDoubleLE(at + part, part)
      hash.update(piece)
      yield Uint8Array.from(piece)
    }
  }
  const cid = await helia.files.addByteStream(content())
  return { cid: cid.toString(), sha256: hash.digest('hex') }
}

async function walk(get: (cid: Cid) => Promise<Uint8Array>): Promise<void> {
  const todo: Cid[] = [parseCid(root)]
  const running = new Set<Promise<void>>()
  let bytesOfLeaves = 0
  const visit = async (cid: Cid) => {
    const bytes = await get(cid)
    const links = linksOf(cid.codec, bytes)
    if (links.length === 0) bytesOfLeaves += bytes.length
    todo.push(...links)
  }
  while (todo.length > 0 || running.size > 0) {
    while (todo.length > 0 && running.size < atOnce) {
      const cid = todo.shift()! // the loop's own condition
      const one: Promise<void> = visit(cid).finally(() => running.delete(one))
      running.add(one)
    }
    await Promise.race(running)
  }
  if (bytesOfLeaves !== Number(size)) throw new Error(`${bytesOfLeaves} bytes came of ${size}`)
}

async function measure(run: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage()
  const begun = performance.now()
  await run()
  const seconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(before)
  console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, rssMb: process.memoryUsage.rss() / 1e6 }))
}
