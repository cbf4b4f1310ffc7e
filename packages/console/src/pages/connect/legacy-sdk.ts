import { keyStep, type Place, sample, type Step } from './place.ts'

/** A program with the older SDK, whose host is compiled in: a few lines loaded before it lead its requests here. */
export function legacySdkSteps(place: Place): readonly Step[] {
  const { api, gateway, form } = place
  const credentials =
    form === 'jwt'
      ? '{ pinataJWTKey: process.env.PINYON_JWT }'
      : 'process.env.PINATA_API_KEY, process.env.PINATA_API_SECRET'
  return [
    { title: 'Install', text: 'npm install @pinata/sdk' },
    keyStep(place),
    { title: 'Run', text: `./pinyon run --api ${api} --gateway ${gateway} -- node connect.mjs` },
    { title: 'Redirect', text: redirect(api) },
    {
      title: 'Test authentication',
      text: `import { Readable } from 'node:stream'
import PinataSDK from '@pinata/sdk'

const pinata = new PinataSDK(${credentials})
console.log(await pinata.testAuthentication())`,
    },
    {
      title: 'Upload',
      text: `const upload = await pinata.pinFileToIPFS(Readable.from([Buffer.from('${sample.text}\\n')]), {
  pinataMetadata: { name: '${sample.name}' },
  pinataOptions: { cidVersion: 1 },
})
console.log(upload.IpfsHash)`,
    },
    {
      title: 'List',
      text: `const list = await pinata.pinList({ status: 'pinned', pageLimit: 10 })
for (const file of list.rows) console.log(file.metadata.name, file.size, file.ipfs_pin_hash)`,
    },
    {
      title: 'Read back',
      text: `const back = await fetch(\`${gateway}/ipfs/\${upload.IpfsHash}\`)
console.log(await back.text())`,
    },
  ]
}

function redirect(api: string): string {
  return `const https = require('node:https')

const to = new URL('${api}')
const toPinata = https.request
const { request: toPinyon } = to.protocol === 'https:' ? { request: toPinata } : require('node:http')
https.request = (options, callback) => {
  if (options.hostname !== 'api.pinata.cloud') return toPinata(options, callback)
  const { protocol, hostname, port } = to
  return toPinyon({ ...options, protocol, hostname, port, host: hostname, agent: undefined }, callback)
}`
}
