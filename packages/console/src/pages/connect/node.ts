import { keyStep, type Place, sample, type Step } from './place.ts'

/** A program for Node.js with axios, in its pieces. */
export function nodeSteps(place: Place): readonly Step[] {
  const { api, gateway, network, form } = place
  const headers =
    form === 'jwt'
      ? 'const headers = { Authorization: `Bearer ${process.env.PINYON_JWT}` }'
      : `const headers = {
  pinata_api_key: process.env.PINATA_API_KEY,
  pinata_secret_api_key: process.env.PINATA_API_SECRET,
}`
  const readBack =
    network === 'public'
      ? `axios.get(\`${gateway}/ipfs/\${cid}\`)`
      : 'axios.get(`${api}/pinyon/v1/files/${id}/content`, { headers, responseType: "text" })'
  return [
    { title: 'Install', text: 'npm install axios' },
    keyStep(place),
    {
      title: 'Test authentication',
      text: `import axios from 'axios'

const api = '${api}'
${headers}

const test = await axios.get(\`\${api}/data/testAuthentication\`, { headers })
console.log(test.data.message)`,
    },
    {
      title: 'Upload',
      text: `const form = new FormData()
form.append('file', new Blob(['${sample.text}\\n']), '${sample.name}')
form.append('network', '${network}')
const upload = await axios.post(\`\${api}/v3/files\`, form, { headers })
const { id, cid } = upload.data.data
console.log(id, cid)`,
    },
    {
      title: 'List',
      text: `const list = await axios.get(\`\${api}/v3/files/${network}\`, { headers, params: { limit: 10 } })
for (const file of list.data.data.files) console.log(file.name, file.size, file.cid)`,
    },
    { title: 'Read back', text: `const back = await ${readBack}\nconsole.log(back.data)` },
  ]
}
