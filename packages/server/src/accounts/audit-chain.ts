import { createHash } from 'node:crypto'
import type { Database, Db } from '../db/database.ts'
import type { Services } from '../services.ts'
import {
  type AuditRow,
  hasUnsealed,
  type Head,
  insertLinks,
  listSealed,
  listUnsealed,
  lockHead,
} from './audit-chain-queries.ts'

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

type Needed = { readonly db: Pick<Database, 'read' | 'write'> } & Pick<Services, 'auditWitness'>

/**
 * Puts the lines that wait into the chain, many in each write, as this process wrote them where it did; and those that it
 * wrote and that wait no more, although no link seals them: somebody took them away, and their links say so. Writers of
 * lines wait for nothing of it; any process may do it, and two at once do it one after the other.
 */
export async function sealAudit({ db, auditWitness }: Needed): Promise<void> {
  // Only what is durable by now: a line that comes later may be sealed by another process before it is looked for.
  const written = auditWitness.lines()
  while (await hasUnsealed(db.read)) {
    const added = await db.write(async (tx) => {
      const before = await lockHead(tx)
      const lines = await listUnsealed(tx, batchLines)
      await seal(
        tx,
        before,
        lines.map((line) => auditWitness.find(line.id) ?? line),
      )
      return lines.length
    })
    // Lines that somebody deleted before they were sealed wait for ever.
    if (added === 0) break
  }
  for (let at = 0; at < written.length; at += batchLines) {
    const lines = written.slice(at, at + batchLines)
    const ids = lines.map(({ id }) => id)
    if ((await listSealed(db.read, ids)).size < ids.length)
      await db.write(async (tx) => {
        const before = await lockHead(tx)
        const sealed = await listSealed(tx, ids)
        await seal(
          tx,
          before,
          lines.filter(({ id }) => !sealed.has(id)),
        )
      })
    auditWitness.forget(ids)
  }
}

async function seal(tx: Db, before: Head, lines: readonly AuditRow[]): Promise<void> {
  let { number, hash } = before
  const links = lines.map((line) => {
    number++
    hash = hashLink(hash, line)
    return { number, entry_id: line.id, account_id: line.account_id, hash }
  })
  await insertLinks(tx, links)
}
