import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sealAudit } from '../src/accounts/audit-chain.ts'
import type { JobHandler } from '../src/jobs/attempt.ts'
import { LeaseLost, type Job } from '../src/jobs/queue.ts'
import { handlersOf } from '../src/worker/handlers.ts'
import { joinWriters } from '../src/blobs/writers.ts'
import { beginFetches } from './support/begin-fetches.ts'
import { databases, type KeyValues, startTestApp, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { TestClock } from './support/domain.ts'
import { FakeNode } from './support/fake-node.ts'
import { nothingFetched, unknownCid } from './support/pins.ts'
import { openReceiver, type Receiver } from './support/webhook-receiver.ts'

const day = 86_400_000

/** Kinds that have something to do below, so that a worker that goes on would be seen. */
const withWork = ['bulk', 'count-usage', 'deliver-webhook', 'expire-files', 'fetch-pin', 'forget-repeats', 'scrub-pack']

describe.each(databases)('a worker that stood still past its lease on %s', (database) => {
  const clock = new TestClock()
  let app: TestApp
  let key: KeyValues & { readonly accountId: string }
  let receiver: Receiver
  let handlers: Readonly<Record<string, JobHandler>>
  /** What the jobs of each kind are about. */
  const subjects = new Map<string, string>()

  beforeAll(async () => {
    const env = { PINYON_DIAL_PRIVATE: '127.0.0.1', PINYON_SCRUB_SHARE: '100', ...nothingFetched }
    app = await startTestApp({ database, clock, env })
    key = await app.setUp()
    receiver = await openReceiver()
    const { db } = app.services
    // Two days later, for these handlers alone: the program's own have nothing to do meanwhile.
    const later = { now: () => clock.now() + 2 * day }
    const node = new FakeNode()
    node.nobody = 'no-source'
    const services = { ...app.services, clock: later, node }
    const roles = ['api', 'gateway', 'worker', 'node'] as const
    handlers = handlersOf(services, { roles, writers: joinWriters(join(app.dataDir, 'writers')) })

    const [file, other] = [
      await upload(app, key, [['a', 'to expire']], { network: 'private' }),
      await upload(app, key, [['b', 'to be renamed']], { network: 'private' }),
    ]
    const soon = { expires_at: clock.now() + day }
    await db.write((tx) => tx.updateTable('files').set(soon).where('id', '=', file.id).execute())
    const name = { 'idempotency-key': 'one' }
    const pin = await app.ask('POST', '/psa/pins', { key, json: { cid: unknownCid() }, headers: name })
    if (pin.status !== 202) throw new Error(`the pin was answered ${pin.status}`)
    await beginFetches(app.services)
    const fetches = await db.read.selectFrom('fetches').select('id').executeTakeFirstOrThrow()
    subjects.set('fetch-pin', fetches.id)
    subjects.set('count-usage', key.accountId)
    subjects.set('withdraw-root', unknownCid())
    const pack = await db.read.selectFrom('packs').select('name').executeTakeFirstOrThrow()
    subjects.set('scrub-pack', pack.name)
    const hook = await app.ask('POST', '/pinyon/v1/webhooks', { key, json: { url: receiver.url } })
    subjects.set('deliver-webhook', hook.body.webhook.id)
    await takenOver('deliver-webhook')
    await upload(app, key, [['c', 'told of']], { network: 'private' })
    subjects.set('bulk', await beginBulk(other.id))
  }, 60_000)
  afterAll(async () => {
    await receiver.close()
    await app.close()
  })

  it('is held off for every kind of job', { timeout: 60_000 }, async () => {
    // What follows by itself has followed.
    const told = () => app.services.db.read.selectFrom('webhook_deliveries').select('id').execute()
    await expect.poll(told, { timeout: 60_000 }).toHaveLength(1)
    await app.services.keyUses.flush()
    await sealAudit(app.services)
    const kinds = Object.keys(handlers)
    expect(kinds.length).toBeGreaterThan(15)
    for (const kind of kinds) {
      const job = await takenOver(kind)
      const before = await snapshot(job.id)
      const outcome = await handlers[kind]?.run(job, new AbortController().signal).catch((error: unknown) => error)
      if (outcome instanceof Error) expect([kind, outcome.name]).toEqual([kind, LeaseLost.name])
      expect([kind, await snapshot(job.id)]).toEqual([kind, before])
    }
    expect(receiver.received).toEqual([])
  })

  it('is not when the lease is its own', { timeout: 60_000 }, async () => {
    const worked: string[] = []
    for (const kind of withWork) {
      const job = await takenOver(kind)
      const before = await snapshot(job.id)
      await handlers[kind]?.run({ ...job, lease: job.lease + 1 }, new AbortController().signal).catch(() => undefined)
      if ((await snapshot(job.id)) !== before) worked.push(kind)
    }
    expect(worked).toEqual(withWork)
    expect(receiver.received.length).toBeGreaterThan(0)
  })

  /** A bulk operation with an item that waits. */
  async function beginBulk(item: string): Promise<string> {
    const work = { work: { operation: 'update', network: 'private', change: { name: 'renamed' } } }
    const id = app.services.newId()
    const at = clock.now()
    const counts = { total: 1, done: 0, failed: 0, page_token: null, message: null, finished_at: null }
    const owner = { account_id: key.accountId, created_by_key: null, created_by_user: null }
    const ends = { state: 'waiting', file_id: null, reason: null, message: null }
    await app.services.db.write(async (tx) => {
      await tx
        .insertInto('bulks')
        .values({
          id,
          ...owner,
          operation: 'update',
          state: 'running',
          input: JSON.stringify(work),
          ...counts,
          created_at: at,
        }) // prettier-ignore
        .execute()
      await tx
        .insertInto('bulk_items')
        .values({ bulk_id: id, number: 0, item, ...ends })
        .execute()
    })
    return id
  }

  /** A job that this worker had taken, and that another one has taken since. */
  async function takenOver(kind: string): Promise<Job> {
    const { db, newId } = app.services
    const subject = subjects.get(kind) ?? ''
    const held = { lease: 7, lease_until: clock.now() + 900 * day, run_at: 0, attempts: 1 }
    const row = { id: newId(), kind, subject, payload: '{}', created_at: 0, owner: key.accountId, ...held }
    // In one write: the program's own may ask for the same job at any moment.
    await db.write(async (tx) => {
      await tx.deleteFrom('jobs').where('kind', '=', kind).where('subject', '=', subject).execute()
      await tx.insertInto('jobs').values(row).execute()
    })
    return { id: row.id, kind, subject, payload: {}, attempt: 1, lease: held.lease - 1, lane: 'new' }
  }

  /** All that the database holds but the job, and the count of writes that goes up by itself. */
  async function snapshot(jobId: string): Promise<Record<string, string>> {
    const { db } = app.services
    const names =
      database === 'sqlite'
        ? `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like '%search%' and name <> 'installation'`
        : `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'installation'`
    const tables: Record<string, string> = {}
    for (const { name } of await run<{ name: string }>(names)) {
      const rows = await run<{ id?: string }>(`select * from "${name}"`)
      const others = rows.filter(({ id }) => name !== 'jobs' || id !== jobId)
      const lines = others.map((row) =>
        JSON.stringify(row, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
      )
      tables[name] = createHash('sha256').update(lines.toSorted().join('\n')).digest('hex')
    }
    return tables

    async function run<Row>(text: string): Promise<Row[]> {
      const any = db.read.selectFrom('accounts').select('id').compile()
      return (await db.read.executeQuery<Row>({ ...any, sql: text, parameters: [] })).rows
    }
  }
})
