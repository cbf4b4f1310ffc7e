import { routes } from '@pinyon/contract/routes.ts'
import { client } from '../../api/client.ts'
import type { CustomDomain, GatewayDetail } from '../../api/gateways.ts'
import { CheckDomain } from '../../forms/check-domain.tsx'
import { AddValue, RemoveValue } from '../../forms/gateway-additions.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Fact, FactList, CopyValue } from '../../ui/facts.tsx'
import { Ago } from '../../ui/time.tsx'
import { Values } from './values.tsx'

/** The domains of a gateway, and what shows whose each is. */
export function Domains({ gateway: { id, custom_domains: domains } }: { readonly gateway: GatewayDetail }) {
  return (
    <>
      <Values none="No domains.">
        {domains.map((domain) => (
          <li key={domain.custom_domain_id} className="flex flex-col gap-2 px-3 py-2">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <span className="min-w-0 break-words">
                {domain.domain} <State domain={domain} />
              </span>
              <span className="flex flex-wrap gap-1">
                {domain.proof.by === 'dns' && <CheckDomain gatewayId={id} domain={domain} />}
                <RemoveValue
                  action="Remove"
                  name={domain.domain}
                  remove={() =>
                    client.call(routes.gatewaysRemoveDomain, {
                      params: { id, customDomainId: domain.custom_domain_id },
                    })
                  }
                />
              </span>
            </div>
            <Proof domain={domain} />
          </li>
        ))}
      </Values>
      <AddValue
        label="Domain"
        hint="A domain name whose records you can change."
        placeholder="ipfs.example.org"
        add={(domain) => client.call(routes.gatewaysAddDomain, { params: { id }, body: { domain } })}
      />
    </>
  )
}

function State({ domain: { domain_validation_status: state, proof } }: { readonly domain: CustomDomain }) {
  if (state === 'active') return <Badge tone="ok">{proof.by === 'waived' ? 'served without proof' : 'served'}</Badge>
  if (state === 'failing') return <Badge tone="warn">served, record missing</Badge>
  return <Badge tone="warn">not served: waits for its record</Badge>
}

function Proof({ domain: { domain_validation_status: state, proof } }: { readonly domain: CustomDomain }) {
  if (proof.by === 'waived') return null
  return (
    <>
      {state !== 'active' && (
        <p className="text-muted">
          Add this record where the domain is managed, and point the domain at this installation. It has to stay.
        </p>
      )}
      <FactList>
        <Fact name={`${proof.record.type} record`}>
          <CopyValue text={proof.record.name} label="Copy name of the record" />
        </Fact>
        <Fact name="Value">
          <CopyValue text={proof.record.value} label="Copy value of the record" />
        </Fact>
        <Fact name="Looked for">{proof.checkedAt === null ? 'not yet' : <Ago iso={proof.checkedAt} />}</Fact>
      </FactList>
      {proof.problem !== null && <p className="text-muted break-words">{proof.problem}</p>}
    </>
  )
}
