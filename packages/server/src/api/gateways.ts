import { routes } from '@pinyon/contract/routes.ts'
import type {
  CustomDomain,
  Gateway,
  GatewayDetail,
  GatewayRules as GatewayRulesSchema,
  Restriction,
} from '@pinyon/contract/schemas/gateways.ts'
import type { z } from 'zod'
import {
  createGateway,
  gatewayExists,
  type GatewayWithParts,
  getGatewayWithParts,
  pageGateways,
  removeGateway,
} from '../gateways/manage-gateways.ts'
import {
  addGatewayPlugin,
  getPlugin,
  listGatewayPlugins,
  marketplace,
  removeGatewayPlugin,
} from '../gateways/plugins.ts'
import { addCustomDomain, getCustomDomain, removeCustomDomain } from '../gateways/custom-domains.ts'
import { describeAccess } from '../gateways/describe-access.ts'
import { getGatewayRules, setGatewayRules, type GatewayRules } from '../gateways/gateway-rules.ts'
import { tryAccess } from '../gateways/try-access.ts'
import { checkDomain, proofRecord, proofsOf } from '../gateways/domain-proof.ts'
import type { DomainRow } from '../gateways/domain-queries.ts'
import type { RestrictionRow } from '../gateways/queries.ts'
import {
  accessTokenText,
  addAccessToken,
  allowAddress,
  allowHost,
  removeRestriction,
} from '../gateways/restrictions.ts'
import { door, type Door } from '../http/door.ts'
import type { Services } from '../services.ts'
import { presentEgress } from './present-egress.ts'
import { presentTime } from './present-time.ts'

const nothing = { data: null }

/** Gateways and what belongs to them, on Pinata's routes. */
export const gatewayDoors: readonly Door[] = [
  door(routes.gatewaysList, async ({ services, caller, query }) => {
    const { count, gateways } = await pageGateways(services, caller, query)
    return { data: { count, rows: gateways.map((each) => presentGateway(services, each)) } }
  }),
  door(routes.gatewaysCreate, async ({ services, caller, body }) => ({
    data: presentDetail(services, await createGateway(services, caller, body.domain)),
  })),
  door(routes.gatewaysExists, async ({ services, params }) => ({
    data: { exists: await gatewayExists(services, params.domain) },
  })),
  door(routes.gatewaysGet, async ({ services, caller, params }) => ({
    data: presentDetail(services, await getGatewayWithParts(services, caller, params.id)),
  })),
  door(routes.gatewaysDelete, async ({ services, caller, params }) => {
    await removeGateway(services, caller, params.id)
    return nothing
  }),
  door(routes.gatewaysAddDomain, async ({ services, caller, params, body }) => ({
    data: presentDomain(services, await addCustomDomain(services, caller, { ...params, ...body })),
  })),
  door(routes.gatewaysGetDomain, async ({ services, caller, params }) => ({
    data: presentDomain(services, await getCustomDomain(services, caller, params)),
  })),
  door(routes.gatewaysRemoveDomain, async ({ services, caller, params }) => {
    await removeCustomDomain(services, caller, params)
    return nothing
  }),
  door(routes.gatewaysCheckDomain, async ({ services, caller, params, request }) => {
    const row = await getCustomDomain(services, caller, params)
    return presentDomain(
      services,
      await checkDomain(services, { ...row, account_id: caller.accountId }, request.signal),
    )
  }),
  door(routes.gatewaysAccess, ({ services, caller, params }) => describeAccess(services, caller, params.id)),
  door(routes.gatewaysTryAccess, ({ services, caller, params, body, request }) =>
    tryAccess(services, caller, {
      id: params.id,
      path: body.path,
      token: body.token,
      origin: body.origin,
      address: body.address ?? '',
      signal: request.signal,
    }),
  ),
  door(routes.gatewaysRules, async ({ services, caller, params }) =>
    presentRules(await getGatewayRules(services, caller, params.id)),
  ),
  door(routes.gatewaysSetRules, async ({ services, caller, params, body }) =>
    presentRules(await setGatewayRules(services, caller, params.id, body)),
  ),
  door(routes.gatewaysAddToken, async ({ services, caller, params }) => ({
    data: presentRestriction(services, await addAccessToken(services, caller, params.id)),
  })),
  door(routes.gatewaysAddIp, async ({ services, caller, params, body }) => ({
    data: presentRestriction(services, await allowAddress(services, caller, { gatewayId: params.id, ...body })),
  })),
  door(routes.gatewaysAddHost, async ({ services, caller, params, body }) => ({
    data: presentRestriction(services, await allowHost(services, caller, { gatewayId: params.id, ...body })),
  })),
  door(routes.gatewaysRemoveToken, async ({ services, caller, params: { id, restrictionId } }) => {
    await removeRestriction(services, caller, { gatewayId: id, kind: 'token', id: restrictionId })
    return nothing
  }),
  door(routes.gatewaysRemoveIp, async ({ services, caller, params: { id, restrictionId } }) => {
    await removeRestriction(services, caller, { gatewayId: id, kind: 'ip', id: restrictionId })
    return nothing
  }),
  door(routes.gatewaysRemoveHost, async ({ services, caller, params: { id, restrictionId } }) => {
    await removeRestriction(services, caller, { gatewayId: id, kind: 'host', id: restrictionId })
    return nothing
  }),
  door(routes.gatewayPluginsMarketplace, () => ({ data: marketplace })),
  door(routes.gatewayPluginsMarketplaceGet, ({ params }) => ({ data: getPlugin(params.pluginId) })),
  door(routes.gatewayPluginsAll, async ({ services, caller }) => ({
    data: await listGatewayPlugins(services, caller),
  })),
  door(routes.gatewayPluginsList, async ({ services, caller, params }) => ({
    data: await listGatewayPlugins(services, caller, params.gatewayId),
  })),
  door(routes.gatewayPluginsAdd, async ({ services, caller, params, body }) => ({
    data: await addGatewayPlugin(services, caller, { gatewayId: params.gatewayId, pluginId: body.plugin_id }),
  })),
  door(routes.gatewayPluginsRemove, async ({ services, caller, params }) => {
    await removeGatewayPlugin(services, caller, params)
    return nothing
  }),
]

