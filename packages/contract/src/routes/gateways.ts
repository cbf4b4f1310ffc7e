import { z } from 'zod'
import { route, type Route } from '../route.ts'
import {
  AddPlugin,
  AllowHost,
  AllowIp,
  CreateCustomDomain,
  CreateGateway,
  CustomDomain,
  CustomDomainParams,
  GatewayDetail,
  GatewayList,
  GatewayListQuery,
  GatewayNameParams,
  GatewayAccess,
  GatewayParams,
  TriedAccess,
  TryAccess,
  GatewayPlugin,
  GatewayPluginParams,
  GatewayPluginsParams,
  Plugin,
  PluginParams,
  Restriction,
  RestrictionParams,
} from '../schemas/gateways.ts'
import { defaults } from './defaults.ts'

const gateways = {
  ...defaults,
  dialect: 'v3',
  credentials: ['key', 'session'],
  cors: 'echo',
  tag: 'Gateways',
} as const satisfies Partial<Route>
const read = { ...gateways, resource: 'org:gateways:read' } as const
const write = { ...gateways, resource: 'org:gateways:write', rateClass: 'write' } as const
const data = <T extends z.ZodType>(schema: T) => z.object({ data: schema })
const nothing = data(z.null())

/** GET /v3/gateways. */
export const gatewaysList = route({
  ...read,
  id: 'gatewaysList',
  method: 'GET',
  path: '/v3/gateways',
  aliases: [{ path: '/v3/ipfs/gateways' }],
  scope: 'gateways.list',
  query: GatewayListQuery,
  response: data(GatewayList),
  summary: 'List gateways',
})

/** POST /v3/gateways. */
export const gatewaysCreate = route({
  ...write,
  id: 'gatewaysCreate',
  method: 'POST',
  path: '/v3/gateways',
  scope: 'gateways.create',
  bodyKind: 'json',
  body: CreateGateway,
  response: data(GatewayDetail),
  summary: 'Make a gateway',
})

/** GET /v3/gateways/exists/{domain}. */
export const gatewaysExists = route({
  ...read,
  id: 'gatewaysExists',
  method: 'GET',
  path: '/v3/gateways/exists/:domain',
  scope: 'gateways.exists',
  params: GatewayNameParams,
  response: data(z.object({ exists: z.boolean() })),
  summary: 'Is the name of a gateway taken?',
})

/** GET /v3/gateways/{id}. */
export const gatewaysGet = route({
  ...read,
  id: 'gatewaysGet',
  method: 'GET',
  path: '/v3/gateways/:id',
  scope: 'gateways.get',
  params: GatewayParams,
  response: data(GatewayDetail),
  summary: 'Get a gateway with its settings',
})

/** DELETE /v3/gateways/{id}. */
export const gatewaysDelete = route({
  ...write,
  id: 'gatewaysDelete',
  method: 'DELETE',
  path: '/v3/gateways/:id',
  scope: 'gateways.delete',
  params: GatewayParams,
  response: nothing,
  summary: 'Delete a gateway',
})

/** POST /v3/gateways/{id}/custom_domain. */
export const gatewaysAddDomain = route({
  ...write,
  id: 'gatewaysAddDomain',
  method: 'POST',
  path: '/v3/gateways/:id/custom_domain',
  scope: 'gateways.addDomain',
  params: GatewayParams,
  bodyKind: 'json',
  body: CreateCustomDomain,
  response: data(CustomDomain),
  summary: 'Give a gateway a domain of yours',
})

/** GET /v3/gateways/{id}/custom_domain/{custom_domain_id}. */
export const gatewaysGetDomain = route({
  ...read,
  id: 'gatewaysGetDomain',
  method: 'GET',
  path: '/v3/gateways/:id/custom_domain/:customDomainId',
  scope: 'gateways.getDomain',
  params: CustomDomainParams,
  response: data(CustomDomain),
  summary: 'Get a custom domain',
})

/** DELETE /v3/gateways/{id}/custom_domain/{custom_domain_id}. */
export const gatewaysRemoveDomain = route({
  ...write,
  id: 'gatewaysRemoveDomain',
  method: 'DELETE',
  path: '/v3/gateways/:id/custom_domain/:customDomainId',
  scope: 'gateways.removeDomain',
  params: CustomDomainParams,
  response: nothing,
  summary: 'Take a custom domain away',
})

/** POST /pinyon/v1/gateways/{id}/domains/{customDomainId}/check. */
export const gatewaysCheckDomain = route({
  ...write,
  id: 'gatewaysCheckDomain',
  method: 'POST',
  path: '/pinyon/v1/gateways/:id/domains/:customDomainId/check',
  scope: 'gateways.checkDomain',
  params: CustomDomainParams,
  response: CustomDomain,
  summary: 'Look for the record of a custom domain now',
  description: 'It is looked for by itself as well: every minute at first, every hour once it was found.',
})

/** GET /pinyon/v1/gateways/{id}/access. */
export const gatewaysAccess = route({
  ...read,
  id: 'gatewaysAccess',
  method: 'GET',
  path: '/pinyon/v1/gateways/:id/access',
  scope: 'gateways.access',
  params: GatewayParams,
  response: GatewayAccess,
  summary: 'Say who can read what at a gateway',
})

