import { createHash } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { recordAudit } from '../src/accounts/audit.ts'
import { sealAudit } from '../src/accounts/audit-chain.ts'
import { openAuditSealer } from '../src/accounts/audit-sealer.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'

type Fault = { problem: string; entryId: string | null; number: number | null }

describe.each(databases)('the chain over the audit log on %s', (database) => {
  async function open() {
    const app = await startTestApp({ database })
    onTestFinished(() => app.close())
    const operator = await app.setUp()
    const alice = await app.makeAccount(operator, 'alice')
    for (const name of ['one', 'two', 'three']) await app.makeKey(alice, { admin: true }, { keyName: name })
    const verify = async (): Promise<{ lines: number; fault: Fault | null }> =>
      (await app.ask('GET', '/pinyon/v1/operator/audit/verify', { key: operator })).body
    const verifyOwn = async (key: KeyValues) => (await app.ask('GET', '/pinyon/v1/audit/verify', { key })).body
    const before = await verify()
    expect(before).toEqual({ lines: expect.any(Number), next: null, fault: null })
    const lines = await app.services.db.read.selectFrom('audit_chain').selectAll().orderBy('number').execute()
    expect(lines).toHaveLength(before.lines)
    return { app, operator, alice, verify, verifyOwn, lines }
  }

  /** What somebody with the database in their hands can do: the guard is no obstacle for them. */
  async function tamper(app: TestApp, change: string) {
    const { db } = app.services
    const triggers = ['audit_update', 'audit_delete', 'audit_chain_update', 'audit_chain_delete']
    await db.write(async (tx) => {
      const off =
        database === 'sqlite'
          ? triggers.map((name) => `drop trigger if exists ${name}`)
          : [
              'alter table audit disable trigger audit_append_only',
              'alter table audit_chain disable trigger audit_chain_append_only',
            ]
      for (const text of [...off, change]) await sql.raw(text).execute(tx)
    })
  }

  it('finds a line that was changed, and says which', async () => {
    const { app, verify, verifyOwn, alice, lines } = await open()
    const own = lines.findIndex(({ account_id: id }) => id === alice.accountId)
    const { entry_id: id } = lines[own + 1] ?? { entry_id: '' }
    expect((await verifyOwn(alice)).fault).toBeNull()
    await tamper(app, `update audit set address = '203.0.113.9' where id = '${id}'`)
    expect((await verify()).fault).toMatchObject({ problem: 'changed', entryId: id, number: own + 2 })
    expect((await verifyOwn(alice)).fault).toMatchObject({ problem: 'changed', entryId: id, number: null })
  })

  it('finds a line that was taken out of the middle, with its link or without it', async () => {
    const { app, verify, verifyOwn, alice, lines } = await open()
    const { entry_id: id, number } = lines.find(({ account_id }) => account_id === alice.accountId) ?? {
      entry_id: '',
      number: 0,
    }
    await tamper(app, `delete from audit where id = '${id}'`)
    expect((await verify()).fault).toMatchObject({ problem: 'deleted', entryId: id, number })
    expect((await verifyOwn(alice)).fault).toMatchObject({ problem: 'deleted', entryId: id, number: null })
    await tamper(app, `delete from audit_chain where number = ${number}`)
    expect((await verify()).fault).toMatchObject({ problem: 'link-missing', number })
    // The next one of the account may follow it at once, or not: others see no more than that.
    expect(JSON.stringify(await verifyOwn(alice))).not.toContain(String(lines[0]?.entry_id))
  })

  it('finds that the end was cut off, also when everything that names it was changed too', async () => {
    const { app, verify, lines } = await open()
    await expect.poll(() => signedNumber(app), { timeout: 60_000 }).toBe(lines.length)
    const last = lines.at(-1)
    const before = lines.at(-2)
    await tamper(app, `delete from audit where id = '${last?.entry_id}'`)
    expect((await verify()).fault).toMatchObject({ problem: 'deleted' })
    await tamper(app, `delete from audit_chain where number = ${last?.number}`)
    // Asking leaves a line as well; this one does not.
    expect((await verify()).fault).toMatchObject({ problem: 'cut', number: last?.number })
    await tamper(app, `update audit_head set number = ${before?.number}, hash = '${before?.hash}'`)
    expect((await verify()).fault).toMatchObject({ problem: 'cut', number: last?.number })
  })

  it('finds that the whole chain was made anew', async () => {
    const { app, operator, verify, lines } = await open()
    await expect.poll(() => signedNumber(app), { timeout: 60_000 }).toBe(lines.length)
    await tamper(app, `update audit set address = '203.0.113.9' where id = '${lines[1]?.entry_id}'`)
    for (const text of [
      'delete from audit_chain',
      `update audit_head set number = 0, hash = ''`,
      'insert into audit_unsealed select id from audit',
    ])
      await tamper(app, text)
    await sealAudit(app.services)
    expect((await verify()).fault).toMatchObject({ problem: 'not-as-signed', number: lines.length })
    // What was signed is not overwritten by what comes later.
    await app.makeKey(operator, { admin: true })
    await app.app.services.refusals.flush()
    await app.reopen()
    expect((await verify()).fault).toMatchObject({ problem: 'not-as-signed' })
    const head = join(app.dataDir, 'audit-head.jws')
    await writeFile(head, 'eyJhbGciOiJub25lIn0.e30.')
    expect((await verify()).fault).toMatchObject({ problem: 'forged-head' })
    await rm(head)
    expect((await verify()).fault).toBeNull()
  })

  it('finds a line whose link was taken away', async () => {
    const { app, verify } = await open()
    await rm(join(app.dataDir, 'audit-head.jws'), { force: true })
    await tamper(app, 'delete from audit_chain')
    await tamper(app, `update audit_head set number = 0, hash = ''`)
    expect((await verify()).fault).toMatchObject({ problem: 'unchained' })
  })

  it.each([
    [
      'deleted',
      (id: string) => [`delete from audit where id = '${id}'`, `delete from audit_unsealed where id = '${id}'`],
    ],
    ['changed', (id: string) => [`update audit set address = '203.0.113.9' where id = '${id}'`]],
  ])('finds a line that was %s before it was sealed', async (problem, changes) => {
    const { app, alice, verify } = await open()
    await tamper(app, `delete from audit where id = ''`)
    const { db, newId, clock } = app.services
    const line = { id: newId(), at: clock.now(), accountId: alice.accountId, action: 'key.revoked' }
    await db.write(async (tx) => {
      await recordAudit(tx, { ...line, actor: { kind: 'user', id: null } })
      // In the moment of its commit: sooner than anybody could seal it.
      for (const text of changes(line.id)) await sql.raw(text).execute(tx)
    })
    expect((await verify()).fault).toMatchObject({ problem, entryId: line.id })
    await app.reopen()
    expect((await verify()).fault).toMatchObject({ problem, entryId: line.id })
  })

  it('finds an end that was cut off after it was sealed and before it was signed', async () => {
    const { app, verify, lines } = await open()
    const sealer = openAuditSealer(app.services)
    onTestFinished(() => sealer.close())
    await sealer.seal()
    const [before, last] = lines.slice(-2)
    for (const text of [
      `delete from audit where id = '${last?.entry_id}'`,
      `delete from audit_chain where number >= ${last?.number}`,
      `update audit_head set number = ${before?.number}, hash = '${before?.hash}'`,
    ])
      await tamper(app, text)
    await rm(join(app.dataDir, 'audit-head.jws'), { force: true })
    await sealer.seal()
    expect(['cut', 'not-as-signed']).toContain((await verify()).fault?.problem)
  })

  it('is made once, by however many seal at the same time, and loses no line', async () => {
    const { app, operator, verify } = await open()
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        await app.makeKey(operator, { admin: true }, { keyName: `k${i}` })
        await sealAudit(app.services)
      }),
    )
    const { lines, fault } = await verify()
    expect(fault).toBeNull()
    const { n } = await app.services.db.read
      .selectFrom('audit')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
    expect(lines).toBe(n)
  })

  it('goes out in an export that anybody can check, and goes on where one ended', async () => {
    const { app, operator, alice } = await open()
    const take = async (key: KeyValues, path: string) => {
      const answer = await fetch(`${app.apiUrl}${path}`, { headers: { authorization: `Bearer ${key.JWT}` } })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson'])
      const text = await answer.text()
      return text === '' ? [] : text.trimEnd().split('\n').map((line) => JSON.parse(line)) // prettier-ignore
    }
    const all = await take(operator, '/pinyon/v1/operator/audit/export')
    let previous = ''
    for (const [i, { id, action, sealed }] of all.entries()) {
      const hash = createHash('sha256').update(Buffer.from(previous, 'hex')).update(sealed.text).digest('hex')
      expect(sealed).toMatchObject({ number: i + 1, previous, hash })
      const columns = JSON.parse(sealed.text)
      expect([columns[0], columns[5]]).toEqual([id, action])
      previous = hash
    }
    const rest = await take(operator, `/pinyon/v1/operator/audit/export?after=${all.length - 2}`)
    expect(rest.slice(0, 2)).toEqual(all.slice(-2))
    expect(await take(operator, `/pinyon/v1/operator/audit/export?since=${all[2].at}`)).toEqual(
      all.filter(({ at }: { at: string }) => at >= all[2].at),
    )
    const own = await take(alice, '/pinyon/v1/audit/export')
    expect(own.length).toBeGreaterThan(3)
    for (const { accountId, sealed } of own) {
      expect(accountId).toBe(alice.accountId)
      expect(sealed).not.toHaveProperty('number')
    }
    expect(await take(alice, `/pinyon/v1/audit/export?after=${own[1].id}`)).toEqual(own.slice(2))
    expect((await app.ask('GET', '/pinyon/v1/operator/audit/export', { key: alice })).status).toBe(403)
    const limited = await app.makeKey(alice, { resources: ['org:files:read'] })
    expect((await app.ask('GET', '/pinyon/v1/audit/export', { key: limited })).status).toBe(403)
  })

  it('is read by operators over all accounts, with every filter', async () => {
    const { app, operator, alice } = await open()
    const ask = async (query: string) =>
      (await app.ask('GET', `/pinyon/v1/operator/audit?${query}`, { key: operator })).body.entries
    const [made] = await ask(`accountId=${alice.accountId}&action=key.created&limit=1`)
    expect(made).toMatchObject({ accountId: alice.accountId, action: 'key.created', actor: { kind: 'key' } })
    expect(await ask(`actor=${made.actor.id}&target=${made.target}`)).toEqual([made])
    expect(
      (await ask('actor=anonymous')).every(({ actor }: { actor: { kind: string } }) => actor.kind === 'anonymous'),
    ).toBe(true)
    expect(await ask(`since=${made.at}&until=${made.at}`)).toEqual([])
    expect(await ask('address=203.0.113.1')).toEqual([])
    expect((await ask('result=ok')).length).toBeGreaterThan(3)
    expect((await app.ask('GET', '/pinyon/v1/operator/audit', { key: alice })).status).toBe(403)
    expect((await app.ask('GET', '/pinyon/v1/operator/audit?result=bad', { key: operator })).status).toBe(400)
  })
})

async function signedNumber(app: TestApp): Promise<number> {
  const { readHead } = await import('../src/accounts/audit-head.ts')
  const head = await readHead(app.services)
  return typeof head === 'object' ? head.number : 0
}
