import { createHash } from 'node:crypto'
import type { Database } from '../db/database.ts'
import { type AuditRow, hasUnsealed, insertLinks, listUnsealed, lockHead } from './audit-chain-queries.ts'

/** Lines that one write seals. */
const batchLines = 500

/** The bytes of a line that are hashed: the columns as a JSON array, in this order (docs/decisions/audit-chain.md). */
export function canonicalLine(line: AuditRow): string {
  return JSON.stringify([
    line.id,
    line.at,
    line.account_id,
    line.actor_kind,
    line.actor_id,
    line.action,
    line.target,
    line.address,
    line.request_id,
    line.result,
    line.detail,
  ])
}

/** The hash of a link, in hex: SHA-256 over the hash of the link before (32 bytes; none before the first) and the line. */
export function hashLink(previous: string, line: AuditRow): string {
  return createHash('sha256').update(Buffer.from(previous, 'hex')).update(canonicalLine(line)).digest('hex')
}

/**
 * Puts the lines that wait into the chain, many in each write. Writers of lines wait for nothing of it; any process may
 * do it, and two at once do it one after the other.
 */
export async function sealAudit({ db }: { readonly db: Pick<Database, 'read' | 'write'> }): Promise<void> {
  while (await hasUnsealed(db.read)) {
    const added = await db.write(async (tx) => {
      const before = await lockHead(tx)
      const lines = await listUnsealed(tx, batchLines)
      let { number, hash } = before
      const links = lines.map((line) => {
        number++
        hash = hashLink(hash, line)
        return { number, entry_id: line.id, account_id: line.account_id, hash }
      })
      await insertLinks(tx, links)
      return links.length
    })
    // Lines that somebody deleted before they were sealed wait for ever.
    if (added === 0) break
  }
}
