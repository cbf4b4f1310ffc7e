import { z } from 'zod'
import { route } from '../route.ts'
import {
  AddPlugin,
  GatewayPlugin,
  GatewayPluginParams,
  GatewayPluginsParams,
  Plugin,
  PluginParams,
} from '../schemas/gateways.ts'
import { data, nothing, read, write } from './gateway-defaults.ts'

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
