import { noteEgressChange } from '../accounts/queries.ts'
import type { Caller } from '../caller.ts'
import { getEgress, type EgressNow } from '../egress/get-egress.ts'
import type { Services } from '../services.ts'
import type { HtmlPolicy } from './html-policy.ts'
import { changeGateway, getGateway } from './manage-gateways.ts'
import { updateGateway } from './queries.ts'

/** What a gateway goes by, beside who is let in. */
export interface GatewayRules {
  readonly html: HtmlPolicy
  readonly egress: EgressNow
}

/** The rules of a gateway of the account. Throws `not_found`. */
export async function getGatewayRules(
  services: Pick<Services, 'db' | 'clock'>,
  caller: Pick<Caller, 'accountId'>,
  id: string,
): Promise<GatewayRules> {
  const { html } = await getGateway(services.db.read, caller, id)
  const egress = await getEgress(services, { accountId: caller.accountId, gatewayId: id })
  return { html: html as HtmlPolicy, egress } // written below
}

/** Changes what is given of them: in force at once here, and within a second elsewhere. Throws `not_found`. */
export async function setGatewayRules(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'egressLimits'>,
  caller: Caller,
  id: string,
  { html, egressQuotaBytes }: { html?: HtmlPolicy | undefined; egressQuotaBytes?: number | null | undefined },
): Promise<GatewayRules> {
  const detail = {
    ...(html === undefined ? {} : { html }),
    ...(egressQuotaBytes === undefined ? {} : { egressQuotaBytes }),
  }
  await changeGateway(services, caller, id, async (tx) => {
    await updateGateway(tx, id, {
      ...(html === undefined ? {} : { html }),
      ...(egressQuotaBytes === undefined ? {} : { egress_quota_bytes: egressQuotaBytes }),
    })
    if (egressQuotaBytes !== undefined) await noteEgressChange(tx)
    return { result: undefined, audit: { action: 'gateway.rules_changed', detail } }
  })
  if (egressQuotaBytes !== undefined) await services.egressLimits.changed()
  return getGatewayRules(services, caller, id)
}
