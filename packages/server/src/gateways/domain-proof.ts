import { recordAudit } from '../accounts/audit.ts'
import type { Config } from '../config/config.ts'
import type { ValueKey } from '../keys/value-key.ts'
import { lookUpTxt } from '../ipfs/names/look-up-txt.ts'
import type { Services } from '../services.ts'
import { type DomainRow, listDueDomains, updateDomain } from './domain-queries.ts'

/** Domains that one run of the job looks at, and how many at a time. */
const maxChecks = 200
const concurrency = 8
const minuteMs = 60_000
const hourMs = 3_600_000
/** A record that is missed is looked for again so much later before its domain is lost. */
const missedMs = 50_000
/** A DNS that gives no answer says nothing of whose a domain is; only so long is a proof believed without one. */
const silenceMs = 72 * hourMs

type Needed = Pick<Services, 'db' | 'clock' | 'newId' | 'valueKey' | 'config'>

/** What was found of a domain. */
type Found = { readonly outcome: 'proven' | 'absent' | 'unknown'; readonly problem: string | null }

/** Which proofs count. */
export function proofsOf({ gateway }: Pick<Config, 'gateway'>): readonly string[] {
  return gateway.domainProof === 'off' ? ['dns', 'waived'] : ['dns']
}

/**
 * The TXT record that shows whose a domain is. It holds a word of this one claim, so that neither an old CNAME that
 * still points at a gateway's name nor another account's record shows anything.
 */
export function proofRecord(valueKey: ValueKey, { id, domain }: Pick<DomainRow, 'id' | 'domain'>) {
  return {
    name: `_pinyon.${domain}`,
    value: `pinyon-domain=${valueKey.derive('custom domain', id).toString('base64url').slice(0, 32)}`,
  }
}

/** Looks at the domains whose time has come: those that wait for their proof, and whether that of the others still stands. */
export async function checkDueDomains(services: Needed, signal: AbortSignal): Promise<void> {
  if (services.config.gateway.domainProof === 'off') return
  const due = await listDueDomains(services.db.read, { now: services.clock.now(), limit: maxChecks })
  const rest = due.values()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const row of rest) {
        if (signal.aborted) return
        await checkDomain(services, row, signal)
      }
    }),
  )
}

/** Asks the DNS about one domain now, and keeps what it says. The row as it is then. */
export async function checkDomain(
  services: Needed,
  { account_id: accountId, ...row }: DomainRow & { readonly account_id: string },
  signal: AbortSignal,
): Promise<DomainRow> {
  const { db, clock, newId, config } = services
  const found = await look(services, row, signal)
  if (signal.aborted) return row
  const now = clock.now()
  const next = nextState(row, found, { now, isWaived: config.gateway.domainProof === 'off' })
  await db.write(async (tx) => {
    if (!(await updateDomain(tx, row, next))) return
    if ((next.proof === null) === (row.proof === null)) return
    await recordAudit(tx, {
      id: newId(),
      at: now,
      accountId,
      actor: { kind: 'machine', id: null },
      action: next.proof === null ? 'gateway.domain_lost' : 'gateway.domain_proven',
      target: row.gateway_id,
      detail: { domain: row.domain, ...(next.problem === null ? {} : { problem: next.problem }) },
    })
  })
  return { ...row, ...next }
}

async function look(
  { valueKey, config }: Pick<Needed, 'valueKey' | 'config'>,
  row: DomainRow,
  signal: AbortSignal,
): Promise<Found> {
  const { name, value } = proofRecord(valueKey, row)
  try {
    const texts = (await lookUpTxt(name, { servers: config.ipfs.dnsServers, signal })).map((parts) => parts.join(''))
    if (texts.some((text) => text.trim() === value)) return { outcome: 'proven', problem: null }
    const problem =
      texts.length === 0 ? `There is no TXT record ${name}.` : `The TXT record ${name} does not say ${value}.`
    return { outcome: 'absent', problem }
  } catch {
    // R9: what the DNS does not say changes nothing at once.
    return { outcome: 'unknown', problem: `The DNS did not answer for ${name}.` }
  }
}

/** What a domain is after a check: gained at once, lost when it is missed twice or nothing was heard for three days. */
function nextState(row: DomainRow, { outcome, problem }: Found, { now, isWaived }: { now: number; isWaived: boolean }) {
  const checked = { checked_at: now, problem }
  if (outcome === 'proven') {
    const provenAt = row.proof === 'dns' ? row.proven_at : now
    return { ...checked, proof: 'dns', proven_at: provenAt, failing_since: null, next_check_at: now + hourMs }
  }
  if (row.proof === 'dns') {
    const since = row.failing_since ?? now
    const isLost = now - since >= (outcome === 'absent' ? missedMs : silenceMs)
    if (!isLost) {
      return { ...checked, proof: 'dns', proven_at: row.proven_at, failing_since: since, next_check_at: now + minuteMs }
    }
  }
  const kept = isWaived && row.proof === 'waived' ? row : { proof: null, proven_at: null }
  const wait = waitOf(now - row.created_at)
  return { ...checked, proof: kept.proof, proven_at: kept.proven_at, failing_since: null, next_check_at: now + wait }
}

/** Whoever has just asked for a domain waits at the screen; after a month nobody does. */
function waitOf(ageMs: number): number {
  if (ageMs < hourMs) return minuteMs
  if (ageMs < 72 * hourMs) return 10 * minuteMs
  return ageMs < 720 * hourMs ? hourMs : 24 * hourMs
}
