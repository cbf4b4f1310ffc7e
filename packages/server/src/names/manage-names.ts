import { randomBytes } from 'node:crypto'
import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { parseCid } from '../ipfs/cid.ts'
import { type NameKey, nameKeyOf } from '../ipfs/names/name-key.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { lockWholeAccount } from '../usage/queries.ts'
import { type JudgedName, judgeNames } from './name-warnings.ts'
import {
  countNames,
  deleteName,
  findName,
  insertName,
  insertRecords,
  type IpnsNameRow,
  type IpnsRecordRow,
  isLabelTaken,
  listNames,
  lockName,
  updateName,
} from './queries.ts'
import { sealSeed } from './seal-seed.ts'

/** Names that an account may have. */
const maxNames = 1_000

const defaultLifetimeMs = 2 * 86_400_000
const defaultTtlMs = 300_000

/** What people say about a name. */
export interface NameSettings {
  readonly label: string
  readonly lifetimeSeconds?: number | undefined
  readonly ttlSeconds?: number | undefined
}

type ManageServices = Pick<Services, 'db' | 'clock' | 'newId'>

/** Makes a name with a new key. Throws `conflict` for a label that the account has, or when it has too many names. */
export function createName(
  services: ManageServices & Pick<Services, 'valueKey'>,
  caller: Caller,
  settings: NameSettings,
): Promise<JudgedName> {
  return addName(services, caller, settings, { key: nameKeyOf(randomBytes(32)), sequence: 0, action: 'name.created' })
}

/** A record of a name that was published elsewhere. */
export type EarlierRecord = Omit<IpnsRecordRow, 'name_id'>

interface AddedName {
  readonly key: NameKey
  readonly sequence: number
  readonly records?: readonly EarlierRecord[]
  readonly action: 'name.created' | 'name.imported'
}

/** Adds a name of this key to the account. Throws as `createName`, and `conflict` when the account has the key. */
export async function addName(
  services: ManageServices & Pick<Services, 'valueKey'>,
  caller: Caller,
  { label, lifetimeSeconds, ttlSeconds }: NameSettings,
  { key, sequence, records = [], action }: AddedName,
): Promise<JudgedName> {
  const { db, clock, newId, valueKey } = services
  const id = newId()
  const now = clock.now()
  const row: IpnsNameRow = {
    id,
    account_id: caller.accountId,
    label,
    name: key.name,
    sealed_seed: sealSeed(valueKey, id, key.seed),
    lifetime_ms: lifetimeSeconds === undefined ? defaultLifetimeMs : lifetimeSeconds * 1_000,
    ttl_ms: ttlSeconds === undefined ? defaultTtlMs : ttlSeconds * 1_000,
    sequence,
    value: null,
    record: null,
    published_at: null,
    valid_until: null,
    renew_at: null,
    multihash: null,
    codec: null,
    told_at: null,
    tell_error: null,
    key_exported_at: null,
    created_by_key: caller.key?.id ?? null,
    created_at: now,
    updated_at: now,
  }
  await db.write(async (tx) => {
    // Locked, so that names made at the same time are counted one after another.
    await lockWholeAccount(tx, caller.accountId)
    if ((await countNames(tx, caller.accountId)) >= maxNames)
      throw new AppError('conflict', `An account may have at most ${maxNames} names. Remove one first.`)
    if (!(await insertName(tx, row))) {
      const isOfLabel = await isLabelTaken(tx, { accountId: caller.accountId, id, label })
      throw isOfLabel ? labelTaken(label) : new AppError('conflict', `The account has the name ${key.name} already.`)
    }
    await insertRecords(
      tx,
      records.map((record) => ({ name_id: id, ...record })),
    )
    await recordChange(tx, services, caller, row, action)
  })
  return { row, warnings: [] }
}

