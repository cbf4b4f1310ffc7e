import type { KeyValues } from './app.ts'

/** What a process answered to an upload of one public file. Throws when it is not 200. */
export async function uploadTo(
  { apiUrl }: { readonly apiUrl: string },
  key: KeyValues,
  { name, content }: { readonly name: string; readonly content: string | Uint8Array<ArrayBuffer> },
): Promise<{ id: string; cid: string }> {
  const form = new FormData()
  form.append('network', 'public')
  form.append('file', new Blob([content]), name)
  const answer = await fetch(`${apiUrl}/v3/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.JWT}` },
    body: form,
  })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`the upload of ${name} answered ${answer.status}: ${text}`)
  const { data } = JSON.parse(text) as { data: { id: string; cid: string } } // as the route answers
  return data
}
