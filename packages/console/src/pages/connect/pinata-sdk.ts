import { keyStep, type Place, sample, type Step } from './place.ts'

/** A program with the official SDK, whose hosts are settings. */
export function pinataSdkSteps(place: Place): readonly Step[] {
  const { api, gateway, network } = place
  const readBack =
    network === 'public'
      ? `fetch(\`${gateway}/ipfs/\${upload.cid}\`)`
      : `fetch(\`${api}/pinyon/v1/files/\${upload.id}/content\`, {
  headers: { Authorization: \`Bearer \${process.env.PINYON_JWT}\` },
})`
  return [
    { title: 'Install', text: 'npm install pinata' },
    keyStep({ ...place, form: 'jwt' }),
    {
      title: 'Test authentication',
      text: `import { PinataSDK } from 'pinata'

const pinata = new PinataSDK({
  pinataJwt: process.env.PINYON_JWT,
  endpointUrl: '${api}/v3',
  uploadUrl: '${api}/v3',
  legacyUploadUrl: '${api}/pinning/pinFileToIPFS',
})

console.log(await pinata.testAuthentication())`,
    },
    {
      title: 'Upload',
      text: `const upload = await pinata.upload.${network}.file(new File(['${sample.text}\\n'], '${sample.name}'))
console.log(upload.id, upload.cid)`,
    },
    {
      title: 'List',
      text: `const { files } = await pinata.files.${network}.list().limit(10)
for (const file of files) console.log(file.name, file.size, file.cid)`,
    },
    { title: 'Read back', text: `const back = await ${readBack}\nconsole.log(await back.text())` },
  ]
}