type PresentServices = Pick<Services, 'valueKey' | 'config'>

function presentGateway(
  services: PresentServices,
  { gateway, domains, restrictions }: GatewayWithParts,
): z.infer<typeof Gateway> {
  return {
    id: gateway.id,
    created_at: presentTime(gateway.created_at),
    domain: gateway.domain,
    restrict: restrictions.length > 0,
    custom_domains: domains.map((domain) => presentDomain(services, domain)),
  }
}

function presentDetail(services: PresentServices, found: GatewayWithParts): z.infer<typeof GatewayDetail> {
  const of = (kind: string) =>
    found.restrictions.filter((each) => each.kind === kind).map((each) => presentRestriction(services, each))
  const policies = { accessTokens: of('token'), allowedHosts: of('host'), allowedIPAddresses: of('ip') }
  return { ...presentGateway(services, found), settings: { restriction_policies: policies } }
}

/** Certificates are made by whoever ends TLS, so nothing is said of them but that they are looked after elsewhere. */
function presentDomain({ valueKey, config }: PresentServices, row: DomainRow): z.infer<typeof CustomDomain> {
  const isServed = row.proof !== null && proofsOf(config).includes(row.proof)
  return {
    domain: row.domain,
    domain_validation_status: isServed ? (row.failing_since === null ? 'active' : 'failing') : 'pending',
    custom_domain_id: row.id,
    ssl_validation_status: isServed ? 'external' : 'initializing',
    proof: {
      by: row.proof === 'waived' && isServed ? 'waived' : 'dns',
      record: { type: 'TXT', ...proofRecord(valueKey, row) },
      provenAt: row.proven_at === null ? null : presentTime(row.proven_at),
      checkedAt: row.checked_at === null ? null : presentTime(row.checked_at),
      nextCheckAt: presentTime(row.next_check_at),
      problem: row.problem,
    },
  }
}

function presentRules({ html, egress }: GatewayRules): z.infer<typeof GatewayRulesSchema> {
  return { html, egress: presentEgress(egress) }
}

function presentRestriction(
  { valueKey }: Pick<Services, 'valueKey'>,
  { id, kind, value, created_at }: RestrictionRow,
): z.infer<typeof Restriction> {
  return { id, value: kind === 'token' ? accessTokenText(valueKey, id) : value, createdAt: presentTime(created_at) }
}