/** A page of the names of the account, oldest first. Throws `invalid_cid`. */
export async function pageNames(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  { accountId }: Pick<Caller, 'accountId'>,
  {
    cid,
    limit = 100,
    pageToken = '',
  }: { cid?: string | undefined; limit?: number | undefined; pageToken?: string | undefined },
): Promise<{ names: JudgedName[]; nextPageToken: string | null }> {
  const content = cid === undefined ? undefined : parseCid(cid)
  const rows = await listNames(db.read, { accountId, after: pageToken, limit: limit + 1, content })
  const names = await judgeNames(db.read, rows.slice(0, limit), clock.now())
  return { names, nextPageToken: rows.length > limit ? (names.at(-1)?.row.id ?? null) : null }
}

/** A name of the account with what its owner should know. Throws `not_found`. */
export async function getName(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  caller: Pick<Caller, 'accountId'>,
  id: string,
): Promise<JudgedName> {
  const row = await findName(db.read, { accountId: caller.accountId, id })
  if (row === undefined) throw noName()
  return judgeName(db.read, row, clock.now())
}

/** What its owner should know of a name. */
export async function judgeName(db: Db, row: IpnsNameRow, now: number): Promise<JudgedName> {
  const [judged] = await judgeNames(db, [row], now)
  return judged! // one for each row
}

/** Changes a name. Throws `not_found`, and `conflict` for a label that another name has. */
export async function changeName(
  services: ManageServices,
  caller: Caller,
  id: string,
  { label, lifetimeSeconds, ttlSeconds }: Partial<{ [Key in keyof NameSettings]: NameSettings[Key] | undefined }>,
): Promise<JudgedName> {
  const { db, clock } = services
  const now = clock.now()
  const change = {
    updated_at: now,
    ...(label === undefined ? {} : { label }),
    ...(lifetimeSeconds === undefined ? {} : { lifetime_ms: lifetimeSeconds * 1_000 }),
    ...(ttlSeconds === undefined ? {} : { ttl_ms: ttlSeconds * 1_000 }),
  }
  const row = await db.write(async (tx) => {
    // Two changes to the same label at once must not end in a violated constraint.
    await lockWholeAccount(tx, caller.accountId)
    const before = await getLocked(tx, caller, id)
    if (label !== undefined && (await isLabelTaken(tx, { accountId: caller.accountId, id, label })))
      throw labelTaken(label)
    await updateName(tx, id, change)
    const after = { ...before, ...change }
    await recordChange(tx, services, caller, after, 'name.changed')
    return after
  })
  return judgeName(db.read, row, now)
}

/** Removes a name with its key and its history: it is served and renewed no more. Throws `not_found`. */
export async function removeName(services: ManageServices, caller: Caller, id: string): Promise<void> {
  await services.db.write(async (tx) => {
    const row = await getLocked(tx, caller, id)
    await deleteName(tx, id)
    await recordChange(tx, services, caller, row, 'name.removed')
  })
}

/** A name of the account, locked until the write ends. Throws `not_found`. */
export async function getLocked(tx: Db, { accountId }: Pick<Caller, 'accountId'>, id: string): Promise<IpnsNameRow> {
  const row = await lockName(tx, { accountId, id })
  if (row === undefined) throw noName()
  return row
}

/** Writes a line of the audit log about a name. */
export async function recordChange(
  tx: Db,
  { clock, newId }: Pick<Services, 'clock' | 'newId'>,
  caller: Caller,
  { id, label, name }: Pick<IpnsNameRow, 'id' | 'label' | 'name'>,
  action: `name.${string}`,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await recordAudit(tx, {
    id: newId(),
    at: clock.now(),
    accountId: caller.accountId,
    actor: actorOf(caller),
    action,
    target: id,
    origin: caller.origin,
    detail: { label, name, ...detail },
  })
}

function labelTaken(label: string): AppError {
  return new AppError('conflict', `The account has a name with the label "${label}" already. Choose another label.`)
}

function noName(): AppError {
  return new AppError('not_found', 'There is no such name in this account')
}
