import { join } from 'node:path'
import { type AuditFault, verifyChain } from './accounts/verify-audit.ts'
import { exportAudit } from './accounts/export-audit.ts'
import { presentAuditExport } from './api/present-audit.ts'
import { openSigningKeys } from './keys/signing-keys.ts'
import { withDatabase, type AdminPlace } from './open-admin.ts'

/** What verifying the whole log came to. */
export interface AuditReport {
  readonly lines: number
  readonly fault: AuditFault | null
}

/** Holds the audit log against its chain and the signed head. Reads only, and may run beside the server. */
export async function verifyAudit(
  place: AdminPlace,
  { onProgress }: { onProgress?: (lines: number) => void } = {},
): Promise<AuditReport> {
  return withDatabase(place, 'read', async (services) => {
    const signingKeys = await openSigningKeys(join(services.config.dataDir, 'keys'), services.clock)
    let lines = 0
    for (let after: number | undefined; ;) {
      const part = await verifyChain({ ...services, signingKeys }, { after })
      lines += part.lines
      onProgress?.(lines)
      if (part.next === null) return { lines, fault: part.fault }
      after = part.next
    }
  })
}

/** Gives every sealed line from a place on to `take`, oldest first, as JSON on one line. */
export async function exportAuditTo(
  place: AdminPlace,
  { after, since }: { after: number; since?: number | undefined },
  take: (line: string) => Promise<void> | void,
): Promise<number> {
  return withDatabase(place, 'read', async (services) => {
    let lines = 0
    for await (const line of exportAudit(services, { after, since })) {
      await take(`${JSON.stringify(presentAuditExport(line))}\n`)
      lines++
    }
    return lines
  })
}
