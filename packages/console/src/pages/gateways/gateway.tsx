import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { toCurl } from '../../api/curl.ts'
import { type GatewayDetail, gatewayQuery } from '../../api/gateways.ts'
import { DeleteGateway } from '../../forms/delete-gateway.tsx'
import { AddToken, AddValue, removeRestriction, RemoveValue } from '../../forms/gateway-additions.tsx'
import { GatewayPlugins } from '../../forms/gateway-plugins.tsx'
import { GatewayRulesForm } from '../../forms/gateway-rules.tsx'
import { TryAccess } from '../../forms/try-access.tsx'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Kept } from '../../shell/kept.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyValue } from '../../ui/facts.tsx'
import { Late } from '../../ui/late.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { AccessInWords } from './access-in-words.tsx'
import { Domains } from './domains.tsx'
import { Values } from './values.tsx'

const route = getRouteApi('/signed-in/gateways/$id')

/** One gateway: who reads through it, its domains and plugins. */
export function GatewayPage() {
  const { id } = route.useParams()
  const { data: gateway, error, refetch } = useQuery(gatewayQuery(id))
  if (gateway !== undefined) {
    return (
      <Kept error={error} onRetry={() => void refetch()}>
        <Shown gateway={gateway} />
      </Kept>
    )
  }
  return (
    <Page title="Gateway">
      {error === null ? <Late /> : <ErrorPanel error={error} onRetry={() => void refetch()} />}
      <Link {...paths.gateways} className="text-accent underline">
        All gateways
      </Link>
    </Page>
  )
}

function Shown({ gateway }: { readonly gateway: GatewayDetail }) {
  const navigate = useNavigate()
  const [isDeleting, setDeleting] = useState(false)
  const params = { id: gateway.id }
  const { accessTokens, allowedHosts, allowedIPAddresses } = gateway.settings.restriction_policies
  return (
    <Page
      title={gateway.domain}
      actions={
        <>
          <ApiCall curl={toCurl(routes.gatewaysGet, { params })} />
          <Button look="danger" onClick={() => setDeleting(true)}>
            <Trash2 />
            Delete
          </Button>
        </>
      }
    >
      <Section title="Who can read what">
        <AccessInWords gatewayId={gateway.id} />
      </Section>
      <Section
        title="Access tokens"
        lead="Shown in the query pinataGatewayToken or the header x-pinata-gateway-token."
        actions={<AddToken gatewayId={gateway.id} />}
      >
        <Values none="No access tokens.">
          {accessTokens.map(({ id, value }) => (
            <li key={id} className="flex flex-wrap items-center justify-between gap-2 px-3 py-2">
              <CopyValue text={value} label="Copy access token" />
              <RemoveValue
                action="Revoke"
                name={`access token ${value.slice(0, 10)}`}
                remove={() => removeRestriction(routes.gatewaysRemoveToken, gateway.id, id)}
              />
            </li>
          ))}
        </Values>
      </Section>
      <Section title="Hosts" lead="Pages of these origins read what they show through the gateway.">
        <Restrictions row={routes.gatewaysRemoveHost} gateway={gateway} all={allowedHosts} none="No hosts." />
        <AddValue
          label="Host"
          hint="An origin, without a path."
          placeholder="https://app.example.org"
          add={(host) => client.call(routes.gatewaysAddHost, { params, body: { host } })}
        />
      </Section>
      <Section title="Addresses" lead="Requests from these addresses are let in.">
        <Restrictions row={routes.gatewaysRemoveIp} gateway={gateway} all={allowedIPAddresses} none="No addresses." />
        <AddValue
          label="Address"
          hint="An IP address or a CIDR range."
          placeholder="192.0.2.0/24"
          add={(ip) => client.call(routes.gatewaysAddIp, { params, body: { ip } })}
        />
      </Section>
      <Section title="Domains" lead="Names of your own under which the gateway is reached.">
        <Domains gateway={gateway} />
      </Section>
      <Section
        title="Rules"
        lead="How much it serves in a month, and what it does with pages."
        actions={<ApiCall curl={toCurl(routes.gatewaysRules, { params })} />}
      >
        <GatewayRulesForm gatewayId={gateway.id} />
      </Section>
      <Section title="Try a request" lead="Whether it would be served now, and why, without asking the gateway.">
        <TryAccess gatewayId={gateway.id} />
      </Section>
      <Section title="Plugins">
        <GatewayPlugins gatewayId={gateway.id} />
      </Section>
      {isDeleting && (
        <DeleteGateway
          gateway={gateway}
          onClose={() => setDeleting(false)}
          onDeleted={() => void navigate(paths.gateways)}
        />
      )}
    </Page>
  )
}

interface RestrictionsProps {
  /** That of addresses is of the same type. */
  readonly row: typeof routes.gatewaysRemoveHost
  readonly gateway: GatewayDetail
  readonly all: GatewayDetail['settings']['restriction_policies']['allowedHosts']
  readonly none: string
}

function Restrictions({ row, gateway, all, none }: RestrictionsProps) {
  return (
    <Values none={none}>
      {all.map(({ id, value }) => (
        <li key={id} className="flex flex-wrap items-center justify-between gap-2 px-3 py-2">
          <code className="min-w-0 font-mono text-xs break-all">{value}</code>
          <RemoveValue action="Remove" name={value} remove={() => removeRestriction(row, gateway.id, id)} />
        </li>
      ))}
    </Values>
  )
}
