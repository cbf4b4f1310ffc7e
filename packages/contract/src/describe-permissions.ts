import { endpoints, normalisePermissions, presets, type Permissions, type Resource, type Scope } from './permissions.ts'
import type { Route } from './route.ts'
import { routeList } from './routes.ts'

/** A parent route as people find it: its title, and what can be granted below it. */
export interface DescribedParent {
  readonly parent: keyof typeof endpoints
  readonly title: string
  readonly endpoints: readonly DescribedEndpoint[]
}

/** One operation that can be granted by itself. */
export interface DescribedEndpoint {
  readonly scope: Scope
  /** What it lets one do, to follow "can": `upload files`. */
  readonly words: string
  /** The rows it opens; none while the part they belong to is not there yet. */
  readonly routes: readonly Pick<Route, 'method' | 'path'>[]
}

const titles: Readonly<Record<keyof typeof endpoints, string>> = {
  data: 'Data',
  pinning: 'Pinning',
  users: 'API keys (legacy)',
  files: 'Files',
  links: 'Links',
  swaps: 'Hot swaps',
  signatures: 'Signatures',
  groups: 'Groups',
  bulk: 'Bulk operations',
  psa: 'Pinning Services API',
  keys: 'API keys',
  account: 'Account',
  webhooks: 'Webhooks',
  names: 'Names',
  events: 'Live events',
  gateways: 'Gateways',
  analytics: 'Analytics',
}

const wordsOfScope: Readonly<Record<Scope, string>> = {
  'data.testAuthentication': 'test authentication',
  'data.pinList': 'list pins',
  'data.userPinnedDataTotal': 'read totals of pins',
  'pinning.pinFileToIPFS': 'upload public files',
  'pinning.pinJSONToIPFS': 'upload public JSON',
  'pinning.unpin': 'unpin',
  'pinning.hashMetadata': 'change names and key-values of pins',
  'pinning.pinByHash': 'pin by CID',
  'pinning.pinJobs': 'list pins that are being fetched',
  'pinning.hashPinPolicy': 'change the policy of a pin',
  'pinning.userPinPolicy': 'change the policy of all pins',
  'users.generateApiKey': 'make API keys',
  'users.apiKeys': 'list API keys',
  'users.revokeApiKey': 'revoke API keys',
  'files.upload': 'upload files',
  'files.list': 'list files',
  'files.get': 'read what is known of a file',
  'files.content': 'read the bytes of files',
  'files.receipt': 'get receipts of files',
  'files.update': 'change names and key-values of files',
  'files.delete': 'delete files',
  'files.import': 'import files with their dates',
  'files.pinByCid': 'pin by CID',
  'files.pinByCidList': 'list pins that are being fetched',
  'files.pinByCidDelete': 'cancel pins by CID',
  'links.sign': 'sign links',
  'links.list': 'list links',
  'links.revoke': 'revoke links',
  'swaps.set': 'swap CIDs',
  'swaps.get': 'read the history of swaps',
  'swaps.remove': 'end swaps',
  'signatures.add': 'sign CIDs',
  'signatures.get': 'read signatures of CIDs',
  'signatures.remove': 'remove signatures of CIDs',
  'groups.create': 'make groups',
  'groups.list': 'list groups',
  'groups.get': 'read what is known of a group',
  'groups.update': 'change groups',
  'groups.delete': 'delete groups',
  'groups.addFile': 'put files into groups',
  'groups.removeFile': 'take files out of groups',
  'bulk.list': 'list bulk operations',
  'bulk.get': 'follow bulk operations',
  'bulk.cancel': 'cancel bulk operations',
  'psa.add': 'add pins',
  'psa.list': 'list pins',
  'psa.get': 'read the status of a pin',
  'psa.replace': 'replace pins',
  'psa.remove': 'remove pins',
  'keys.create': 'make API keys',
  'keys.createChild': 'make children of API keys',
  'keys.list': 'list API keys',
  'keys.get': 'read what is known of an API key',
  'keys.regenerate': 'regenerate API keys',
  'keys.revoke': 'revoke API keys',
  'account.get': 'read the account',
  'account.update': 'change the account',
  'account.audit': 'read the audit log',
  'account.usage': 'see how many bytes are used',
  'account.membersList': 'list people',
  'account.membersInvite': 'invite people',
  'account.membersUpdate': 'change roles',
  'account.membersRemove': 'remove people',
  'webhooks.create': 'make webhooks',
  'webhooks.list': 'list webhooks',
  'webhooks.get': 'read a webhook',
  'webhooks.update': 'change webhooks',
  'webhooks.delete': 'delete webhooks',
  'webhooks.test': 'send test events',
  'webhooks.deliveries': 'read what was sent to webhooks',
  'webhooks.resend': 'send events again',
  'webhooks.rotateSecret': 'give webhooks a new secret',
  'names.create': 'make IPNS names',
  'names.list': 'list IPNS names',
  'names.get': 'read what an IPNS name leads to',
  'names.update': 'change IPNS names',
  'names.delete': 'remove IPNS names',
  'names.publish': 'publish under IPNS names',
  'names.history': 'read what was published under IPNS names',
  'names.rollback': 'roll IPNS names back',
  'names.import': 'bring IPNS names by their keys',
  'names.export': 'export the keys of IPNS names',
  'names.dnslink': 'check domains for IPNS names',
  'events.follow': 'follow events live',
  'gateways.list': 'list gateways',
  'gateways.get': 'read the settings of a gateway',
  'gateways.exists': 'ask whether the name of a gateway is taken',
  'gateways.create': 'make gateways',
  'gateways.delete': 'delete gateways',
  'gateways.getDomain': 'read a custom domain',
  'gateways.addDomain': 'add custom domains',
  'gateways.access': 'read who can read what',
  'gateways.tryAccess': 'try whether a request would be served',
  'gateways.rules': 'read quotas and rules of gateways',
  'gateways.setRules': 'set quotas and rules of gateways',
  'gateways.checkDomain': 'look for the proof of custom domains',
  'gateways.removeDomain': 'remove custom domains',
  'gateways.addToken': 'make access tokens of gateways',
  'gateways.removeToken': 'revoke access tokens of gateways',
  'gateways.addIp': 'let addresses in at gateways',
  'gateways.removeIp': 'let addresses in no more',
  'gateways.addHost': 'let hosts in at gateways',
  'gateways.removeHost': 'let hosts in no more',
  'gateways.plugins': 'list plugins of gateways',
  'gateways.addPlugin': 'give gateways plugins',
  'gateways.removePlugin': 'take plugins from gateways',
  'analytics.top': 'read what is asked for most',
  'analytics.timeSeries': 'read requests by day',
}

