import { type Place, sample, type Step } from './place.ts'

/** A page with Uppy, which sends resumably over tus. */
export function uppySteps(place: Place): readonly Step[] {
  const { api, network, jwt } = place
  return [
    { title: 'Install', text: 'npm install @uppy/core @uppy/tus' },
    {
      title: 'Upload',
      text: `import Uppy from '@uppy/core'
import Tus from '@uppy/tus'

// A key that may upload and nothing else, bound to the origin of your page: whoever sees the page sees the key.
function openUppy(jwt) {
  const uppy = new Uppy().use(Tus, {
    endpoint: '${api}/v3/files',
    headers: { authorization: \`Bearer \${jwt}\` },
    allowedMetaFields: ['name', 'type', 'network', 'keyvalues'],
    retryDelays: [0, 1000, 3000, 5000],
  })
  uppy.setMeta({ network: '${network}' })
  return uppy
}`,
    },
    {
      title: 'Use it',
      text: `const uppy = openUppy('${jwt}')
uppy.on('complete', ({ successful, failed }) => {
  console.log(successful.length, 'uploaded,', failed.length, 'failed')
})
uppy.addFile({ name: '${sample.name}', type: 'text/plain', data: new Blob(['${sample.text}\\n']) })
uppy.upload()`,
    },
  ]
}
