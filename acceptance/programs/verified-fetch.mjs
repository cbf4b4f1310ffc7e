// npm @helia/verified-fetch with the gateway as the only place it asks: every block is held against its hash by Helia.
// Prints what came of each call as JSON.
import { createHash } from 'node:crypto'
import { fallbackRouter } from '@helia/fallback-router'
import { withHTTP } from '@helia/http'
import { createVerifiedFetch, createVerifiedFetchWithHelia } from '@helia/verified-fetch'
import * as dagCbor from '@ipld/dag-cbor'
import * as dagJson from '@ipld/dag-json'
import { createHeliaLight } from 'helia'
import * as json from 'multiformats/codecs/json'

const { GATEWAY: gateway, SITE: site, JSON_CID: data, ABSENT: absent, PRIVATE: hidden } = process.env
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex')
// Helia asks nobody else: no peers, no routers, and one provider of everything.
const helia = withHTTP(createHeliaLight({ codecs: [dagCbor, dagJson, json] }), {
  delegatedRouters: [],
  recursiveGateways: [],
  allowLocal: true,
  allowInsecure: true,
})
const { gateways } = fallbackRouter({ gateways: [gateway] })
helia.addRouter({
  name: 'the gateway',
  capabilities: () => ['findProviders'],
  async *findProviders() {
    for (const provider of gateways) yield { ...provider, protocols: ['transport-ipfs-gateway-http'] }
  },
})
await helia.start()
const verifiedFetch = await createVerifiedFetchWithHelia(helia)
// As its documentation shows it, but for peers, of whom there are none here.
const direct = await createVerifiedFetch({
  gateways: [gateway],
  routers: [],
  allowLocal: true,
  allowInsecure: true,
  libp2pConfig: { addresses: { listen: [] }, peerDiscovery: [], transports: [], services: {} },
})

/** Status, type and a digest of what an address gives. */
async function ask(path, init, by = verifiedFetch) {
  try {
    const answer = await by(path, { signal: AbortSignal.timeout(30_000), ...init })
    const bytes = new Uint8Array(await answer.arrayBuffer())
    return {
      status: answer.status,
      type: answer.headers.get('content-type'),
      size: bytes.length,
      digest: digest(bytes),
    }
  } catch (error) {
    return { error: error.name }
  }
}

const outcome = {
  direct: {
    page: await ask(`ipfs://${site}/`, {}, direct),
    big: await ask(`ipfs://${site}/media/big.bin`, {}, direct),
    none: await ask(`ipfs://${site}/none`, {}, direct),
  },
  page: await ask(`ipfs://${site}/`),
  big: await ask(`ipfs://${site}/media/big.bin`),
  range: await ask(`ipfs://${site}/media/big.bin`, { headers: { range: 'bytes=1000000-1999999' } }),
  tail: await ask(`ipfs://${site}/media/big.bin`, { headers: { range: 'bytes=-7' } }),
  many: await ask(`ipfs://${site}/many/file-1234.txt`),
  json: await ask(`ipfs://${data}`),
  head: await ask(`ipfs://${site}/media/big.bin`, { method: 'HEAD' }),
  raw: await ask(`ipfs://${site}/media/big.bin`, { headers: { accept: 'application/vnd.ipld.raw' } }),
  car: await ask(`ipfs://${site}/media`, { headers: { accept: 'application/vnd.ipld.car' } }),
  none: await ask(`ipfs://${site}/none`),
  absent: await ask(`ipfs://${absent}`),
  hidden: await ask(`ipfs://${hidden}`),
}
await verifiedFetch.stop()
await direct.stop()
console.log(JSON.stringify(outcome))
process.exit(0)
