// A page as somebody else has it, on an origin of its own: bundled by the test, and driven by what it leaves on `window`.
import { useUpload } from 'pinata/react'
import { createElement, useEffect } from 'react'
import { createRoot } from 'react-dom/client'

type Hook = ReturnType<typeof useUpload>

/** What the test finds in the page. */
export interface FrontEnd {
  hook: Hook
  progress: number[]
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

function Uploader() {
  const hook = useUpload()
  useEffect(() => void Object.assign(page, { hook }))
  useEffect(() => void page.progress.push(hook.progress), [hook.progress])
  return createElement('p', null, hook.loading ? 'busy' : 'idle')
}

Object.assign(globalThis, { frontEnd: page })
createRoot(document.body).render(createElement(Uploader))
