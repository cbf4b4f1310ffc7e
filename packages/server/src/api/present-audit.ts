import type { AuditEntry } from '@pinyon/contract/schemas/accounts.ts'
import type { z } from 'zod'
import type { AuditRow } from '../accounts/audit-chain-queries.ts'
import type { ExportedLine } from '../accounts/export-audit.ts'
import { presentTime } from './present-time.ts'

/** A line of the audit log. */
export function presentAuditEntry(line: AuditRow): z.infer<typeof AuditEntry> {
  return {
    id: line.id,
    at: presentTime(line.at),
    actor: { kind: line.actor_kind, id: line.actor_id },
    action: line.action,
    target: line.target,
    address: line.address,
    requestId: line.request_id,
    result: line.result,
    detail: line.detail === null ? null : JSON.parse(line.detail),
  }
}

/** A sealed line as it is exported. */
export function presentAuditExport({ line, number, previous, hash, text }: ExportedLine) {
  const sealed = { ...(number === undefined ? {} : { number }), previous, hash, text }
  return { ...presentAuditEntry(line), accountId: line.account_id, sealed }
}
