import type { Caller } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { deleteDomain, type DomainRow, insertDomain, isDomainProven, listDomains } from './domain-queries.ts'
import { proofsOf } from './domain-proof.ts'
import { changeGateway, getGateway } from './manage-gateways.ts'

/** Domains that a gateway may have. */
const maxDomains = 50

type ChangeServices = Pick<Services, 'db' | 'clock' | 'newId' | 'config'>

/**
 * Gives a gateway a domain of the owner's own. It is served once it is proven, or at once where the operator asks for no
 * proof. Throws `not_found`, `conflict` when the gateway has it, or nobody need prove it and another gateway was first.
 */
export async function addCustomDomain(
  services: ChangeServices,
  caller: Caller,
  { id: gatewayId, domain }: { id: string; domain: string },
): Promise<DomainRow> {
  const isWaived = services.config.gateway.domainProof === 'off'
  return changeGateway(services, caller, gatewayId, async (tx, now) => {
    if ((await listDomains(tx, [gatewayId])).length >= maxDomains) {
      throw new AppError('conflict', `A gateway may have at most ${maxDomains} domains. Remove one first.`)
    }
    const taken = { domain, proofs: proofsOf(services.config), except: gatewayId }
    if (isWaived && (await isDomainProven(tx, taken))) {
      throw new AppError('conflict', `The domain ${domain} is taken.`)
    }
    const result: DomainRow = {
      id: services.newId(),
      gateway_id: gatewayId,
      domain,
      created_at: now,
      proof: isWaived ? 'waived' : null,
      proven_at: isWaived ? now : null,
      checked_at: null,
      next_check_at: now,
      failing_since: null,
      problem: null,
    }
    if (!(await insertDomain(tx, result))) {
      throw new AppError('conflict', `This gateway has the domain ${domain} already.`)
    }
    return { result, audit: { action: 'gateway.domain_added', detail: { domain } } }
  })
}

/** A custom domain of a gateway. Throws `not_found`. */
export async function getCustomDomain(
  { db }: Pick<Services, 'db'>,
  caller: Pick<Caller, 'accountId'>,
  { id, customDomainId }: { id: string; customDomainId: string },
): Promise<DomainRow> {
  await getGateway(db.read, caller, id)
  const found = (await listDomains(db.read, [id])).find((domain) => domain.id === customDomainId)
  if (found === undefined) throw new AppError('not_found', 'There is no such domain of this gateway')
  return found
}

/** Takes a custom domain away. Throws `not_found`. */
export async function removeCustomDomain(
  services: ChangeServices,
  caller: Caller,
  { id: gatewayId, customDomainId }: { id: string; customDomainId: string },
): Promise<void> {
  await changeGateway(services, caller, gatewayId, async (tx) => {
    if (!(await deleteDomain(tx, { gatewayId, id: customDomainId }))) {
      throw new AppError('not_found', 'There is no such domain of this gateway')
    }
    return { result: undefined, audit: { action: 'gateway.domain_removed', detail: { customDomainId } } }
  })
}
