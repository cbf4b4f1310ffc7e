import type { KeyValues, TestApp } from './app.ts'

/** Makes a name of the key's account that leads to one of its public CIDs. Answers its id. */
export async function publishedName(app: TestApp, key: KeyValues, cid: string): Promise<string> {
  const { id } = (await app.ask('POST', '/pinyon/v1/names', { key, json: { label: 'a name' } })).body
  const published = await app.ask('POST', `/pinyon/v1/names/${id}/publish`, { key, json: { cid } })
  if (published.status !== 200) throw new Error(`publishing answered ${published.status}`)
  return id
}
