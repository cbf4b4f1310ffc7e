import { route } from '../../route.ts'
import {
  CreateIpnsName,
  DnsLinkCheck,
  DnsLinkQuery,
  ExportedIpnsName,
  ExportIpnsName,
  ImportIpnsName,
  IpnsHistory,
  IpnsHistoryQuery,
  IpnsName,
  IpnsNameList,
  IpnsNameParams,
  IpnsNameQuery,
  PublishIpnsName,
  RollBackIpnsName,
  UpdateIpnsName,
} from '../../schemas/names.ts'
import { base, own } from './defaults.ts'

const names = { ...own, tag: 'Names' } as const
const read = { ...names, resource: 'org:read' } as const
const write = { ...names, resource: 'org:write', rateClass: 'write', bodyKind: 'json' } as const

/** POST /pinyon/v1/names. */
export const namesCreate = route({
  ...write,
  id: 'namesCreate',
  method: 'POST',
  path: `${base}/names`,
  scope: 'names.create',
  body: CreateIpnsName,
  response: IpnsName,
  summary: 'Make an IPNS name',
  description: 'With an Ed25519 key of its own. It leads nowhere until something is published under it.',
})

/** GET /pinyon/v1/names. */
export const namesList = route({
  ...read,
  id: 'namesList',
  method: 'GET',
  path: `${base}/names`,
  scope: 'names.list',
  query: IpnsNameQuery,
  response: IpnsNameList,
  summary: 'List IPNS names',
})

/** POST /pinyon/v1/names/import. */
export const namesImport = route({
  ...write,
  id: 'namesImport',
  method: 'POST',
  path: `${base}/names/import`,
  scope: 'names.import',
  body: ImportIpnsName,
  // A thousand records of a history, each as long as it may be.
  bodyLimitBytes: 4 * 1024 * 1024,
  response: IpnsName,
  summary: 'Bring an IPNS name from another program',
  description: 'By its private key, which is kept encrypted. Publish it in one place only from then on.',
})

/** GET /pinyon/v1/names/{id}. */
export const namesGet = route({
  ...read,
  id: 'namesGet',
  method: 'GET',
  path: `${base}/names/:id`,
  scope: 'names.get',
  params: IpnsNameParams,
  response: IpnsName,
  summary: 'Get an IPNS name',
})

/** PATCH /pinyon/v1/names/{id}. */
export const namesUpdate = route({
  ...write,
  id: 'namesUpdate',
  method: 'PATCH',
  path: `${base}/names/:id`,
  scope: 'names.update',
  params: IpnsNameParams,
  body: UpdateIpnsName,
  response: IpnsName,
  summary: 'Change the label or the times of a name',
})

/** DELETE /pinyon/v1/names/{id}. */
export const namesDelete = route({
  ...names,
  resource: 'org:write',
  rateClass: 'write',
  id: 'namesDelete',
  method: 'DELETE',
  path: `${base}/names/:id`,
  scope: 'names.delete',
  params: IpnsNameParams,
  summary: 'Remove a name',
  description:
    'With its key, for good: nobody can publish under it any more, unless the key was exported. Records that the ' +
    'network has hold until they end.',
})

/** POST /pinyon/v1/names/{id}/publish. */
export const namesPublish = route({
  ...write,
  id: 'namesPublish',
  method: 'POST',
  path: `${base}/names/:id/publish`,
  scope: 'names.publish',
  params: IpnsNameParams,
  body: PublishIpnsName,
  response: IpnsName,
  summary: 'Publish a CID or a file under a name',
  description:
    'The gateway follows at once, the network is told after the answer. Private files are refused; for a CID that no ' +
    'public file of the account has, `confirm` is needed.',
})

/** GET /pinyon/v1/names/{id}/history. */
export const namesHistory = route({
  ...read,
  id: 'namesHistory',
  method: 'GET',
  path: `${base}/names/:id/history`,
  scope: 'names.history',
  params: IpnsNameParams,
  query: IpnsHistoryQuery,
  response: IpnsHistory,
  summary: 'List what was published under a name',
})

/** POST /pinyon/v1/names/{id}/rollback. */
export const namesRollback = route({
  ...write,
  id: 'namesRollback',
  method: 'POST',
  path: `${base}/names/:id/rollback`,
  scope: 'names.rollback',
  params: IpnsNameParams,
  body: RollBackIpnsName,
  response: IpnsName,
  summary: 'Publish an earlier value again',
  description: 'As a new record: readers take the one with the highest number.',
})

/** POST /pinyon/v1/names/{id}/export. */
export const namesExport = route({
  ...names,
  rateClass: 'write',
  bodyKind: 'json',
  showsSecret: true,
  id: 'namesExport',
  method: 'POST',
  path: `${base}/names/:id/export`,
  scope: 'names.export',
  params: IpnsNameParams,
  body: ExportIpnsName,
  response: ExportedIpnsName,
  summary: 'Export the key of a name',
  description:
    'Whoever has it publishes under the name. A key needs the scope `names.export` itself (or admin); a person at the ' +
    'console gives the password.',
})

/** GET /pinyon/v1/names/{id}/dnslink. */
export const namesDnslink = route({
  ...read,
  id: 'namesDnslink',
  method: 'GET',
  path: `${base}/names/:id/dnslink`,
  scope: 'names.dnslink',
  params: IpnsNameParams,
  query: DnsLinkQuery,
  response: DnsLinkCheck,
  summary: 'Say how a domain leads to a name, and whether it does',
  description: 'Looks the TXT records of the domain up now (https://dnslink.dev).',
})
