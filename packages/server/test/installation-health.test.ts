import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enqueue } from '../src/jobs/queue.ts'
import { insertDamage } from '../src/pins/damage-queries.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { beginFetches } from './support/begin-fetches.ts'
import { upload } from './support/content.ts'
import { nothingFetched, PsaClient, unknownCid } from './support/pins.ts'

const path = '/pinyon/v1/operator/health'

/** The disk that tests run on may be nearly full, and theirs is not to say. */
const butDisks = (findings: readonly { part: string }[]) => findings.filter(({ part }) => part !== 'disk')

describe.each(databases)('the health of the installation (%s)', (database) => {
  let app: TestApp
  let operator: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database, env: nothingFetched })
    operator = await app.setUp()
  })
  afterAll(() => app.close())
  const ask = async () => (await app.ask('GET', path, { key: operator })).body

  it('says what is on the disk and that all is well', async () => {
    const health = await ask()
    expect(butDisks(health.findings)).toEqual([])
    expect(health.node).toMatchObject({ kind: 'off', peers: 0, reachability: { state: 'off' } })
    expect(health.disks).toMatchObject([{ holds: database === 'sqlite' ? 'everything' : 'blocks' }])
    const [{ freeBytes, totalBytes }] = health.disks
    expect(totalBytes).toBeGreaterThan(freeBytes)
  })

  it('says which jobs nobody takes, and what is damaged before that', async () => {
    const { clock, db } = app.services
    const now = clock.now()
    await db.write(async (tx) => {
      await enqueue(tx, { kind: 'of-nobody', subject: 'due', runAt: now - 1_000 }, now)
      await enqueue(tx, { kind: 'of-nobody', subject: 'later', runAt: now + 3_600_000 }, now)
      await enqueue(tx, { kind: 'forgotten', subject: 'forgotten', runAt: now - 700_000 }, now)
    })
    const { state, findings, queue } = await ask()
    expect(state).toBe('attention')
    expect(butDisks(findings)).toMatchObject([{ part: 'queue', severity: 'warn' }])
    expect(butDisks(findings)[0]).toMatchObject({
      message: '1 job of the kind forgotten waits longer than ten minutes.',
    })
    expect(queue).toMatchObject({ overdue: 1, isWhole: true })
    expect(queue.kinds).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'of-nobody', waiting: 2, failing: 0, lastError: null }),
        expect.objectContaining({ kind: 'forgotten', dueSince: new Date(now - 700_000).toISOString() }),
      ]),
    )
    const file = await upload(app, operator, [['kept.bin', 'kept']], { network: 'private' })
    const [block] = await db.read.selectFrom('blocks').select('id').limit(1).execute()
    const damage = { blockId: block?.id ?? 0, cid: file.cid, reason: 'missing', foundBy: 'scrub', at: now }
    await db.write(async (tx) => void (await insertDamage(tx, damage)))
    const worse = butDisks((await ask()).findings)
    expect(worse).toMatchObject([{ part: 'blocks', severity: 'danger' }, { part: 'queue' }])
  })

  it('counts pins that wait for their turn with the jobs that fetch, and says when nobody takes them', async () => {
    const { clock, db } = app.services
    const psa = new PsaClient(app, operator)
    const [old, young] = [await psa.add({ cid: unknownCid() }), await psa.add({ cid: unknownCid() })]
    const ofFetches = async () => (await ask()).queue.kinds.find(({ kind }: { kind: string }) => kind === 'fetch-pin')
    expect(await ofFetches()).toMatchObject({ waiting: 2, running: 0, failing: 0, lastError: null })
    const longAgo = clock.now() - 700_000
    await db.write((tx) =>
      tx.updateTable('files').set({ created_at: longAgo }).where('id', '=', old.requestid).execute(),
    )
    const message = '1 job of the kind fetch-pin waits longer than ten minutes.'
    expect(butDisks((await ask()).findings)).toContainEqual(expect.objectContaining({ part: 'queue', message }))
    expect((await ofFetches()).dueSince).toBe(new Date(longAgo).toISOString())
    await beginFetches(app.services)
    expect(await ofFetches()).toMatchObject({ waiting: 2 })
    for (const { requestid } of [old, young]) await psa.ask('DELETE', `/pins/${requestid}`)
    expect(await ofFetches()).toBeUndefined()
  })

  it('is for operators', async () => {
    expect((await app.ask('GET', path)).status).toBe(401)
    const other = await app.makeAccount(operator, `other-${database}`)
    expect((await app.ask('GET', path, { key: other })).status).toBe(403)
  })
})
