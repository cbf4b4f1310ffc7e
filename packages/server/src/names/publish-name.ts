import { actorOf } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { recordEvent } from '../events/record-event.ts'
import { makeIpnsRecord } from '../ipfs/names/make-record.ts'
import { enqueue } from '../jobs/queue.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { requirePublicAllowed } from '../usage/quota.ts'
import { findAccountBounds } from '../usage/queries.ts'
import { getLocked, judgeName, recordChange } from './manage-names.ts'
import { getFileTarget, type NameTarget, readTarget, requirePublishable } from './name-target.ts'
import type { JudgedName } from './name-warnings.ts'
import { findRecord, forgetOldRecords, insertRecords, type IpnsNameRow, updateName } from './queries.ts'
import { renewJob, tellJob } from './name-jobs.ts'
import { openSeed } from './seal-seed.ts'

/** Records of a name that are kept as its history. */
const keptRecords = 1_000

type PublishServices = Pick<Services, 'db' | 'clock' | 'newId' | 'valueKey' | 'denials'>

/** What is to be published. */
export interface Publication {
  /** A CID, a content path or a name. */
  readonly cid?: string | undefined
  readonly fileId?: string | undefined
  /** Also what no public file of the account has. */
  readonly confirm?: boolean | undefined
  /** The number to give it, higher than any before. */
  readonly sequence?: number | undefined
}

/**
 * Publishes under a name: the record is signed and durable with the answer, our gateway follows it at once, the network
 * is told behind the answer. Throws `not_found`, `invalid_cid`, `invalid_request`, `public_content_refused`,
 * `conflict` (a private file, a sequence that is not higher, a key that cannot be read), `confirmation_needed`,
 * `content_denied`.
 */
export async function publishName(
  services: PublishServices,
  caller: Caller,
  id: string,
  { cid, fileId, confirm = false, sequence }: Publication,
): Promise<JudgedName> {
  if ((cid === undefined) === (fileId === undefined))
    throw new AppError('invalid_request', 'Send either `cid` or `fileId`: what the name is to lead to.')
  const target = cid === undefined ? undefined : readTarget(cid)
  return publish(services, caller, id, async (tx, row) => ({
    target: target ?? (await getFileTarget(tx, caller, fileId ?? '', services.clock.now())),
    confirm,
    sequence: sequence ?? row.sequence + 1,
    rolledBackTo: null,
  }))
}

/**
 * Publishes what an earlier record said, under a new number, because readers take the record with the highest. Throws as
 * `publishName`, and `not_found` for a number that the history does not have.
 */
export async function rollBackName(
  services: PublishServices,
  caller: Caller,
  id: string,
  { sequence, confirm = false }: { sequence: number; confirm?: boolean | undefined },
): Promise<JudgedName> {
  return publish(services, caller, id, async (tx, row) => {
    const earlier = await findRecord(tx, { nameId: row.id, sequence })
    if (earlier === undefined)
      throw new AppError('not_found', `Nothing was published under this name with the number ${sequence}.`)
    return { target: readTarget(earlier.value), confirm, sequence: row.sequence + 1, rolledBackTo: sequence }
  })
}

interface Wanted {
  readonly target: NameTarget
  readonly confirm: boolean
  readonly sequence: number
  readonly rolledBackTo: number | null
}

async function publish(
  services: PublishServices,
  caller: Caller,
  id: string,
  decide: (tx: Db, row: IpnsNameRow) => Promise<Wanted>,
): Promise<JudgedName> {
  const { db, clock, denials, valueKey } = services
  const now = clock.now()
  const after = await db.write(async (tx) => {
    const bounds = await findAccountBounds(tx, caller.accountId)
    if (bounds !== undefined) requirePublicAllowed(bounds)
    const row = await getLocked(tx, caller, id)
    const { target, confirm, sequence, rolledBackTo } = await decide(tx, row)
    if (target.value.split('/')[2] === row.name)
      throw new AppError('invalid_request', 'A name cannot lead to itself. Publish a CID, or another name.')
    await requirePublishable(tx, denials, caller, target, { confirm, now })
    if (sequence <= row.sequence)
      throw new AppError('conflict', `sequence: must be higher than ${row.sequence}, the number of the last record.`)
    const signed = signRecord(openSeed(valueKey, row), { ...row, value: target.value, sequence }, now)
    const change = {
      ...signed,
      value: target.value,
      sequence,
      published_at: now,
      multihash: target.root?.multihash ?? null,
      codec: target.root?.codec ?? null,
      told_at: null,
      tell_error: null,
      updated_at: now,
    }
    await updateName(tx, id, change)
    const actor = actorOf(caller)
    const record = {
      sequence,
      value: target.value,
      rolled_back_to: rolledBackTo,
      published_at: now,
      valid_until: signed.valid_until,
      ttl_ms: row.ttl_ms,
    }
    await insertRecords(tx, [{ name_id: id, ...record, actor_kind: actor.kind, actor_id: actor.id }])
    await forgetOldRecords(tx, { nameId: id, keep: keptRecords })
    await enqueue(tx, { kind: tellJob, subject: id, owner: row.account_id }, now)
    await enqueue(tx, { kind: renewJob, subject: id, owner: row.account_id, runAt: signed.renew_at }, now)
    const done = { ...row, ...change }
    const detail = { value: target.value, sequence, ...(rolledBackTo === null ? {} : { rolledBackTo }) }
    await recordChange(tx, services, caller, done, rolledBackTo === null ? 'name.published' : 'name.rolledBack', detail)
    await recordEvent(tx, {
      accountId: row.account_id,
      kind: 'name.published',
      at: now,
      data: { object: { id, label: row.label, name: row.name, ...detail } },
    })
    return done
  })
  return judgeName(db.read, after, now)
}

/** The record of a name, signed now, and until when it holds; renewed when half of that is over. */
export function signRecord(
  key: Parameters<typeof makeIpnsRecord>[0],
  {
    value,
    sequence,
    ttl_ms: ttlMs,
    lifetime_ms: lifetimeMs,
  }: { value: string } & Pick<IpnsNameRow, 'sequence' | 'ttl_ms' | 'lifetime_ms'>,
  now: number,
): { record: Uint8Array; valid_until: number; renew_at: number } {
  const validUntil = now + lifetimeMs
  const record = makeIpnsRecord(key, { value, sequence, validUntil, ttlMs })
  return { record, valid_until: validUntil, renew_at: now + Math.floor(lifetimeMs / 2) }
}
