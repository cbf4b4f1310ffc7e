import { readFile } from 'node:fs/promises'
import type { ReadyServer } from '../test/support/console-page.ts'

/** What was made, for the addresses of pages that show one thing. */
export interface Samples {
  readonly photoId: string
  readonly textId: string
  readonly folderId: string
  readonly keyId: string
  readonly groupId: string
  readonly webhookId: string
  readonly gatewayId: string
  /** A name that was published, and rolled back. */
  readonly nameId: string
  /** Of an invite that waits. */
  readonly inviteToken: string
}

/** What is read of the answers below. */
interface Answered {
  readonly id: string
  readonly JWT: string
  readonly pinata_api_key: string
  readonly keys: readonly { readonly id: string }[]
  readonly invite: { readonly token: string }
  readonly webhook: { readonly id: string }
  readonly data: { readonly id: string; readonly cid: string }
}

/** Fills a new server with what a small team might have: files of several kinds, keys in every state, accounts, invites. */
export async function seedSamples({ apiUrl, key }: ReadyServer): Promise<Samples> {
  const ask = async (method: string, path: string, body?: unknown): Promise<Answered> => {
    const answer = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${key.JWT}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as Answered // by the rows asked below
  }
  const upload = async (
    name: string,
    bytes: Uint8Array | string,
    fields: Record<string, string> = {},
    beside: Record<string, Uint8Array | string> = {},
  ) => {
    const form = new FormData()
    for (const [field, value] of Object.entries(fields)) form.append(field, value)
    for (const [path, content] of Object.entries({ [name]: bytes, ...beside }))
      form.append('file', new Blob([typeof content === 'string' ? content : Uint8Array.from(content)]), path)
    const answer = await fetch(`${apiUrl}/v3/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.JWT}` },
      body: form,
    })
    if (!answer.ok) throw new Error(`uploading ${name} answered ${answer.status}: ${await answer.text()}`)
    return ((await answer.json()) as { data: { id: string } }).data.id // what an upload answers
  }
  const photo = await readFile(new URL('../../../acceptance/programs/pines.jpg', import.meta.url))
  const publicly = { network: 'public' }
  await ask('POST', '/v3/groups/public', { name: 'Website' })
  const { data: cones } = await ask('POST', '/v3/groups/public', { name: 'Cones of 2026' })
  for (let edition = 1; edition <= 24; edition++) {
    const metadata = JSON.stringify({ name: `Cone #${edition}`, image: 'ipfs://bafy', edition }, undefined, 2)
    await upload(`cone-${edition}.json`, metadata, {
      ...publicly,
      group_id: cones.id,
      keyvalues: JSON.stringify({ collection: 'cones', edition: `${edition}` }),
    })
  }
  await upload('Verträge und Anhänge 2026, unterschrieben, endgültige Fassung (2).txt', 'Vertraulich.\n')
  const textId = await upload('board-minutes.md', '# Minutes\n\nNothing leaves this room.\n', {
    keyvalues: JSON.stringify({ team: 'board' }),
  })
  const folderId = await upload('site/index.html', '<h1>Pines</h1>', publicly, {
    'site/style.css': 'h1 { color: darkgreen }',
    'site/pictures/pines.jpg': photo,
    'site/About us, and what we do.md': '# About us',
  })
  const photoId = await upload('pines.jpg', photo, { ...publicly, keyvalues: JSON.stringify({ collection: 'forest' }) })
  const gateway = 'http://127.0.0.1:8480'
  const { data: minutes } = await ask('GET', `/v3/files/private/${textId}`)
  const share = { url: `${gateway}/files/${minutes.cid}`, method: 'GET' }
  await ask('POST', '/v3/files/private/download_link', { ...share, expires: 7 * 86_400, max_uses: 5 })
  await ask('POST', '/v3/files/private/download_link', { ...share, expires: 10, date: 1_770_000_000 })
  await ask('POST', '/v3/files/sign', { expires: 3_600, max_file_size: 10_485_760, allow_mime_types: ['image/*'] })
  const makeKey = (keyName: string, more: object) => ask('POST', '/v3/pinata/keys', { keyName, ...more })
  const uploadOnly = { endpoints: { files: { upload: true }, pinning: { pinFileToIPFS: true } } }
  const ciKey = await makeKey('ci upload', { permissions: uploadOnly, maxUses: 500, bounds: { types: ['image/*'] } })
  const ciId = (await ask('GET', '/pinyon/v1/keys?name=ci%20upload')).keys[0]?.id ?? ''
  const child = { permissions: { endpoints: { files: { upload: true } } } }
  await ask('POST', `/pinyon/v1/keys/${ciId}/children`, { keyName: 'branch builds', ...child, bounds: { own: true } })
  await ask('POST', `/pinyon/v1/keys/${ciId}/children`, {
    keyName: 'nightly',
    ...child,
    maxUses: 20,
    expiresIn: 86_400,
  })
  await fetch(`${apiUrl}/data/pinList`, { headers: { authorization: `Bearer ${ciKey.JWT}` } })
  await makeKey('gateway reader', { permissions: { resources: ['org:files:read'] }, expiresIn: 3 * 86_400 })
  await makeKey('night import', { permissions: { admin: true }, expiresIn: 365 * 86_400 })
  const old = await makeKey('old laptop', { permissions: { admin: true } })
  await ask('PUT', `/v3/pinata/keys/${old.pinata_api_key}`)
  const once = await makeKey('once', { permissions: { endpoints: { data: { pinList: true } } }, maxUses: 1 })
  await fetch(`${apiUrl}/data/pinList`, { headers: { authorization: `Bearer ${once.JWT}` } })
  const { invite } = await ask('POST', '/pinyon/v1/members', { email: 'ana@example.test', role: 'member' })
  const joining = await ask('POST', '/pinyon/v1/members', { email: 'mio@example.test', role: 'member' })
  await ask('POST', '/pinyon/v1/invites/accept', { token: joining.invite.token, password: 'another horse battery' })
  await ask('POST', '/pinyon/v1/accounts', {
    name: 'Larch Studio',
    email: 'studio@example.test',
    quotaBytes: 10 * 1024 ** 3,
  })
  const webhookId = (
    await ask('POST', '/pinyon/v1/webhooks', {
      url: 'https://shop.example.org/hooks/pinyon',
      name: 'shop',
      kinds: ['ipfs.public.file_added', 'quota.near', 'quota.reached'],
    })
  ).webhook.id
  const gatewayId = (await ask('POST', '/v3/gateways', { domain: 'pine-gallery' })).data.id
  await ask('POST', `/v3/gateways/${gatewayId}/access_tokens`)
  await ask('POST', `/v3/gateways/${gatewayId}/hosts`, { host: 'https://gallery.example.org' })
  await ask('POST', `/v3/gateways/${gatewayId}/custom_domain`, { domain: 'ipfs.example.org' })
  const nameId = (await ask('POST', '/pinyon/v1/names', { label: 'pines.example.org' })).id
  const publish = (id: string, fileId: string) => ask('POST', `/pinyon/v1/names/${id}/publish`, { fileId })
  await publish(nameId, folderId)
  await publish(nameId, photoId)
  await ask('POST', `/pinyon/v1/names/${nameId}/rollback`, { sequence: 1 })
  await ask('POST', '/pinyon/v1/names', { label: 'next edition' })
  const lost = (await ask('POST', '/pinyon/v1/names', { label: 'old catalogue' })).id
  const cid = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
  await ask('POST', `/pinyon/v1/names/${lost}/publish`, { cid, confirm: true })
  const { keys } = await ask('GET', '/pinyon/v1/keys?name=ci')
  const [ci] = keys
  if (ci === undefined) throw new Error('the sample keys are not there')
  return {
    photoId,
    textId,
    folderId,
    keyId: ci.id,
    groupId: cones.id,
    webhookId,
    gatewayId,
    nameId,
    inviteToken: invite.token,
  }
}
