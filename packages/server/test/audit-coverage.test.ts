import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Route } from '@pinyon/contract/route.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import { expect, it, onTestFinished } from 'vitest'
import { makePasswordReset } from '../src/accounts/change-password.ts'
import { codeOfStep, stepAt } from '../src/accounts/totp-code.ts'
import { startTestApp, type Ask } from './support/app.ts'
import { fromBase32 } from './support/base32.ts'
import { upload } from './support/content.ts'
import { TestClock } from './support/domain.ts'
import { nothingFetched, PsaClient, unknownCid } from './support/pins.ts'
import { ownerPassword, signInAs } from './support/sign-in.ts'

/** What writes and leaves no line, and why that is enough. */
const without: Readonly<Record<string, string>> = {
  ...reasonFor(
    'the file is the record: it says when and with which key it was made, and ends with a line',
    'pinFileToIPFS pinJSONToIPFS filesUpload filesUploadByLink pinByHash pinByCid psaAdd bulkPin pinsRetry bulkRetryPins ' +
      'uploadsAppend uploadsEnd linkUploadsAppend linkUploadsEnd ' +
      'folderUploadsCreate folderUploadsEnd folderUploadsFiles folderUploadsFinish',
  ),
  ...reasonFor(
    'names and places of files, told as events; who may read them does not change',
    'hashMetadata filesUpdate groupsAddFile groupsRemoveFile legacyGroupsAddCids legacyGroupsRemoveCids hashPinPolicy ' +
      'bulkMove bulkUpdate bulkCancel',
  ),
  ...reasonFor('each file that it ends has its line', 'bulkUnpin bulkRemovePins'),
  ...reasonFor('deliveries are their own record', 'webhooksResend webhooksTest'),
  ...reasonFor('changes nothing', 'inviteLook signUpLook totpBegin gatewaysTryAccess'),
  ...reasonFor(
    'answers 501',
    'vectorsAdd vectorsDelete vectorsQuery x402AddCid x402Create x402Delete x402RemoveCid x402Update',
  ),
}

/** What is asked in other tests, which look for this line. */
const elsewhere: Readonly<Record<string, readonly [file: string, action: string]>> = {
  signatureAdd: ['swaps-and-signatures.test.ts', 'signature.added'],
  signatureRemove: ['swaps-and-signatures.test.ts', 'signature.'],
  filesImport: ['imports.test.ts', 'file.imported'],
  gatewaysCheckDomain: ['gateway-domains.test.ts', 'gateway.domain_proven'],
}

function reasonFor(reason: string, rows: string): Record<string, string> {
  return Object.fromEntries(rows.split(' ').map((id) => [id, reason]))
}

