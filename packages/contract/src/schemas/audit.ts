import { z } from 'zod'
import { AuditEntry } from './accounts.ts'
import { When, wholeNumber } from './common.ts'

const text = z.string().max(200)

/** Which lines of the audit log; everything given must hold. */
const AuditFilter = z.object({
  action: z.string().max(100).optional(),
  actor: text.optional().meta({ description: 'The id of a user or key, or a kind such as `machine`.' }),
  target: z.string().max(2_000).optional(),
  address: text.optional(),
  result: z.enum(['ok', 'refused']).optional(),
  since: When.optional(),
  until: When.optional(),
})

/** Query of the audit log. */
export const AuditQuery = AuditFilter.extend({
  limit: wholeNumber(1, 1_000).optional(),
  pageToken: text.optional(),
})

/** Query of the audit log of the installation. */
export const InstallationAuditQuery = AuditQuery.extend({ accountId: text.optional() })

/** A line of the log of the installation. */
export const InstallationAuditEntry = AuditEntry.extend({ accountId: z.string().nullable() }).meta({
  id: 'InstallationAuditEntry',
})

/** Query of an export: resumable. */
export const OwnAuditExportQuery = z.object({
  since: When.optional(),
  after: text.optional().meta({ description: 'The `id` of the last line of an export before.' }),
})

/** Query of an export of the installation. */
export const AuditExportQuery = z.object({
  since: When.optional(),
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: 'The `sealed.number` of the last line of an export before.' }),
})

/** Where to go on verifying. */
export const OwnAuditVerifyQuery = z.object({ after: text.optional() })

/** Where to go on verifying the log of the installation. */
export const AuditVerifyQuery = z.object({ after: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional() })

/** What verifying came to. */
export const AuditVerified = z
  .object({
    lines: z.number().int().meta({ description: 'Lines that were looked at and are as they were sealed.' }),
    next: z.union([z.string(), z.number()]).nullable().meta({ description: 'Where to go on; null at the end.' }),
    fault: z
      .object({
        problem: z.enum([
          'changed',
          'deleted',
          'link-missing',
          'link-changed',
          'cut',
          'unchained',
          'forged-head',
          'not-as-signed',
        ]),
        entryId: z.string().nullable(),
        number: z.number().int().nullable(),
        message: z.string(),
      })
      .nullable()
      .meta({ description: 'The first thing that is wrong; null: nothing.' }),
  })
  .meta({ id: 'AuditVerified' })
