// npm @ipld/car and ipfs-unixfs-exporter over CARs of the gateway. Prints the files that came out as JSON.
import { createHash } from 'node:crypto'
import { CarBlockIterator } from '@ipld/car'
import { exporter, recursive } from 'ipfs-unixfs-exporter'
import { CID } from 'multiformats/cid'

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** The blocks of a CAR, each held against its hash, as a store. */
async function storeOf(url) {
  const answer = await fetch(url)
  const blocks = new Map()
  for await (const { cid, bytes } of await CarBlockIterator.fromIterable(answer.body)) {
    const { digest: wanted, code } = cid.multihash
    if (code === 0x12 && !Buffer.from(wanted).equals(createHash('sha256').update(bytes).digest()))
      throw new Error(`${cid.toString()} is not what it says`)
    blocks.set(Buffer.from(cid.multihash.bytes).toString('hex'), bytes)
  }
  return {
    size: blocks.size,
    async *get(cid) {
      const bytes = blocks.get(Buffer.from(cid.multihash.bytes).toString('hex'))
      if (bytes === undefined) throw new Error(`${cid.toString()} is not in it`)
      yield bytes
    },
  }
}

async function read(entry, options) {
  const pieces = []
  for await (const piece of entry.content(options)) pieces.push(piece)
  return Buffer.concat(pieces)
}

const { GATEWAY: gateway, SITE: site } = process.env
const whole = await storeOf(`${gateway}/ipfs/${site}?format=car`)
const files = {}
for await (const { cid, path } of recursive(CID.parse(site), whole)) {
  const entry = await exporter(cid, whole)
  if (entry.type !== 'directory') files[path.slice(site.length + 1)] = digest(await read(entry))
}
// A part of a file, out of the blocks of that part alone.
const part = await storeOf(`${gateway}/ipfs/${site}/media/big.bin?format=car&entity-bytes=1000000:1999999`)
const big = await exporter(`${site}/media/big.bin`, part)
const range = digest(await read(big, { offset: 1_000_000, length: 1_000_000 }))
console.log(JSON.stringify({ files, range, blocks: [whole.size, part.size] }))
