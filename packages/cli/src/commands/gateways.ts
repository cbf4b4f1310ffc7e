import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { notFound, UsageError } from '../exit.ts'
import { fields, safeText, table, timeText } from '../output.ts'

type Gateway = AnswerOf<typeof routes.gatewaysList>['data']['rows'][number]
type Detail = AnswerOf<typeof routes.gatewaysGet>['data']

/** Lists gateways, all pages. */
export async function listGateways(context: Context): Promise<void> {
  const rows = await readGateways(context)
  context.out.result(rows, () =>
    rows.length === 0
      ? 'No gateways yet. Make one: ./pinyon gateways create NAME'
      : table(
          ['ID', 'NAME', 'READ BY', 'CREATED', 'DOMAINS'],
          rows.map((row) => [
            row.id,
            row.domain,
            row.restrict ? 'those let in' : 'anyone',
            timeText(row.created_at),
            row.custom_domains.map(({ domain }) => domain).join(', '),
          ]),
        ),
  )
}

/** Makes a gateway. */
export async function createGateway(context: Context, domain: string): Promise<void> {
  const client = await context.client()
  const { data } = await client.call(routes.gatewaysCreate, { body: { domain }, signal: context.signal })
  context.out.result(data, () => describe(data))
}

/** Shows a gateway with what belongs to it. */
export async function showGateway(context: Context, which: string): Promise<void> {
  const detail = await getGateway(context, which)
  context.out.result(detail, () => describe(detail))
}

/** Ends a gateway. */
export async function deleteGateway(context: Context, which: string): Promise<void> {
  const { id, domain } = await getGateway(context, which)
  const client = await context.client()
  await client.call(routes.gatewaysDelete, { params: { id }, signal: context.signal })
  context.out.result({ deleted: id }, `Deleted the gateway ${domain}.`)
}

/** Adds a domain, a token, an address or a host. */
export async function addToGateway(
  context: Context,
  which: string,
  { what, value }: { what: string; value: string | undefined },
): Promise<void> {
  if (!['domain', 'token', 'ip', 'host'].includes(what)) throw new UsageError('Add a domain, a token, an ip or a host.')
  if ((what === 'token') !== (value === undefined))
    throw new UsageError(what === 'token' ? 'A token is made here: it takes no value.' : `Say which ${what}.`)
  const { id } = await getGateway(context, which)
  const added = await add(context, id, what, value ?? '')
  context.out.result(added, () => ('value' in added ? safeText(added.value) : describeDomain(added)))
}

async function add(context: Context, id: string, what: string, value: string) {
  const client = await context.client()
  const asked = { params: { id }, signal: context.signal }
  switch (what) {
    case 'domain':
      return (await client.call(routes.gatewaysAddDomain, { ...asked, body: { domain: value } })).data
    case 'token':
      return (await client.call(routes.gatewaysAddToken, asked)).data
    case 'ip':
      return (await client.call(routes.gatewaysAddIp, { ...asked, body: { ip: value } })).data
    default:
      return (await client.call(routes.gatewaysAddHost, { ...asked, body: { host: value } })).data
  }
}

/** Says who can read what at a gateway. */
export async function describeAccess(context: Context, which: string): Promise<void> {
  const { id } = await getGateway(context, which)
  const client = await context.client()
  const access = await client.call(routes.gatewaysAccess, { params: { id }, signal: context.signal })
  const hosts = access.hosts.map(({ host, served }) => (served ? host : `${host} (not served)`))
  context.out.result(access, () => [...access.sentences, `Hosts: ${hosts.join(', ') || 'none'}`].join('\n'))
}

/** Says whether a request would be served, and why. Fails where it would not. */
export async function tryAccess(
  context: Context,
  which: string,
  asked: { path: string; token?: string; origin?: string; address?: string },
): Promise<void> {
  const { id } = await getGateway(context, which)
  const client = await context.client()
  const tried = await client.call(routes.gatewaysTryAccess, { params: { id }, body: asked, signal: context.signal })
  context.out.result(tried, () => `${tried.served ? 'Served' : `Refused (${tried.status})`}: ${safeText(tried.why)}`)
}

