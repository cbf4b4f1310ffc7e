// A program written for Pinata with its older SDK (npm `@pinata/sdk`), whose host is compiled in.
const { Readable } = require('node:stream')
const PinataSDK = require('@pinata/sdk')

const pinata =
  process.env.FORM === 'headers'
    ? new PinataSDK(process.env.PINATA_API_KEY, process.env.PINATA_API_SECRET)
    : new PinataSDK({ pinataJWTKey: process.env.PINATA_JWT })

async function main() {
  const results = {}
  const step = async (name, work) => {
    try {
      results[name] = { ok: await work() }
    } catch (error) {
      results[name] = { error: error.reason ?? error.message ?? String(error), details: error.details }
    }
  }
  await step('testAuthentication', () => pinata.testAuthentication())
  await step('pinJSONToIPFS', () =>
    pinata.pinJSONToIPFS(
      { name: 'Pinyon', edible: true },
      { pinataMetadata: { name: 'pinyon.json', keyvalues: { tree: 'pine', height: 12, evergreen: true } } },
    ),
  )
  await step('pinJSONBare', () => pinata.pinJSONToIPFS({ a: 1, b: 'two' }))
  await step('pinFileToIPFS', () =>
    pinata.pinFileToIPFS(Readable.from([Buffer.from('hello world\n')]), { pinataMetadata: { name: 'hello.txt' } }),
  )
  if (process.env.FOLDER !== undefined)
    await step('pinFromFS', () => pinata.pinFromFS(process.env.FOLDER, { pinataOptions: { cidVersion: 1 } }))
  await step('pinList', () => pinata.pinList({ status: 'pinned', pageLimit: 100 }))
  await step('pinListFiltered', () =>
    pinata.pinList({
      metadata: {
        name: 'pinyon',
        keyvalues: { tree: { value: 'p%e', op: 'like' }, height: { value: 10, secondValue: 20, op: 'between' } },
      },
    }),
  )
  await step('hashMetadata', () =>
    pinata.hashMetadata(results.pinJSONToIPFS.ok?.IpfsHash ?? process.env.CID, {
      name: 'renamed.json',
      keyvalues: { tree: null, wood: 'soft' },
    }),
  )
  await step('pinListRenamed', () => pinata.pinList({ metadata: { name: 'renamed.json' } }))
  await step('userPinnedDataTotal', () => pinata.userPinnedDataTotal())
  await step('unpin', () => pinata.unpin(results.pinJSONToIPFS.ok?.IpfsHash ?? process.env.CID))
  await step('unpinAgain', () => pinata.unpin(results.pinJSONToIPFS.ok?.IpfsHash ?? process.env.CID))
  console.log(JSON.stringify(results))
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
