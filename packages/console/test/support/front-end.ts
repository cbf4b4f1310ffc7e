// A page as somebody else has it, on an origin of its own: bundled by the test, and driven by what it leaves on `window`.
import Uppy from '@uppy/core'
import Tus from '@uppy/tus'
import { useUpload } from 'pinata/react'
import { createElement, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { Upload } from 'tus-js-client'

type Hook = ReturnType<typeof useUpload>

/** Sends a file with a key; resolves with its CID, and the bytes that were told as sent meanwhile. */
type Send = (file: File, apiUrl: string, jwt: string) => Promise<{ cid: string; progress: number[] }>

/** What the test finds in the page. */
export interface FrontEnd {
  hook: Hook
  progress: number[]
  tus: Send
  uppy: Send
  makeFile(sizeBytes: number): Promise<{ file: File; sha256: string }>
}

const page = { progress: [] } as unknown as FrontEnd // the rest follows

page.makeFile = async (sizeBytes) => {
  const bytes = new Uint8Array(sizeBytes)
  for (let at = 0; at < sizeBytes; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return { file: new File([bytes], 'from-a-page.bin', { type: 'application/octet-stream' }), sha256 }
}

page.tus = (file, apiUrl, jwt) =>
  new Promise((resolve, reject) => {
    const progress: number[] = []
    const upload = new Upload(file, {
      endpoint: `${apiUrl}/v3/files`,
      headers: { authorization: `Bearer ${jwt}` },
      metadata: { filename: file.name, filetype: file.type },
      chunkSize: 50 * 1024 * 1024,
      addRequestId: true,
      onProgress: (bytes) => void progress.push(bytes),
      onError: reject,
      onSuccess: ({ lastResponse }) => resolve({ cid: lastResponse.getHeader('upload-cid') ?? 'none', progress }),
    })
    upload.start()
  })

page.uppy = (file, apiUrl, jwt) =>
  new Promise((resolve, reject) => {
    const progress: number[] = []
    const uppy = new Uppy({ autoProceed: true }).use(Tus, {
      endpoint: `${apiUrl}/v3/files`,
      headers: { authorization: `Bearer ${jwt}` },
    })
    uppy.on('upload-progress', (_, { bytesUploaded }) => void progress.push(bytesUploaded))
    uppy.on('upload-error', (_, { message }) => reject(new Error(message)))
    uppy.on('upload-success', (_, { body }) => {
      const answer = body?.['xhr'] as XMLHttpRequest | undefined // what the plugin gives of its last request
      resolve({ cid: answer?.getResponseHeader('upload-cid') ?? 'none', progress })
    })
    uppy.addFile({ name: file.name, type: file.type, data: file })
  })

function Uploader() {
  const hook = useUpload()
  useEffect(() => void Object.assign(page, { hook }))
  useEffect(() => void page.progress.push(hook.progress), [hook.progress])
  return createElement('p', null, hook.loading ? 'busy' : 'idle')
}

Object.assign(globalThis, { frontEnd: page })
createRoot(document.body).render(createElement(Uploader))
