import type { Route } from '@pinyon/contract/route.ts'
import { z } from 'zod'

function pin() {
  return {
    cid: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
    name: 'n',
    origins: [],
    meta: { k: 'v' },
  }
}

/** A key of an IPNS name that nobody publishes under. */
const sampleNameKey = 'CAESQH06occnSvvZD7ACnK1ZcEvIa07AT3gUthSQr8Raje7GGLRbZLoyG9rXEUUURLYFl9clPu5qcU6PM5zb7L3aX+Y='

/** A valid body of each row that takes JSON. A row that is not here fails the tests that are made from the table. */
const sampleBodies: Readonly<Record<string, Record<string, unknown>>> = {
  pinJSONToIPFS: {
    pinataContent: { a: 1 },
    pinataMetadata: { name: 'n', keyvalues: { k: 'v' } },
    pinataOptions: { cidVersion: 1 },
  },
  hashMetadata: {
    ipfsPinHash: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
    name: 'n',
    keyvalues: { k: 'v' },
  },
  pinByHash: {
    hashToPin: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
    pinataMetadata: { name: 'n', keyvalues: { k: 'v' } },
    pinataOptions: { hostNodes: [] },
  },
  pinByCid: {
    cid: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
    name: 'n',
    keyvalues: { k: 'v' },
    host_nodes: [],
  },
  filesSign: { expires: 600, filename: 'n', network: 'private', keyvalues: { k: 'v' }, max_file_size: 5 },
  downloadLink: {
    url: 'https://gateway.test/files/bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
    expires: 600,
    method: 'GET',
    max_uses: 1,
  },
  swapSet: { swap_cid: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku' },
  signatureAdd: { signature: `0x${'1'.repeat(130)}`, address: `0x${'1'.repeat(40)}` },
  psaAdd: pin(),
  psaReplace: pin(),
  generateApiKey: { keyName: 'k', maxUses: 5, permissions: { admin: false }, expiresIn: 60 },
  revokeApiKey: { apiKey: 'x' },
  keysCreate: { keyName: 'k', maxUses: 5, permissions: { admin: false }, expiresIn: 60 },
  groupsCreate: { name: 'n', is_public: false },
  groupsUpdate: { name: 'n', is_public: false },
  legacyGroupsCreate: { name: 'n' },
  legacyGroupsUpdate: { name: 'n' },
  legacyGroupsAddCids: { cids: ['bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'] },
  legacyGroupsRemoveCids: { cids: ['bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'] },
  hashPinPolicy: {
    ipfsPinHash: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
    newPinPolicy: { regions: [{ id: 'FRA1', desiredReplicationCount: 1 }] },
  },
  userPinPolicy: { newPinPolicy: { regions: [{ id: 'FRA1', desiredReplicationCount: 1 }] } },
  bulkPin: { pins: [{ cid: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku', name: 'n' }] },
  bulkUnpin: { network: 'private', ids: ['x'] },
  bulkUpdate: { network: 'private', ids: ['x'], change: { name: 'n', keyvalues: { k: 'v' }, expires_at: null } },
  bulkRemovePins: { ids: ['x'] },
  bulkRetryPins: { ids: ['x'] },
  bulkMove: { network: 'private', ids: ['x'], group_id: null },
  folderUploadsCreate: { name: 'n', network: 'private', files: [{ path: 'a', size: 1 }] },
  filesUpdate: { name: 'n', keyvalues: { k: 'v' }, expires_at: null },
  setUp: {
    token: 'x',
    email: 'a@b.test',
    password: 'a long password',
    accountName: 'n',
    network: 'local',
    publicContent: 'allowed',
  },
  signIn: { email: 'a@b.test', password: 'a long password' },
  switchAccount: { accountId: 'x' },
  passwordChange: { currentPassword: 'not the password', newPassword: 'a long password' },
  passwordReset: { token: 'x', password: 'a long password' },
  inviteLook: { token: 'x' },
  inviteAccept: { token: 'x', password: 'a long password' },
  accountsCreate: { name: 'n', email: 'new@b.test', quotaBytes: 5, publicContent: 'allowed' },
  accountsUpdate: { name: 'n', quotaBytes: 5, egressQuotaBytes: 5, publicContent: 'allowed', disabled: true },
  accountUpdate: { name: 'n', publicContent: 'allowed' },
  membersInvite: { email: 'new@b.test', role: 'member' },
  membersUpdate: { role: 'member' },
  keysCreateChild: { keyName: 'k', permissions: { admin: false } },
  webhooksCreate: { url: 'http://192.0.2.1/', name: 'n', kinds: ['quota.near'] },
  webhooksUpdate: { name: 'n', enabled: true },
  webhooksRotateSecret: { overlapSeconds: 1 },
  namesCreate: { label: 'n', lifetimeSeconds: 3_600, ttlSeconds: 60 },
  namesImport: { label: 'n', key: sampleNameKey, sequence: 5, lifetimeSeconds: 3_600, ttlSeconds: 60 },
  namesUpdate: { label: 'n', lifetimeSeconds: 3_600, ttlSeconds: 60 },
  namesPublish: { cid: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku', confirm: true, sequence: 5 },
  namesRollback: { sequence: 1, confirm: true },
  namesExport: { password: 'not the password' },
  gatewaysCreate: { domain: 'n' },
  gatewaysAddDomain: { domain: 'ipfs.example.test' },
  gatewaysSetRules: { html: 'sandbox', egressQuotaBytes: 5 },
  gatewaysTryAccess: { path: '/ipfs/bafkqaaa', token: 'x', origin: 'https://app.example.test', address: '192.0.2.7' },
  gatewaysAddIp: { ip: '192.0.2.7' },
  gatewaysAddHost: { host: 'https://app.example.test' },
  gatewayPluginsAdd: { plugin_id: 1 },
  denialsAdd: { cid: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku', reason: 'r', confirm: false },
  signUpLook: { token: 'x' },
  signUpJoin: { token: 'x', email: 'new@b.test', password: 'a long password', accountName: 'n' },
  signUpRequest: { email: 'new@b.test', name: 'n', note: 'n' },
  signUpLinksMake: { maxUses: 1, expiresInDays: 1, quotaBytes: 5, note: 'n' },
  signUpRequestsAccept: { quotaBytes: 5 },
  totpBegin: { password: 'not the password' },
  totpConfirm: { code: '000000' },
  totpRecoveryCodes: { password: 'not the password', code: '000000' },
  totpOff: { password: 'not the password', code: '000000' },
  keysRegenerate: { overlapSeconds: 1, expiresAt: null, expiresIn: 60 },
}

/** The body to send to a row; throws for a row nobody has described. */
export function sampleBody(row: Route): Record<string, unknown> | undefined {
  if (row.bodyKind !== 'json') return undefined
  const body = sampleBodies[row.id]
  if (body === undefined) throw new Error(`say in sampleBodies what a valid body of ${row.id} is`)
  return body
}

/** The names of a schema's fields; none where it is no object. */
export function fieldsOf(schema: z.ZodType): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

/** All paths of a row: its own and its aliases. */
export function pathsOf(row: Route): string[] {
  return [row.path, ...(row.aliases ?? []).map(({ path }) => path)]
}

/** The names of the parameters in a path. */
export function paramsOf(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => String(name))
}

/** Rows whose good answer goes on until the client leaves; `live-events.test.ts` looks at those. */
export const endlessRows: ReadonlySet<string> = new Set(['eventsFollow'])