/** POST /pinyon/v1/gateways/{id}/access/try. */
export const gatewaysTryAccess = route({
  ...read,
  id: 'gatewaysTryAccess',
  method: 'POST',
  path: '/pinyon/v1/gateways/:id/access/try',
  scope: 'gateways.tryAccess',
  params: GatewayParams,
  bodyKind: 'json',
  body: TryAccess,
  response: TriedAccess,
  summary: 'See whether a request would be served',
  description: 'By the rules that the gateway serves by, without asking it: what would be answered, and why.',
})

/** POST /v3/gateways/{id}/access_tokens. */
export const gatewaysAddToken = route({
  ...write,
  id: 'gatewaysAddToken',
  showsSecret: true,
  method: 'POST',
  path: '/v3/gateways/:id/access_tokens',
  scope: 'gateways.addToken',
  params: GatewayParams,
  response: data(Restriction),
  summary: 'Make an access token of a gateway',
})

/** POST /v3/gateways/{id}/ips. */
export const gatewaysAddIp = route({
  ...write,
  id: 'gatewaysAddIp',
  method: 'POST',
  path: '/v3/gateways/:id/ips',
  scope: 'gateways.addIp',
  params: GatewayParams,
  bodyKind: 'json',
  body: AllowIp,
  response: data(Restriction),
  summary: 'Let an address in',
  description: 'An IP address or a CIDR range.',
})

/** POST /v3/gateways/{id}/hosts. */
export const gatewaysAddHost = route({
  ...write,
  id: 'gatewaysAddHost',
  method: 'POST',
  path: '/v3/gateways/:id/hosts',
  scope: 'gateways.addHost',
  params: GatewayParams,
  bodyKind: 'json',
  body: AllowHost,
  response: data(Restriction),
  summary: 'Let the pages of a host in',
  description: 'An origin, such as `https://app.example.org`.',
})

/** DELETE /v3/gateways/{id}/access_tokens/{rid}. */
export const gatewaysRemoveToken = route({
  ...write,
  id: 'gatewaysRemoveToken',
  method: 'DELETE',
  path: '/v3/gateways/:id/access_tokens/:restrictionId',
  scope: 'gateways.removeToken',
  params: RestrictionParams,
  response: nothing,
  summary: 'Revoke an access token',
})

/** DELETE /v3/gateways/{id}/ips/{rid}. */
export const gatewaysRemoveIp = route({
  ...write,
  id: 'gatewaysRemoveIp',
  method: 'DELETE',
  path: '/v3/gateways/:id/ips/:restrictionId',
  scope: 'gateways.removeIp',
  params: RestrictionParams,
  response: nothing,
  summary: 'Let an address in no more',
})

/** DELETE /v3/gateways/{id}/hosts/{rid}. */
export const gatewaysRemoveHost = route({
  ...write,
  id: 'gatewaysRemoveHost',
  method: 'DELETE',
  path: '/v3/gateways/:id/hosts/:restrictionId',
  scope: 'gateways.removeHost',
  params: RestrictionParams,
  response: nothing,
  summary: 'Let a host in no more',
})

/** GET /v3/gateways/plugins/marketplace. */
export const gatewayPluginsMarketplace = route({
  ...read,
  id: 'gatewayPluginsMarketplace',
  method: 'GET',
  path: '/v3/gateways/plugins/marketplace',
  aliases: [{ path: '/v3/ipfs/plugins_marketplace' }],
  scope: 'gateways.plugins',
  response: data(z.array(Plugin)),
  summary: 'List the plugins that there are',
})

/** GET /v3/gateways/plugins/marketplace/{id}. */
export const gatewayPluginsMarketplaceGet = route({
  ...read,
  id: 'gatewayPluginsMarketplaceGet',
  method: 'GET',
  path: '/v3/gateways/plugins/marketplace/:pluginId',
  scope: 'gateways.plugins',
  params: PluginParams,
  response: data(Plugin),
  summary: 'Get a plugin',
})

/** GET /v3/gateways/plugins. */
export const gatewayPluginsAll = route({
  ...read,
  id: 'gatewayPluginsAll',
  method: 'GET',
  path: '/v3/gateways/plugins',
  scope: 'gateways.plugins',
  response: data(z.array(GatewayPlugin)),
  summary: 'List the plugins of all your gateways',
})

/** GET /v3/gateways/plugins/{gateway_id}. */
export const gatewayPluginsList = route({
  ...read,
  id: 'gatewayPluginsList',
  method: 'GET',
  path: '/v3/gateways/plugins/:gatewayId',
  aliases: [{ path: '/v3/ipfs/gateway_plugins/:gatewayId' }],
  scope: 'gateways.plugins',
  params: GatewayPluginsParams,
  response: data(z.array(GatewayPlugin)),
  summary: 'List the plugins of a gateway',
})

/** POST /v3/gateways/plugins/{gateway_id}. */
export const gatewayPluginsAdd = route({
  ...write,
  id: 'gatewayPluginsAdd',
  method: 'POST',
  path: '/v3/gateways/plugins/:gatewayId',
  scope: 'gateways.addPlugin',
  params: GatewayPluginsParams,
  bodyKind: 'json',
  body: AddPlugin,
  response: data(GatewayPlugin),
  summary: 'Give a gateway a plugin',
})

/** DELETE /v3/gateways/plugins/{gateway_id}/plugin/{plugin_id}. */
export const gatewayPluginsRemove = route({
  ...write,
  id: 'gatewayPluginsRemove',
  method: 'DELETE',
  path: '/v3/gateways/plugins/:gatewayId/plugin/:pluginId',
  scope: 'gateways.removePlugin',
  params: GatewayPluginParams,
  response: nothing,
  summary: 'Take a plugin from a gateway',
})
