import { askApi } from './ask-api.ts'
import { owner, type ReadyServer } from './console-page.ts'
import { uploadByApi } from './file-api.ts'
import { identityCid, pinByApi, unknownCid } from './pin-api.ts'

/** What would run if a page took it for more than text. */
export const harmful = `"><img src=x onerror="globalThis.harmed=true"><svg onload="globalThis.harmed=true">`
/** As long as names may be everywhere, from right to left, and without a place to break a line. */
export const rightToLeft = `שלום زمن طويل ${'W'.repeat(80)}`
const long = `${'W'.repeat(500)}زمن طويل`
let filled = 0

/** Views of pages that draw quite other things than their page does elsewhere. */
export const furtherViews = ['/files/$id of a folder', '/pins/$id of one that is lost'] as const

/** A denylist of somebody else, with texts in its name, its hints, its comments and in lines that are none. */
export function denylistOf(text: string): string {
  return `version: 1\nname: ${text}\ndescription: ${text}\nauthor: ${text}\nhints:\n  reason: ${text}\n---\n# ${text}\n/ipfs/${unknownCid()} reason=${text}\nno rule at all ${text}\n${long}\n`
}

/**
 * Puts a text, and one that is long, into every field that somebody else than the reader may fill. Answers an address of
 * every page of the map, by its path in the route table of the console. The server takes requests for accounts
 * (`PINYON_SIGNUP=request`).
 */
export async function fillPages(of: ReadyServer, text: string): Promise<Readonly<Record<string, string>>> {
  const post = <T>(path: string, body: object) => askApi<T>(of, 'POST', path, body)
  const round = ++filled
  const group = await post<{ data: { id: string } }>('/v3/groups/public', { name: text })
  const keyvalues = JSON.stringify({ [text]: text, long })
  const file = await uploadByApi(
    of,
    { [text]: '<script>globalThis.harmed=true</script>' },
    { keyvalues, group_id: group.data.id },
  )
  await uploadByApi(of, { 'long.txt': 'long' }, { name: long })
  const pin = await pinByApi(of, identityCid(`harm ${round}`), text, { keyvalues: { [text]: text } })
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
  const gateway = await post<{ data: { id: string } }>('/v3/gateways', { domain: `harmless-${round}` })
  await post('/pinyon/v1/accounts', { name: text, email: `harm-${round}@example.test` })
  const name = await post<{ id: string }>('/pinyon/v1/names', { label: text })
  await askApi(of, 'PATCH', '/pinyon/v1/account', { name: text })
  const folder = await uploadByApi(of, { [`${text}/${text}/a.txt`]: 'a', [`${text}/${text}.txt`]: 'b' })
  await post('/v3/files/sign', { expires: 600, filename: text })
  // Whose browser it is, they say themselves.
  await fetch(`${of.apiUrl}/pinyon/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': encodeURI(text).slice(0, 200) },
    body: JSON.stringify(owner),
  })
  await post('/pinyon/v1/denials', { cid: unknownCid(), reason: text })
  // Where a pin is looked for, whoever asks says; nobody is there.
  const lost = await post<{ requestid: string }>('/psa/pins', { cid: unknownCid(), name: text, origins: [text, long] })
  await post('/pinyon/v1/operator/sign-ups/links', { note: text })
  const asked = await fetch(`${of.apiUrl}/pinyon/v1/sign-up/requests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `asks-${round}@example.test`, name: text, note: `${text}${long}` }),
  })
  if (!asked.ok) throw new Error(`asking for an account answered ${asked.status}: ${await asked.text()}`)
  // Readers say themselves where they come from, and with what.
  const headers = { referer: `https://from.example/${encodeURI(text)}`, 'user-agent': encodeURI(text).slice(0, 200) }
  await (await fetch(`${of.gatewayUrl}/ipfs/${file.cid}`, { headers })).text()
  return {
    '/files': '/files',
    '/files/$id': `/files/${file.id}`,
    '/files/$id of a folder': `/files/${folder.id}`,
    '/groups': '/groups',
    '/groups/$network/$id': `/groups/public/${group.data.id}`,
    '/pins': '/pins',
    '/pins/$id': `/pins/${pin}`,
    '/pins/$id of one that is lost': `/pins/${lost.requestid}`,
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
