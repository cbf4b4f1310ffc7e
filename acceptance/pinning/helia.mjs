// What Helia's remote pinning does with a service, with a node that only says its addresses and counts who is dialled.
// Prints what came of each call as JSON.
import { createRemotePins } from '@helia/remote-pinning'
import { multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'

const { ENDPOINT: endpointUrl, JWT: accessToken, HELD: held, WAITING: waiting } = process.env
const dialled = []
const helia = {
  libp2p: {
    getMultiaddrs: () => [
      multiaddr('/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWJv6GkzRMgpZ5fMMmT3T4hBD6jRY8Xv8N5ZVwSwmsU2cG'),
      multiaddr('/ip4/192.168.1.7/udp/4001/quic-v1/p2p/12D3KooWJv6GkzRMgpZ5fMMmT3T4hBD6jRY8Xv8N5ZVwSwmsU2cG'),
    ],
    async dial(addresses) {
      dialled.push(...addresses.map(String))
    },
  },
}
const pins = createRemotePins(helia, { endpointUrl, accessToken })
const outcome = {}

const cid = CID.parse(held)
for await (const added of pins.add(cid, { name: 'from Helia', metadata: { app: 'helia' } }))
  outcome.added = String(added)
outcome.isPinned = await pins.isPinned(cid)
outcome.got = await pins.get(cid)
await pins.setMetadata(cid, { app: 'helia', step: '2' })
outcome.afterSetMetadata = await pins.get(cid)
outcome.found = []
for await (const { status, name, metadata } of pins.ls({ cid, meta: { step: '2' } })) {
  outcome.found.push({ status, name, metadata })
}

const signal = AbortSignal.timeout(1_500)
const slow = CID.parse(waiting)
try {
  for await (const added of pins.add(slow, { name: 'nobody has it', signal })) outcome.tooSoon = String(added)
} catch (error) {
  outcome.whileWaiting = error.name
}
outcome.waitingIsPinned = await pins.isPinned(slow)

for await (const removed of pins.rm(cid)) outcome.removed = String(removed)
outcome.isPinnedAfterwards = await pins.isPinned(cid)
outcome.getAfterwards = await pins.get(cid).then(
  () => 'found',
  (error) => error.name,
)
outcome.dialled = dialled
console.log(JSON.stringify(outcome))
