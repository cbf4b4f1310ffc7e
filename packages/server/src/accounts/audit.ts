import type { Selectable } from 'kysely'
import type { Caller, RequestOrigin } from '../caller.ts'
import type { Database, Db } from '../db/database.ts'
import type { AuditTable } from '../db/people-tables.ts'

/** Who did something. `machine`: this program by itself, or a person at the machine it runs on. */
export interface Actor {
  readonly kind: 'user' | 'key' | 'operator' | 'machine' | 'anonymous'
  readonly id: string | null
}

/** One line of the audit log. `detail` never holds a secret. */
export interface AuditLine {
  readonly id: string
  readonly at: number
  /** Null for what concerns the installation as a whole. */
  readonly accountId: string | null
  readonly actor: Actor
  /** In words like `key.created`. */
  readonly action: string
  readonly target?: string | undefined
  readonly origin?: RequestOrigin | undefined
  readonly result?: 'ok' | 'refused'
  readonly detail?: Readonly<Record<string, unknown>> | undefined
}

/** Writes a line, in the transaction of what it tells of. The database refuses to change or remove lines. */
export async function recordAudit(tx: Db, line: AuditLine): Promise<void> {
  const row = {
    id: line.id,
    at: line.at,
    account_id: line.accountId,
    actor_kind: line.actor.kind,
    actor_id: line.actor.id,
    action: line.action,
    target: line.target ?? null,
    address: line.origin?.address ?? null,
    request_id: line.origin?.requestId ?? null,
    result: line.result ?? 'ok',
    detail: line.detail === undefined ? null : JSON.stringify(line.detail),
  }
  await tx.insertInto('audit').values(row).execute()
  const lines = recorded.get(tx)
  if (lines === undefined) recorded.set(tx, [row])
  else lines.push(row)
}

const recorded = new WeakMap<Db, Selectable<AuditTable>[]>()

/** What `recordAudit` has written in a transaction; undefined when nothing. */
export function linesOf(tx: Db): readonly Selectable<AuditTable>[] | undefined {
  return recorded.get(tx)
}

/** A caller as the one who did it. */
export function actorOf(caller: Caller): Actor {
  if (caller.key !== undefined) return { kind: 'key', id: caller.key.id }
  return { kind: 'user', id: caller.user?.id ?? null }
}

/** Which lines; everything given must hold. */
export interface AuditFilter {
  readonly action?: string | undefined
  /** The id of who did it, or a kind of actor. */
  readonly actor?: string | undefined
  readonly target?: string | undefined
  readonly address?: string | undefined
  readonly result?: string | undefined
  /** From this time on, and before that one. */
  readonly since?: number | undefined
  readonly until?: number | undefined
}

/** A page of the audit log, latest first: of an account, or of the installation when none is named. */
export async function pageAudit(
  { db }: { db: Pick<Database, 'read'> },
  accountId: string | undefined,
  input: AuditFilter & { limit?: number | undefined; pageToken?: string | undefined },
): Promise<{ lines: Selectable<AuditTable>[]; nextPageToken: string | null }> {
  const limit = input.limit ?? 100
  const rows = await listAudit(db.read, { ...input, accountId, before: input.pageToken, limit: limit + 1 })
  const lines = rows.slice(0, limit)
  return { lines, nextPageToken: rows.length > limit ? (lines.at(-1)?.id ?? null) : null }
}

/** Lines of the audit log, latest first, from after `before`. */
export function listAudit(
  db: Db,
  which: AuditFilter & { accountId: string | undefined; before?: string | undefined; limit: number },
): Promise<Selectable<AuditTable>[]> {
  const { accountId, action, actor, target, address, result, since, until, before, limit } = which
  let query = db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit)
  if (accountId !== undefined) query = query.where('account_id', '=', accountId)
  if (action !== undefined) query = query.where('action', '=', action)
  if (actor !== undefined)
    query = query.where((eb) => eb.or([eb('actor_id', '=', actor), eb('actor_kind', '=', actor)]))
  if (target !== undefined) query = query.where('target', '=', target)
  if (address !== undefined) query = query.where('address', '=', address)
  if (result !== undefined) query = query.where('result', '=', result)
  if (since !== undefined) query = query.where('at', '>=', since)
  if (until !== undefined) query = query.where('at', '<', until)
  if (before !== undefined) query = query.where('id', '<', before)
  return query.execute()
}
