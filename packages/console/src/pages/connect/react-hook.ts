import { keyStep, type Place, type Step } from './place.ts'

/** A page with the hook of Pinata's SDK: a server of yours makes the link, the page sends the file. */
export function reactHookSteps(place: Place): readonly Step[] {
  const { api, network } = place
  return [
    { title: 'Install', text: 'npm install pinata react' },
    keyStep({ ...place, form: 'jwt' }),
    {
      title: 'On your server: a link for one upload',
      text: `export async function makeUploadLink() {
  const answer = await fetch('${api}/v3/files/sign', {
    method: 'POST',
    headers: { authorization: \`Bearer \${process.env.PINYON_JWT}\`, 'content-type': 'application/json' },
    body: JSON.stringify({ expires: 300, max_file_size: 100_000_000, network: '${network}' }),
  })
  if (!answer.ok) throw new Error(await answer.text())
  return (await answer.json()).data
}`,
    },
    {
      title: 'In the page',
      text: `import { useUpload } from 'pinata/react'

export function UploadField({ makeUploadLink }) {
  const { upload, progress, loading, error, uploadResponse, pause, resume } = useUpload()
  const send = async (file) => upload(file, '${network}', await makeUploadLink())
  return (
    <>
      <input type="file" onChange={({ target }) => target.files[0] && send(target.files[0])} />
      {loading && <progress value={progress} max={100} />}
      {error && <p role="alert">{error.message}</p>}
      {uploadResponse && <p>Uploaded</p>}
    </>
  )
}`,
    },
  ]
}