const wordsOfResource: Readonly<Record<Resource, string>> = {
  'org:read': 'read everything',
  'org:write': 'read and change everything',
  'org:files:read': 'read files',
  'org:files:write': 'read and change files',
  'org:groups:read': 'read groups',
  'org:groups:write': 'read and change groups',
  'org:gateways:read': 'read gateways',
  'org:gateways:write': 'read and change gateways',
  'org:analytics:read': 'read analytics',
  'org:analytics:write': 'read and change analytics',
}

/** All that can be granted, in the order of the tree of scopes. */
export const describedParents: readonly DescribedParent[] = Object.entries(endpoints).map(([name, children]) => {
  const parent = name as keyof typeof endpoints // the keys of that object
  return {
    parent,
    title: titles[parent],
    endpoints: children.map((child) => describeEndpoint(`${parent}.${child}` as Scope)), // the type is built from the same tree
  }
})

function describeEndpoint(scope: Scope): DescribedEndpoint {
  const rows = routeList.filter((row) => row.scope === scope)
  return { scope, words: wordsOfScope[scope], routes: rows.map(({ method, path }) => ({ method, path })) }
}

/** More than so many operations are counted, not told. */
const toldEndpoints = 3

/**
 * What a key may do in a few words, for a table: `Admin`, `Upload only` (a ready set), `upload files, list pins`,
 * `7 endpoints`, `nothing`.
 */
export function describePermissions(permissions: Permissions): string {
  const { admin, operator, resources, scopes } = normalisePermissions(permissions)
  const preset = Object.values(presets).find(
    (each) => each.scopes.length === scopes.length && each.scopes.every((scope) => scopes.includes(scope)),
  )
  const words = [
    ...(admin ? ['Admin'] : []),
    ...(operator ? ['Operator'] : []),
    ...resources.map((resource) => wordsOfResource[resource]),
  ]
  if (preset !== undefined) words.push(preset.title)
  else if (scopes.length > toldEndpoints) words.push(`${scopes.length} endpoints`)
  else words.push(...scopes.map((scope) => wordsOfScope[scope]))
  return words.length === 0 ? 'nothing' : [...new Set(words)].join(', ')
}
