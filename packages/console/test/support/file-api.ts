import type { ReadyServer } from './console-page.ts'

/** What the API answers about a file. */
export interface ApiFile {
  readonly id: string
  readonly name: string
  readonly cid: string
  readonly size: number
  readonly number_of_files: number
  readonly network: 'public' | 'private'
  readonly keyvalues: Readonly<Record<string, string>>
}

/** Uploads by the API, beside the browser: one file, or a folder of several parts. */
export async function uploadByApi(
  { apiUrl, key }: ReadyServer,
  files: Readonly<Record<string, string | Uint8Array>>,
  fields: Readonly<Record<string, string>> = {},
): Promise<ApiFile> {
  const form = new FormData()
  for (const [name, value] of Object.entries({ network: 'public', ...fields })) form.append(name, value)
  for (const [path, content] of Object.entries(files))
    form.append('file', new Blob([typeof content === 'string' ? content : Uint8Array.from(content)]), path)
  const headers = { authorization: `Bearer ${key.JWT}` }
  const answer = await fetch(`${apiUrl}/v3/files`, { method: 'POST', headers, body: form })
  if (!answer.ok) throw new Error(`uploading answered ${answer.status}: ${await answer.text()}`)
  return ((await answer.json()) as { data: ApiFile }).data // what an upload answers
}

/** All files of a network whose name holds a text, by the API. */
export async function listByApi({ apiUrl, key }: ReadyServer, network: string, name = ''): Promise<ApiFile[]> {
  const query = new URLSearchParams({ limit: '1000', ...(name === '' ? {} : { name }) })
  const answer = await fetch(`${apiUrl}/v3/files/${network}?${query.toString()}`, {
    headers: { authorization: `Bearer ${key.JWT}` },
  })
  return ((await answer.json()) as { data: { files: ApiFile[] } }).data.files // what a list answers
}
