import { Readable } from 'node:stream'
import { routes } from '@pinyon/contract/routes.ts'
import { pageAudit } from '../accounts/audit.ts'
import { sealAudit } from '../accounts/audit-chain.ts'
import { exportAudit } from '../accounts/export-audit.ts'
import { verifyChain, verifyOwnLines } from '../accounts/verify-audit.ts'
import { answer, door, type Answer, type Door } from '../http/door.ts'
import { presentAuditEntry, presentAuditExport } from './present-audit.ts'

/** The audit log: of the caller's account, and for operators that of the installation. */
export const auditDoors: readonly Door[] = [
  door(routes.auditList, async ({ services, caller, query }) => {
    const { lines, nextPageToken } = await pageAudit(services, caller.accountId, query)
    return { entries: lines.map(presentAuditEntry), nextPageToken }
  }),
  door(routes.auditExport, async ({ services, caller, query }) => {
    await sealAudit(services)
    const { after = '', since } = query
    return sendLines(exportAudit(services, { accountId: caller.accountId, after, since }))
  }),
  door(routes.auditVerify, async ({ services, caller, query }) => {
    await sealAudit(services)
    return verifyOwnLines(services, caller, query)
  }),
  door(routes.installationAuditList, async ({ services, query: { accountId, ...query } }) => {
    const { lines, nextPageToken } = await pageAudit(services, accountId, query)
    return {
      entries: lines.map((line) => ({ ...presentAuditEntry(line), accountId: line.account_id })),
      nextPageToken,
    }
  }),
  door(routes.installationAuditExport, async ({ services, query }) => {
    await sealAudit(services)
    return sendLines(exportAudit(services, { after: query.after ?? 0, since: query.since }))
  }),
  door(routes.installationAuditVerify, async ({ services, query }) => {
    await sealAudit(services)
    return verifyChain(services, query)
  }),
]

function sendLines(lines: ReturnType<typeof exportAudit>): Answer {
  async function* texts() {
    for await (const line of lines) yield `${JSON.stringify(presentAuditExport(line))}\n`
  }
  return answer(200, Readable.from(texts(), { objectMode: false }), {
    'content-type': 'application/x-ndjson',
    'cache-control': 'private, no-store',
    'content-disposition': 'attachment; filename="audit.ndjson"',
  })
}
