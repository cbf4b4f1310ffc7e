import type { Action } from './action.ts'
import type { Driver } from './driver.ts'
import { certain, type Thing } from './history.ts'
import { anyAccount } from './uploads.ts'

/** Webhooks and gateways: things that are read back as a whole. */
export const webhooksAndGateways: readonly Action[] = [
  { covers: ['webhooksCreate'], weight: 1, run: createWebhook },
  { covers: ['webhooksUpdate'], weight: 1, run: updateWebhook },
  { covers: ['webhooksTest', 'webhooksResend'], weight: 1, run: testWebhook },
  { covers: ['webhooksRotateSecret'], weight: 1, run: rotateSecret },
  { covers: ['webhooksDelete'], weight: 1, run: removeWebhook },
  { covers: ['gatewaysCreate'], weight: 1, run: createGateway },
  {
    covers: ['gatewaysAddToken', 'gatewaysAddIp', 'gatewaysAddHost', 'gatewaysAddDomain', 'gatewayPluginsAdd'],
    weight: 2,
    run: allow,
  },
  {
    covers: [
      'gatewaysRemoveToken',
      'gatewaysRemoveIp',
      'gatewaysRemoveHost',
      'gatewaysRemoveDomain',
      'gatewayPluginsRemove',
    ],
    weight: 1,
    run: disallow,
  },
  { covers: ['gatewaysDelete'], weight: 1, run: removeGateway },
]

/** Nobody listens there, and it may not even be dialled: deliveries fail and are tried again while the load goes on. */
const url = 'http://127.0.0.1:9/hook'

function pick(driver: Driver, kind: 'webhook' | 'gateway'): Thing | undefined {
  const found = driver.history.settled(kind)
  return found.length === 0 ? undefined : driver.random.pick(found)
}

async function createWebhook(driver: Driver): Promise<void> {
  const account = anyAccount(driver)
  if (driver.history.settled('webhook', (thing) => thing.account === account).length > 2) return
  const webhook = driver.history.add({ kind: 'webhook', account, name: `webhook-${driver.random.hex(12)}` })
  const json = { url, name: webhook.name, kinds: ['ipfs.public.file_added'] }
  const next = { name: webhook.name, kinds: json.kinds }
  const answer = await driver.change(webhook, next, { method: 'POST', path: '/pinyon/v1/webhooks', json }, [200, 201])
  if (answer === undefined) return
  webhook.id = answer.body.webhook.id
  driver.history.secrets.add(answer.body.secret)
}

async function updateWebhook(driver: Driver): Promise<void> {
  const webhook = pick(driver, 'webhook')
  if (webhook === undefined) return
  const state = certain(webhook)
  const name = `${webhook.name}~${driver.random.hex(4)}`
  const ask = { method: 'PATCH', path: `/pinyon/v1/webhooks/${webhook.id}`, json: { name } }
  await driver.change(webhook, { ...state, name }, ask)
}

/** It gets another secret, which nothing else may ever show. */
async function rotateSecret(driver: Driver): Promise<void> {
  const webhook = pick(driver, 'webhook')
  const state = webhook && certain(webhook)
  if (webhook === undefined || state === undefined) return
  const path = `/pinyon/v1/webhooks/${webhook.id}/rotate-secret`
  const answer = await driver.change(webhook, state, { method: 'POST', path, json: { overlapSeconds: 60 } })
  if (answer !== undefined) driver.history.secrets.add(answer.body.secret)
}

/** A delivery that is asked for, and once more: that both are answered is looked at, and that none is stuck. */
async function testWebhook(driver: Driver): Promise<void> {
  const webhook = pick(driver, 'webhook')
  const state = webhook && certain(webhook)
  if (webhook === undefined || state === undefined) return
  const path = `/pinyon/v1/webhooks/${webhook.id}`
  // 409: it was disabled, since nothing is ever accepted there.
  const answer = await driver.change(webhook, state, { method: 'POST', path: `${path}/test` }, [200, 201, 202, 409])
  const delivery = answer?.body.id ?? answer?.body.delivery?.id
  // Somebody else may have come between the two requests.
  if (delivery === undefined || webhook.busy || certain(webhook) === undefined) return
  await driver.change(
    webhook,
    state,
    { method: 'POST', path: `${path}/deliveries/${delivery}/resend` },
    [200, 202, 409],
  )
}

async function removeWebhook(driver: Driver): Promise<void> {
  const webhook = pick(driver, 'webhook')
  if (webhook === undefined) return
  await driver.change(webhook, 'absent', { method: 'DELETE', path: `/pinyon/v1/webhooks/${webhook.id}` }, [200, 204])
}