it('every row that writes leaves a line in the audit log, or is known not to', { timeout: 240_000 }, async () => {
  const clock = new TestClock()
  const app = await startTestApp({
    clock,
    env: { ...nothingFetched, PINYON_RATE_LIMITS: 'off', PINYON_SIGNUP: 'request' },
  })
  onTestFinished(() => app.close())
  const seen = new Map<string, string[]>()
  const lines = () => app.services.db.read.selectFrom('audit').selectAll().orderBy('id').execute()
  const actionsOf = (some: Awaited<ReturnType<typeof lines>>) => some.map(({ action }) => action)
  const key = await app.setUp()
  seen.set('setUp', actionsOf(await lines()))
  const pass = { key }

  /** Asks a row, and notes which lines that left. */
  async function did(id: string, params: Record<string, string> = {}, json?: unknown, ask: Ask = pass) {
    const row = routeList.find((each) => each.id === id)
    if (row === undefined) throw new Error(`there is no row ${id}`)
    const before = await lines()
    const path = row.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? 'public'))
    const answer = await app.ask(row.method, path, { ...ask, ...(json === undefined ? {} : { json }) })
    expect([id, answer.status < 300, answer.status < 300 ? '' : JSON.stringify(answer.body)]).toEqual([id, true, ''])
    const left = (await lines()).slice(before.length)
    seen.set(id, actionsOf(left))
    for (const line of left) {
      expect([id, line]).toEqual([
        id,
        expect.objectContaining({
          at: clock.now(),
          actor_kind: expect.stringMatching(/^(user|key|operator|anonymous)$/),
          address: '127.0.0.1',
          request_id: answer.headers.get('x-request-id'),
          result: 'ok',
        }),
      ])
      // Who it was is left open only where nobody had said so yet.
      if (line.actor_kind !== 'anonymous')
        expect([id, line.action, typeof line.actor_id]).toEqual([id, line.action, 'string'])
    }
    return answer
  }

  // Keys.
  const permissions = { admin: true }
  const made = [
    (await did('generateApiKey', {}, { keyName: 'a', permissions })).body,
    (await did('keysCreate', {}, { keyName: 'b', permissions })).body,
    (await app.ask('POST', '/v3/pinata/keys', { key, json: { keyName: 'c', permissions } })).body,
  ].map(({ pinata_api_key: publicPart }) => String(publicPart))
  const { keys } = (await app.ask('GET', '/pinyon/v1/keys', { key })).body
  const idOf = (publicPart: string | undefined) =>
    keys.find((each: { publicPart: string }) => each.publicPart === publicPart).id
  await did('keysRegenerate', { id: idOf(made[0]) }, { overlapSeconds: 1 })
  await did(
    'keysCreateChild',
    { id: idOf(key.pinata_api_key) },
    { keyName: 'child', permissions: { resources: ['org:files:read'] } },
  )
  await did('revokeApiKey', {}, { apiKey: made[0] })
  await did('keysRevoke', { key: made[1] ?? '' })
  await did('keysDelete', { key: made[2] ?? '' })
  // Files, groups, links.
  const file = async (name: string, network = 'public') => upload(app, key, [[name, name]], { network })
  const [shown, hidden] = [await file('shown'), await file('hidden', 'private')]
  await did('filesDelete', { network: 'public', id: (await file('gone')).id })
  await did('swapSet', { network: 'public', cid: shown.cid }, { swap_cid: (await file('other')).cid })
  await did('swapRemove', { network: 'public', cid: shown.cid })
  await did('unpin', { cid: (await file('unpinned')).cid })
  const psa = new PsaClient(app, key)
  const waiting = await psa.add({ cid: unknownCid() })
  const replaced = await did('psaReplace', { requestid: waiting.requestid }, { cid: unknownCid() })
  await did('psaRemove', { requestid: replaced.body.requestid })
  await did('pinByCidDelete', { id: (await psa.add({ cid: unknownCid() })).requestid })
  await did('userPinPolicy', {}, { newPinPolicy: { regions: [{ id: 'FRA1', desiredReplicationCount: 1 }] } })
  const { id: group } = (await did('groupsCreate', { network: 'public' }, { name: 'g', is_public: false })).body.data
  await did('groupsUpdate', { network: 'public', id: group }, { name: 'h' })
  await did('groupsDelete', { network: 'public', id: group })
  const legacy = (await did('legacyGroupsCreate', {}, { name: 'g' })).body
  await did('legacyGroupsUpdate', { id: legacy.id }, { name: 'h' })
  await did('legacyGroupsDelete', { id: legacy.id })
  // Links of an hour and less are made by the thousand, and leave no line.
  await did('filesSign', {}, { expires: 90_000, date: Math.floor(clock.now() / 1_000) })
  const url = `${app.gatewayUrl}/files/${hidden.cid}`
  const link = await did(
    'downloadLink',
    {},
    { url, expires: 90_000, date: Math.floor(clock.now() / 1_000), method: 'GET' },
  )
  await did('linksRevoke', { id: new URL(link.body.data).searchParams.get('X-Link') ?? '' })
  // Gateways and webhooks.
  const gateway = (await did('gatewaysCreate', {}, { domain: 'pines' })).body.data.id
  const domain = await did('gatewaysAddDomain', { id: gateway }, { domain: 'ipfs.example.test' })
  await did('gatewaysRemoveDomain', { id: gateway, customDomainId: String(domain.body.data.custom_domain_id) })
  for (const [add, remove, json] of [
    ['gatewaysAddToken', 'gatewaysRemoveToken', undefined],
    ['gatewaysAddIp', 'gatewaysRemoveIp', { ip: '192.0.2.7' }],
    ['gatewaysAddHost', 'gatewaysRemoveHost', { host: 'https://app.example.test' }],
  ] as const) {
    const { data } = (await did(add, { id: gateway }, json)).body
    await did(remove, { id: gateway, restrictionId: String(data.id) })
  }
  await did('gatewaysSetRules', { id: gateway }, { html: 'refuse' })
  await did('gatewayPluginsAdd', { gatewayId: gateway }, { plugin_id: 2 })
  await did('gatewayPluginsRemove', { gatewayId: gateway, pluginId: '2' })
  await did('gatewaysDelete', { id: gateway })
  const hook = (await did('webhooksCreate', {}, { url: 'https://hooks.example.test/', name: 'n' })).body.webhook.id
  await did('webhooksUpdate', { id: hook }, { name: 'm' })
  await did('webhooksRotateSecret', { id: hook }, {})
  await did('webhooksDelete', { id: hook })
  // Names.
  const name = (await did('namesCreate', {}, { label: 'site' })).body
  await did('namesPublish', { id: name.id }, { cid: 'bafkqaaa' })
  await did('namesRollback', { id: name.id }, { sequence: 1 })
  await did('namesUpdate', { id: name.id }, { label: 'home' })
  const nameKey = (await did('namesExport', { id: name.id }, {})).body.protobuf
  await did('namesDelete', { id: name.id })
  await did('namesImport', {}, { label: 'home', key: nameKey })
  // People and accounts.
  await did('accountUpdate', {}, { name: 'Grove' })
  const { token: bens } = (await did('membersInvite', {}, { email: 'ben@example.test', role: 'owner' })).body.invite
  await did('inviteAccept', {}, { token: bens, password: ownerPassword }, {})
  const { members } = (await app.ask('GET', '/pinyon/v1/members', { key })).body
  const ben = members.find(({ email }: { email: string }) => email === 'ben@example.test').userId
  await did('membersUpdate', { userId: ben }, { role: 'member' })
  await did('membersInvite', {}, { email: 'cia@example.test' })
  const { invites } = (await app.ask('GET', '/pinyon/v1/members', { key })).body
  await did('inviteWithdraw', { id: invites[0].id })
  const other = (await did('accountsCreate', {}, { name: 'other', email: 'ben@example.test' })).body
  await app.ask('POST', '/pinyon/v1/invites/accept', { json: { token: other.invite.token, password: ownerPassword } })
  const signedIn = await did('signIn', {}, { email: 'ben@example.test', password: ownerPassword }, {})
  const headers = { cookie: String(signedIn.headers.get('set-cookie')).split(';')[0] ?? '', origin: app.apiUrl }
  const browser = { headers }
  await did('switchAccount', {}, { accountId: other.account.id }, browser)
  const second = await signInAs(app, 'ben@example.test', ownerPassword)
  await did('sessionEnd', { id: second.sessionId }, undefined, browser)
  const { secret } = (await did('totpBegin', {}, { password: ownerPassword }, browser)).body
  const code = () => {
    clock.move(60_000)
    return codeOfStep(fromBase32(secret), stepAt(clock.now()))
  }
  await did('totpConfirm', {}, { code: code() }, browser)
  await did('totpRecoveryCodes', {}, { password: ownerPassword, code: code() }, browser)
  await did('totpOff', {}, { password: ownerPassword, code: code() }, browser)
  await did('passwordChange', {}, { currentPassword: ownerPassword, newPassword: 'one more password' }, browser)
  await did('signOut', {}, undefined, browser)
  const reset = await makePasswordReset(app.services, 'ben@example.test')
  await did('passwordReset', {}, { token: reset.token, password: ownerPassword }, {})
  await did('membersRemove', { userId: ben })
  await did('accountsUpdate', { id: other.account.id }, { quotaBytes: 5 })
  // Joining, and what is the operator's.
  const joining = (await did('signUpLinksMake', {}, { maxUses: 2 })).body
  await did('signUpJoin', {}, { token: joining.token, email: 'dan@example.test', password: ownerPassword }, {})
  await did('signUpLinksRevoke', { id: joining.link.id })
  const requests = async () => (await app.ask('GET', '/pinyon/v1/operator/sign-ups', { key })).body.requests
  await did('signUpRequest', {}, { email: 'eve@example.test' }, {})
  await did('signUpRequestsAccept', { id: (await requests())[0].id }, {})
  await did('signUpRequest', {}, { email: 'flo@example.test' }, {})
  await did('signUpRequestsRefuse', { id: (await requests())[0].id })
  await did('denialsAdd', {}, { cid: shown.cid, reason: 'r', confirm: true })
  await did('denialsRemove', { cid: shown.cid })
  await did('signingKeysRotate')
  await did('storageScrub')

  const isWrite = ({ method }: Route) => method !== 'GET'
  const silent = routeList.filter(isWrite).flatMap(({ id }) => {
    if (id in without) return seen.has(id) && id !== 'totpBegin' ? [`${id} is in two lists`] : []
    const known = elsewhere[id]
    if (known !== undefined)
      return readFileSync(join(import.meta.dirname, known[0]), 'utf8').includes(known[1])
        ? []
        : [`${id}: not in ${known[0]}`]
    return (seen.get(id) ?? []).length > 0 ? [] : [id]
  })
  expect(silent).toEqual([])
})
