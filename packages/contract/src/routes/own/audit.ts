import { z } from 'zod'
import { route } from '../../route.ts'
import { AuditEntry } from '../../schemas/accounts.ts'
import {
  AuditExportQuery,
  AuditQuery,
  AuditVerified,
  AuditVerifyQuery,
  InstallationAuditEntry,
  InstallationAuditQuery,
  OwnAuditExportQuery,
  OwnAuditVerifyQuery,
} from '../../schemas/audit.ts'
import { base, own } from './defaults.ts'

const account = { ...own, tag: 'Account', scope: 'account.audit' } as const
const operator = { ...own, scope: null, operator: true, tag: 'Operator' } as const

const format =
  'One JSON object a line, oldest first. `sealed` holds what the chain says of it: `hash` is the SHA-256 of `previous` (32 bytes) followed by `text`. Lines of the last second may not be sealed yet.'

/** GET /pinyon/v1/audit. */
export const auditList = route({
  ...account,
  id: 'auditList',
  method: 'GET',
  path: `${base}/audit`,
  query: AuditQuery,
  response: z.object({ entries: z.array(AuditEntry), nextPageToken: z.string().nullable() }),
  summary: 'Read the audit log of your account',
})

/** GET /pinyon/v1/audit/export. */
export const auditExport = route({
  ...account,
  id: 'auditExport',
  method: 'GET',
  path: `${base}/audit/export`,
  query: OwnAuditExportQuery,
  responseType: 'application/x-ndjson',
  summary: 'Export the audit log of your account',
  description: format,
})

/** GET /pinyon/v1/audit/verify. */
export const auditVerify = route({
  ...account,
  id: 'auditVerify',
  method: 'GET',
  path: `${base}/audit/verify`,
  query: OwnAuditVerifyQuery,
  response: AuditVerified,
  summary: 'Check that no line of your account was changed or taken away',
  description: 'Looks at 20,000 lines; ask again with `after` for more.',
})

/** GET /pinyon/v1/operator/audit. */
export const installationAuditList = route({
  ...operator,
  id: 'installationAuditList',
  method: 'GET',
  path: `${base}/operator/audit`,
  query: InstallationAuditQuery,
  response: z.object({ entries: z.array(InstallationAuditEntry), nextPageToken: z.string().nullable() }),
  summary: 'Read the audit log of the installation',
})

/** GET /pinyon/v1/operator/audit/export. */
export const installationAuditExport = route({
  ...operator,
  id: 'installationAuditExport',
  method: 'GET',
  path: `${base}/operator/audit/export`,
  query: AuditExportQuery,
  responseType: 'application/x-ndjson',
  summary: 'Export the audit log of the installation',
  description: format,
})

/** GET /pinyon/v1/operator/audit/verify. */
export const installationAuditVerify = route({
  ...operator,
  id: 'installationAuditVerify',
  method: 'GET',
  path: `${base}/operator/audit/verify`,
  query: AuditVerifyQuery,
  response: AuditVerified,
  summary: 'Check the chain of the audit log',
  description:
    'Finds lines that were changed, taken out or cut off. Looks at 20,000 lines; ask again with `after` for more.',
})
