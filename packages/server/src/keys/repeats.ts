import { createHash, randomUUID } from 'node:crypto'
import type { Caller } from '../caller.ts'
import { withJournal } from '../db/journal.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import {
  deleteRepeat,
  findWrites,
  insertRepeat,
  insertWrite,
  listOverRepeats,
  lockRepeat,
  updateRepeat,
  type RepeatRow,
} from './repeat-queries.ts'

/** How long a request is remembered. */
const keptMs = 24 * 3_600_000
/** How long others believe that it is worked on, and how often that is said anew. */
const leaseMs = 15_000
const renewMs = 5_000
/** Requests that are forgotten in one write. */
const sliceSize = 500

/** This process, in leases. */
const process = randomUUID()

/** A request that its sender may repeat: by whom, the name that they gave it, and what it asks. */
export interface Repeatable {
  readonly caller: Caller
  readonly name: string
  /** Method, address and body. */
  readonly request: readonly (string | Uint8Array)[]
  /** What it answers is shown once, so nothing of it is kept. */
  readonly isSecret: boolean
}

/** What became of a request that was sent before, or the work on one that was not. */
export type Begun =
  | { readonly kind: 'answered'; readonly answer: string }
  /** Carried out, and not answered before the process ended: what it had to show once is lost. */
  | { readonly kind: 'begun'; readonly work: RepeatWork }

/** One request being carried out; exactly one of `answer` and `fail` ends it. */
export interface RepeatWork {
  /** Writes made by it are made once. */
  readonly db: Database
  /** Whether some of it was carried out already. */
  readonly isResumed: boolean
  /** Remembers the answer. */
  answer(text: string): Promise<void>
  /** Nothing is to be remembered: a refusal that changed nothing is forgotten, the rest goes on when it is sent again. */
  fail(): Promise<void>
}

/**
 * Begins a request with an `Idempotency-Key`. Throws `conflict` while the same one is under way, `repeat_mismatch` when
 * the name was given to another request. Each caller has names of its own.
 */
export async function beginRepeatable(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  { caller, name, request, isSecret }: Repeatable,
): Promise<Begun> {
  const { db, clock, newId } = services
  const now = clock.now()
  const key = { caller: caller.key?.id ?? `${caller.accountId} ${caller.user?.id ?? ''}`, nameHash: hashOf([name]) }
  const lease = `${process} ${newId()}`
  const requestHash = hashOf(request)
  const row = {
    id: newId(),
    caller: key.caller,
    name_hash: key.nameHash,
    request_hash: requestHash,
    lease,
    lease_until: now + leaseMs,
    answer: null,
    created_at: now,
    expires_at: now + keptMs,
  }
  const before = await db.write(async (tx): Promise<RepeatRow | undefined> => {
    if (await insertRepeat(tx, row)) return undefined
    const known = await lockRepeat(tx, key)
    if (known === undefined || known.expires_at <= now) {
      if (known !== undefined) await deleteRepeat(tx, known.id)
      if (!(await insertRepeat(tx, row))) throw isUnderWay()
      return undefined
    }
    if (known.request_hash !== requestHash) throw isAnother()
    if (known.answer !== null) return known
    if (known.lease_until > now && !isDead(db, known.lease)) throw isUnderWay()
    await updateRepeat(tx, known, { lease, lease_until: now + leaseMs })
    return known
  })
  if (before?.answer != null) return { kind: 'answered', answer: before.answer }
  const id = before?.id ?? row.id
  const made = before === undefined ? new Map<number, Uint8Array>() : await findWrites(db.read, id)
  return { kind: 'begun', work: openWork(services, { id, lease, isSecret }, made) }
}

/** Forgets requests whose day is over. A periodic job. */
export async function forgetRepeats({ db, clock }: Pick<Services, 'db' | 'clock'>): Promise<void> {
  for (;;) {
    const ids = await listOverRepeats(db.read, { now: clock.now(), limit: sliceSize })
    await db.write(async (tx) => {
      for (const id of ids) await deleteRepeat(tx, id)
    })
    if (ids.length < sliceSize) return
  }
}

function openWork(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  held: { id: string; lease: string; isSecret: boolean },
  made: ReadonlyMap<number, Uint8Array>,
): RepeatWork {
  let writes = made.size
  const extend = () => ({ lease_until: clock.now() + leaseMs })
  const renewing = setInterval(() => {
    // Failing to renew costs nothing unless somebody else takes over, and then `keep` refuses.
    void db.write((tx) => updateRepeat(tx, held, extend())).catch(() => undefined)
  }, renewMs).unref()
  const journal = {
    made,
    async keep(tx: Parameters<typeof insertWrite>[0], turn: number, result: Uint8Array) {
      if (!(await updateRepeat(tx, held, extend()))) throw isUnderWay()
      await insertWrite(tx, { id: held.id, turn, result: held.isSecret ? new Uint8Array() : result })
      writes++
    },
  }
  return {
    db: withJournal(db, journal),
    isResumed: made.size > 0,
    async answer(text) {
      clearInterval(renewing)
      await db.write((tx) => updateRepeat(tx, held, { answer: text }))
    },
    async fail() {
      clearInterval(renewing)
      await db.write(async (tx) => {
        const isHeld = await updateRepeat(tx, held, { lease_until: 0 })
        if (isHeld && writes === 0) await deleteRepeat(tx, held.id)
      })
    },
  }
}

/** With SQLite nobody but this process writes: what another one began ended with it. */
function isDead({ dialect }: Database, lease: string): boolean {
  return dialect === 'sqlite' && !lease.startsWith(process)
}

function hashOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('base64url')
}

function isUnderWay(): AppError {
  return new AppError(
    'conflict',
    'The same request, with this Idempotency-Key, is being carried out. Ask again shortly.',
    {
      retryAfterSeconds: 1,
    },
  )
}

function isAnother(): AppError {
  return new AppError(
    'repeat_mismatch',
    'This Idempotency-Key was sent before with another request. Give each request a key of its own.',
  )
}