/** Has the record of a domain looked for now. */
export async function checkDomain(context: Context, which: string, domain: string): Promise<void> {
  const { id, domain: name, custom_domains: domains } = await getGateway(context, which)
  const found = domains.find((each) => each.domain === domain.toLowerCase() || each.custom_domain_id === domain)
  if (found === undefined) throw notFound(`The gateway ${name} has no domain "${domain}".`)
  const client = await context.client()
  const params = { id, customDomainId: found.custom_domain_id }
  const checked = await client.call(routes.gatewaysCheckDomain, { params, signal: context.signal })
  context.out.result(checked, () => describeDomain(checked))
}

/** Takes away a domain, a token, an address or a host, by its value or its id. */
export async function removeFromGateway(context: Context, which: string, value: string): Promise<void> {
  const detail = await getGateway(context, which)
  const client = await context.client()
  const { accessTokens, allowedHosts, allowedIPAddresses } = detail.settings.restriction_policies
  const domain = detail.custom_domains.find((each) => each.domain === value || each.custom_domain_id === value)
  const { signal } = context
  if (domain !== undefined) {
    const params = { id: detail.id, customDomainId: domain.custom_domain_id }
    await client.call(routes.gatewaysRemoveDomain, { params, signal })
  } else {
    const found = (
      [
        [routes.gatewaysRemoveToken, accessTokens],
        [routes.gatewaysRemoveHost, allowedHosts],
        [routes.gatewaysRemoveIp, allowedIPAddresses],
      ] as const
    ).flatMap(([route, all]) => {
      const each = all.find((one) => one.value === value || one.id === value)
      return each === undefined ? [] : [{ route, restrictionId: each.id }]
    })
    const [first] = found
    if (first === undefined) throw notFound(`The gateway ${detail.domain} has no "${value}".`)
    await client.call(first.route, { params: { id: detail.id, restrictionId: first.restrictionId }, signal })
  }
  context.out.result({ removed: value }, 'Removed.')
}

function describeDomain({ domain, domain_validation_status: state, proof }: Detail['custom_domains'][number]): string {
  if (proof.by === 'waived') return `${domain}: ${state}, without proof`
  const { type, name, value } = proof.record
  return fields([
    ['Domain', domain],
    ['State', state],
    ['Record', `${type} ${name}`],
    ['Value', value],
    ['Problem', proof.problem ?? '-'],
  ])
}

async function readGateways(context: Context): Promise<Gateway[]> {
  const client = await context.client()
  const rows: Gateway[] = []
  for (let page = 1; ; page++) {
    const { data } = await client.call(routes.gatewaysList, { query: { page, pageSize: 100 }, signal: context.signal })
    rows.push(...data.rows)
    if (data.rows.length === 0 || rows.length >= data.count) return rows
  }
}

/** A gateway of the account by its name or id, with its settings. Throws `notFound`. */
export async function getGateway(context: Context, which: string): Promise<Detail> {
  const found = (await readGateways(context)).find(({ id, domain }) => id === which || domain === which.toLowerCase())
  if (found === undefined) throw notFound(`There is no gateway "${which}" in this account.`)
  const client = await context.client()
  return (await client.call(routes.gatewaysGet, { params: { id: found.id }, signal: context.signal })).data
}

function describe(detail: Detail): string {
  const { accessTokens, allowedHosts, allowedIPAddresses } = detail.settings.restriction_policies
  const all = (values: readonly { readonly value: string }[]) =>
    values.length === 0 ? '-' : values.map(({ value }) => safeText(value)).join(', ')
  return fields([
    ['Id', detail.id],
    ['Name', detail.domain],
    [
      'Domains',
      detail.custom_domains.map((each) => `${each.domain} (${each.domain_validation_status})`).join(', ') || '-',
    ],
    ['Tokens', all(accessTokens)],
    ['Hosts', all(allowedHosts)],
    ['Addresses', all(allowedIPAddresses)],
  ])
}
