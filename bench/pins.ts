// Pins: how many requests are accepted a second (16 clients, 8 accounts), alone and in the long run, and lists of one
// account with 1,000,000 pins on both databases: `npm run bench pins [accept] [fill=1000000] [lists]`. `fill` accepts so
// many, in some four minutes. The lists take some six, most of them to make the pins.
//
// PSA_PEER=http://127.0.0.1:9097 PSA_PEER_AUTH='Basic ...' accepts at another pinning service as well (IPFS Cluster's,
// say), in turn with ours. Of Cluster 1.1.6 as it comes, the consensus `raft` syncs before it answers, about once a pin;
// `crdt` (Pebble, Badger3) syncs nothing for an answer, unless Badger3 has "sync_writes": true in service.json. It is
// slower with a Kubo that refuses what it asks for at once (`ipfs daemon --offline`), faster with one that looks for it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureAcceptance, measureFilling } from './support/accept-pins.ts'
import { measureLists } from './support/list-pins.ts'

const words = process.argv.slice(2).filter((argument) => !argument.startsWith('/'))
const unknown = words.find((word) => !/^(accept|lists|fill=[1-9]\d*)$/.test(word))
if (unknown !== undefined) throw new Error(`What is ${unknown}? There are accept, fill=1000000 and lists.`)
const filled = words.find((word) => word.startsWith('fill='))?.slice('fill='.length)
const place = await mkdtemp(
  join(process.argv.slice(2).find((argument) => argument.startsWith('/')) ?? tmpdir(), 'pinyon-bench-'),
)
try {
  if (words.length === 0 || words.includes('accept')) await measureAcceptance(place)
  if (filled !== undefined) await measureFilling(place, Number(filled))
  if (words.length === 0 || words.includes('lists')) await measureLists(place)
} finally {
  await rm(place, { recursive: true })
}
