import { routes } from '@pinyon/contract/routes.ts'
import { pageAudit } from '../accounts/audit.ts'
import { door, type Door } from '../http/door.ts'
import { presentAuditEntry } from './present-accounts.ts'

/** The audit log of the caller's account. */
export const auditDoors: readonly Door[] = [
  door(routes.auditList, async ({ services, caller, query }) => {
    const { lines, nextPageToken } = await pageAudit(services, caller, query)
    return { entries: lines.map(presentAuditEntry), nextPageToken }
  }),
]
