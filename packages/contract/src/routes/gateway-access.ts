import { route } from '../route.ts'
import {
  AllowHost,
  AllowIp,
  GatewayAccess,
  GatewayParams,
  GatewayRules,
  Restriction,
  RestrictionParams,
  SetGatewayRules,
  TriedAccess,
  TryAccess,
} from '../schemas/gateways.ts'
import { data, nothing, read, write } from './gateway-defaults.ts'

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

/** GET /pinyon/v1/gateways/{id}/rules. */
export const gatewaysRules = route({
  ...read,
  id: 'gatewaysRules',
  method: 'GET',
  path: '/pinyon/v1/gateways/:id/rules',
  scope: 'gateways.rules',
  params: GatewayParams,
  response: GatewayRules,
  summary: 'See what a gateway serves in a month, and what it does with pages',
})

/** PUT /pinyon/v1/gateways/{id}/rules. */
export const gatewaysSetRules = route({
  ...write,
  id: 'gatewaysSetRules',
  method: 'PUT',
  path: '/pinyon/v1/gateways/:id/rules',
  scope: 'gateways.setRules',
  params: GatewayParams,
  bodyKind: 'json',
  body: SetGatewayRules,
  response: GatewayRules,
  summary: 'Set what a gateway may serve in a month, and what it does with pages',
  description:
    'A quota is in force within a second. One that is smaller than what was served refuses at once with 429; a larger one, or null, lets in again.',
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
