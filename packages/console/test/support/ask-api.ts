import type { ReadyServer } from './console-page.ts'

/** Asks the API with the owner's key, as a program would. Throws on any answer that is not 2xx. */
export async function askApi<T>(
  { apiUrl, key }: Pick<ReadyServer, 'apiUrl' | 'key'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await fetch(`${apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${key.JWT}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
  return (answer.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : text) as T // by the row that the caller names
}