async function createGateway(driver: Driver): Promise<void> {
  const account = anyAccount(driver)
  if (driver.history.settled('gateway', (thing) => thing.account === account).length > 2) return
  const gateway = driver.history.add({ kind: 'gateway', account, name: `gateway-${driver.random.hex(12)}` })
  const next = { domain: gateway.name, values: [] }
  const ask = { method: 'POST', path: '/v3/gateways', json: { domain: gateway.name } }
  const answer = await driver.change(gateway, next, ask, [200, 201])
  if (answer !== undefined) gateway.id = answer.body.data.id
}

const routesOf = {
  token: 'access_tokens',
  ip: 'ips',
  host: 'hosts',
  domain: 'custom_domain',
} as const

/** Where one value of a gateway, or all of a kind, are. */
function pathTo(gateway: Thing, kind: keyof typeof routesOf | 'plugin', id?: string): string {
  const one = id === undefined ? '' : `/${id}`
  if (kind === 'plugin') return `/v3/gateways/plugins/${gateway.id}${id === undefined ? '' : `/plugin${one}`}`
  return `/v3/gateways/${gateway.id}/${routesOf[kind]}${one}`
}

/** Values are told apart by what they begin with; tokens are drawn by the server, and count as one each. */
async function allow(driver: Driver): Promise<void> {
  const gateway = pick(driver, 'gateway')
  const state = gateway && certain(gateway)
  if (gateway === undefined || state === undefined) return
  const values = state['values'] as string[]
  if (values.length > 5) return
  const draw = driver.random.hex(8)
  const kind = driver.random.pick(['token', 'ip', 'host', 'domain', 'plugin'] as const)
  const value = {
    token: 'token',
    ip: `10.${[0, 2, 4].map((at) => Number.parseInt(draw.slice(at, at + 2), 16)).join('.')}`,
    host: `https://h${draw}.example`,
    domain: `d${draw}.example.test`,
    plugin: 'plugin 1',
  }[kind]
  if (values.includes(value) && kind !== 'token') return
  const bodies = { token: {}, ip: { ip: value }, host: { host: value }, domain: { domain: value } }
  const json = kind === 'plugin' ? { plugin_id: 1 } : bodies[kind]
  const ask = { method: 'POST', path: pathTo(gateway, kind), json }
  await driver.change(gateway, { ...state, values: [...values, value].toSorted() }, ask, [200, 201])
}

async function disallow(driver: Driver): Promise<void> {
  const gateway = pick(driver, 'gateway')
  const state = gateway && certain(gateway)
  if (gateway === undefined || state === undefined) return
  gateway.busy = true
  const as = gateway.account
  const read = await driver.ask({ method: 'GET', path: `/v3/gateways/${gateway.id}`, as })
  const plugins = await driver.ask({ method: 'GET', path: pathTo(gateway, 'plugin'), as })
  gateway.busy = false
  if (read?.status !== 200 || plugins?.status !== 200) return
  const found = valuesOfGateway(read.body.data, plugins.body.data)
  if (found.length === 0) return
  const { kind, id, value } = driver.random.pick(found)
  const values = [...(state['values'] as string[])]
  values.splice(values.indexOf(value), 1)
  const ask = { method: 'DELETE', path: pathTo(gateway, kind, id) }
  await driver.change(gateway, { ...state, values }, ask, [200, 204])
}

async function removeGateway(driver: Driver): Promise<void> {
  const gateway = pick(driver, 'gateway')
  if (gateway === undefined) return
  await driver.change(gateway, 'absent', { method: 'DELETE', path: `/v3/gateways/${gateway.id}` }, [200, 204])
}

interface Shown {
  readonly custom_domains: { custom_domain_id: string; domain: string }[]
  readonly settings: {
    restriction_policies: Record<
      'accessTokens' | 'allowedHosts' | 'allowedIPAddresses',
      { id: string; value: string }[]
    >
  }
}

/** What a gateway lets in, with the ids to remove it by. */
export function valuesOfGateway({ custom_domains, settings }: Shown, plugins: readonly { plugin_id: number }[]) {
  const { accessTokens, allowedHosts, allowedIPAddresses } = settings.restriction_policies
  return [
    ...accessTokens.map(({ id }) => ({ kind: 'token' as const, id, value: 'token' })),
    ...allowedIPAddresses.map(({ id, value }) => ({ kind: 'ip' as const, id, value })),
    ...allowedHosts.map(({ id, value }) => ({ kind: 'host' as const, id, value })),
    ...custom_domains.map(({ custom_domain_id: id, domain }) => ({ kind: 'domain' as const, id, value: domain })),
    ...plugins.map(({ plugin_id: id }) => ({ kind: 'plugin' as const, id: String(id), value: `plugin ${id}` })),
  ]
}
