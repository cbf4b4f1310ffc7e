import { routes } from '@pinyon/contract/routes.ts'
import type { IpnsName, IpnsPublication } from '@pinyon/contract/schemas/names.ts'
import type { z } from 'zod'
import { door, type Door } from '../http/door.ts'
import { checkDnsLink, dnsLinkOf } from '../names/check-dnslink.ts'
import { changeName, createName, getName, pageNames, removeName } from '../names/manage-names.ts'
import { exportName, importName } from '../names/move-key.ts'
import { pageHistory } from '../names/page-history.ts'
import type { JudgedName } from '../names/name-warnings.ts'
import { publishName, rollBackName } from '../names/publish-name.ts'
import type { IpnsNameRow, IpnsRecordRow } from '../names/queries.ts'
import type { Services } from '../services.ts'
import { presentTime } from './present-time.ts'

/** IPNS names: what they lead to, what they led to, and their keys. */
export const nameDoors: readonly Door[] = [
  door(routes.namesCreate, async ({ services, caller, body }) =>
    presentName(services, await createName(services, caller, body)),
  ),
  door(routes.namesList, async ({ services, caller, query }) => {
    const { names, nextPageToken } = await pageNames(services, caller, query)
    return { names: names.map((name) => presentName(services, name)), nextPageToken }
  }),
  door(routes.namesImport, async ({ services, caller, body }) =>
    presentName(services, await importName(services, caller, body)),
  ),
  door(routes.namesGet, async ({ services, caller, params }) =>
    presentName(services, await getName(services, caller, params.id)),
  ),
  door(routes.namesUpdate, async ({ services, caller, params, body }) =>
    presentName(services, await changeName(services, caller, params.id, body)),
  ),
  door(routes.namesDelete, async ({ services, caller, params }) => {
    await removeName(services, caller, params.id)
    return {}
  }),
  door(routes.namesPublish, async ({ services, caller, params, body }) =>
    presentName(services, await publishName(services, caller, params.id, body)),
  ),
  door(routes.namesHistory, async ({ services, caller, params, query }) => {
    const { records, nextPageToken } = await pageHistory(services, caller, params.id, query)
    return { history: records.map(presentRecord), nextPageToken }
  }),
  door(routes.namesRollback, async ({ services, caller, params, body }) =>
    presentName(services, await rollBackName(services, caller, params.id, body)),
  ),
  door(routes.namesExport, async ({ services, caller, params, body }) =>
    exportName(services, caller, { id: params.id, ...body }),
  ),
  door(routes.namesDnslink, async ({ services, caller, params, query }) =>
    checkDnsLink(services, caller, { id: params.id, ...query }),
  ),
]

function presentName(services: Services, { row, warnings }: JudgedName): z.infer<typeof IpnsName> {
  const isOver = row.valid_until !== null && row.valid_until <= services.clock.now()
  return {
    id: row.id,
    label: row.label,
    name: row.name,
    state: row.value === null ? 'unpublished' : isOver ? 'expired' : 'published',
    value: row.value,
    sequence: row.sequence,
    publishedAt: presentTime(row.published_at),
    validUntil: presentTime(row.valid_until),
    lifetimeSeconds: row.lifetime_ms / 1_000,
    ttlSeconds: row.ttl_ms / 1_000,
    network: presentNetwork(services, row),
    gatewayUrl: `${services.installation.gatewayUrl}/ipns/${row.name}/`,
    dnslink: dnsLinkOf(row.name),
    warnings: [...warnings],
    createdAt: presentTime(row.created_at),
    updatedAt: presentTime(row.updated_at),
    keyExportedAt: presentTime(row.key_exported_at),
  }
}

function presentNetwork({ node }: Services, row: IpnsNameRow): z.infer<typeof IpnsName>['network'] {
  const toldAt = presentTime(row.told_at)
  if (node.kind === 'off')
    return { state: 'off', toldAt, message: 'The IPFS network is off here: this server’s gateway serves the name.' }
  if (node.network === 'local')
    return {
      state: 'off',
      toldAt,
      message: 'On network "local" only connected peers are told. This server’s gateway serves the name.',
    }
  if (row.tell_error !== null) return { state: 'failed', toldAt, message: row.tell_error }
  if (row.told_at !== null) return { state: 'told', toldAt, message: 'The IPFS network has this record.' }
  const message = row.value === null ? 'Nothing was published yet.' : 'The IPFS network is being told.'
  return { state: 'waiting', toldAt, message }
}

function presentRecord(row: IpnsRecordRow): z.infer<typeof IpnsPublication> {
  return {
    sequence: row.sequence,
    value: row.value,
    kind: row.rolled_back_to === null ? 'publish' : 'rollback',
    rolledBackTo: row.rolled_back_to,
    publishedAt: presentTime(row.published_at),
    validUntil: presentTime(row.valid_until),
    ttlSeconds: row.ttl_ms / 1_000,
    publishedBy: { kind: row.actor_kind, id: row.actor_id },
  }
}
