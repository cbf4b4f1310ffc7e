import { z } from 'zod'
import { route } from '../route.ts'
import {
  CreateCustomDomain,
  CreateGateway,
  CustomDomain,
  CustomDomainParams,
  GatewayDetail,
  GatewayList,
  GatewayListQuery,
  GatewayNameParams,
  GatewayParams,
} from '../schemas/gateways.ts'
import { data, nothing, read, write } from './gateway-defaults.ts'

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
