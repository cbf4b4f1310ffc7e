import { askApi } from './ask-api.ts'
import type { ReadyServer } from './console-page.ts'
import { uploadByApi } from './file-api.ts'
import { identityCid, pinByApi, unknownCid } from './pin-api.ts'

/** What would run if a page took it for more than text. */
export const harmful = `"><img src=x onerror="globalThis.harmed=true"><svg onload="globalThis.harmed=true">`
const long = `${'W'.repeat(500)}زمن طويل`

/**
 * Puts a text, and one that is long, into every field that somebody else than the reader may fill. Answers an address of
 * every page of the map, by its path in the route table of the console.
 */
export async function fillPages(of: ReadyServer, text: string): Promise<Readonly<Record<string, string>>> {
  const post = <T>(path: string, body: object) => askApi<T>(of, 'POST', path, body)
  const group = await post<{ data: { id: string } }>('/v3/groups/public', { name: text })
  const keyvalues = JSON.stringify({ [text]: text, long })
  const file = await uploadByApi(
    of,
    { [text]: '<script>globalThis.harmed=true</script>' },
    { keyvalues, group_id: group.data.id },
  )
  await uploadByApi(of, { 'long.txt': 'long' }, { name: long })
  const pin = await pinByApi(of, identityCid('harm'), text, { keyvalues: { [text]: text } })
  await post('/v3/pinata/keys', { keyName: text, permissions: { admin: true } })
  await post('/v3/pinata/keys', {
    keyName: long.slice(0, 200),
    permissions: { endpoints: { files: { upload: true } } },
  })
  const { keys } = await askApi<{ keys: { id: string; name: string }[] }>(of, 'GET', '/pinyon/v1/keys')
  const { webhook } = await post<{ webhook: { id: string } }>('/pinyon/v1/webhooks', {
    url: 'https://shop.example.org/hooks',
    name: text,
  })
  const gateway = await post<{ data: { id: string } }>('/v3/gateways', { domain: 'harmless' })
  await post('/pinyon/v1/accounts', { name: text, email: 'harm@example.test' })
  const name = await post<{ id: string }>('/pinyon/v1/names', { label: text })
  await post('/pinyon/v1/denials', { cid: unknownCid(), reason: text })
  return {
    '/files': '/files',
    '/files/$id': `/files/${file.id}`,
    '/groups': '/groups',
    '/groups/$network/$id': `/groups/public/${group.data.id}`,
    '/pins': '/pins',
    '/pins/$id': `/pins/${pin}`,
    '/links': '/links',
    '/gateways': '/gateways',
    '/gateways/$id': `/gateways/${gateway.data.id}`,
    '/keys': '/keys',
    '/keys/new': '/keys/new',
    '/keys/$id': `/keys/${keys.find(({ name }) => name === text)?.id}`,
    '/connect': '/connect',
    '/webhooks': '/webhooks',
    '/webhooks/$id': `/webhooks/${webhook.id}`,
    '/usage': '/usage',
    '/audit': '/audit',
    '/account': '/account',
    '/node': '/node',
    '/operator': '/operator',
    '/operator/health': '/operator/health',
    '/names': '/names',
    '/names/$id': `/names/${name.id}`,
  }
}
