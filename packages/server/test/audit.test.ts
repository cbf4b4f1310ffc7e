import { describe, expect, it, onTestFinished } from 'vitest'
import { makePasswordReset } from '../src/accounts/change-password.ts'
import { databases, startTestApp, type KeyValues } from './support/app.ts'
import type { Row } from './support/domain.ts'

const email = 'owner@example.test'
const password = 'correct horse battery'

describe.each(databases)('the audit log on %s', (database) => {
  it('misses nothing of what was done, says who, what, from where and with what result', async () => {
    const app = await startTestApp({ database })
    onTestFinished(() => app.close())
    const operator = await app.setUp()
    const key = await app.makeKey(operator, { resources: ['org:files:read'] }, { keyName: 'watched' })
    const { body: page } = await app.ask('GET', '/pinyon/v1/keys?limit=1', { key: operator })
    const { id: keyId } = page.keys[0]
    await app.ask('POST', `/pinyon/v1/keys/${keyId}/regenerate`, { key: operator, json: { overlapSeconds: 60 } })
    expect((await app.ask('GET', '/v3/pinata/keys', { key })).status).toBe(403)
    await app.ask('PUT', `/v3/pinata/keys/${key.pinata_api_key}`, { key: operator })
    await app.ask('POST', '/pinyon/v1/operator/signing-keys', { key: operator })
    const wrong = await app.ask('POST', '/pinyon/v1/sessions', { json: { email, password: 'wrong' } })
    expect(wrong.status).toBe(401)
    const signedIn = await app.ask('POST', '/pinyon/v1/sessions', { json: { email, password } })
    const headers = { cookie: signedIn.headers.get('set-cookie')?.split(';')[0] ?? '', origin: app.apiUrl }
    const browser = (method: string, path: string, json?: unknown) => app.ask(method, path, { headers, json })
    await browser('PUT', '/pinyon/v1/password', { currentPassword: password, newPassword: 'a new password' })
    await browser('PATCH', '/pinyon/v1/account', { name: 'Pines', publicContent: 'refused' })
    await browser('POST', '/pinyon/v1/members', { email: 'ann@example.test' })
    const { invites } = (await browser('GET', '/pinyon/v1/members')).body
    await browser('DELETE', `/pinyon/v1/invites/${invites[0].id}`)
    const { token } = await makePasswordReset(app.services, email)
    await app.ask('POST', '/pinyon/v1/password/reset', { json: { token, password: 'reset password' } })
    await app.services.refusals.flush()

    const { body } = await app.ask('GET', '/pinyon/v1/audit?limit=1000', { key: operator })
    expect(body.entries.map(({ action }: Row) => action).toReversed()).toEqual([
      'installation.set_up',
      'key.created',
      'key.created',
      'key.regenerated',
      'key.use_denied',
      'key.revoked',
      'signing_key.rotated',
      'session.sign_in_failed',
      'session.signed_in',
      'user.password_changed',
      'account.renamed',
      'account.public_content_changed',
      'member.invited',
      'member.invite_withdrawn',
      'user.password_reset_made',
      'user.password_reset',
    ])
    const find = (action: string) => body.entries.find((entry: Row) => entry.action === action)
    expect(find('key.revoked')).toEqual({
      id: expect.any(String),
      at: expect.stringMatching(/Z$/),
      actor: { kind: 'key', id: expect.any(String) },
      action: 'key.revoked',
      target: keyId,
      address: '127.0.0.1',
      requestId: expect.any(String),
      result: 'ok',
      detail: { name: 'watched' },
    })
    expect(find('session.sign_in_failed')).toMatchObject({
      actor: { kind: 'anonymous', id: null },
      result: 'refused',
      requestId: wrong.headers.get('x-request-id'),
    })
    expect(find('key.use_denied')).toMatchObject({ target: keyId, detail: { reason: 'scope_missing', count: 1 } })
    expect(find('account.renamed')).toMatchObject({ actor: { kind: 'user' }, detail: { from: email, to: 'Pines' } })
    expect(find('user.password_reset_made')).toMatchObject({ actor: { kind: 'machine', id: null } })
    const some = await app.ask('GET', '/pinyon/v1/audit?action=key.created&limit=1', { key: operator })
    expect(some.body.entries).toMatchObject([{ detail: { name: 'watched' } }])
    const next = await app.ask('GET', `/pinyon/v1/audit?action=key.created&pageToken=${some.body.nextPageToken}`, {
      key: operator,
    })
    expect(next.body).toMatchObject({ entries: [{ detail: { name: 'Set-up key' } }], nextPageToken: null })
  })

  it('tells an account of sign-ins that were stopped, in one line however many there were', async () => {
    const app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'sign-in=2/900' } })
    onTestFinished(() => app.close())
    const operator = await app.setUp()
    // After a first line those alike are gathered for a minute: however slow this machine is, all of these are.
    app.services.refusals.note('earlier', () => ({
      accountId: null,
      actor: { kind: 'anonymous', id: null },
      action: 'session.sign_in_failed',
    }))
    await app.services.refusals.flush()
    const tryAs = (email: string) => app.ask('POST', '/pinyon/v1/sessions', { json: { email, password: 'wrong' } })
    for (let i = 0; i < 2; i++) expect((await tryAs(email)).status).toBe(401)
    const stopped = await Promise.all(Array.from({ length: 20 }, () => tryAs(email)))
    expect(stopped.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 429))
    for (let i = 0; i < 3; i++) await tryAs('nobody@example.test')
    // The address as a whole may fail ten times as often; then the names it makes up leave no lines of their own.
    for (let i = 0; i < 16; i++) expect((await tryAs(`made-up-${i}@example.test`)).status).toBe(401)
    for (let i = 16; i < 60; i++) expect((await tryAs(`made-up-${i}@example.test`)).status).toBe(429)
    await app.services.refusals.flush()

    const { body } = await app.ask('GET', '/pinyon/v1/audit?action=session.sign_in_limited', { key: operator })
    expect(body.entries).toMatchObject([
      {
        actor: { kind: 'anonymous', id: null },
        target: expect.any(String),
        address: '127.0.0.1',
        requestId: expect.any(String),
        result: 'refused',
        detail: { limitOf: 'account and address', count: 20 },
      },
    ])
    expect(stopped.map(({ headers }) => headers.get('x-request-id'))).toContain(body.entries[0].requestId)
    const lines = await app.services.db.read
      .selectFrom('audit')
      .select(['account_id', 'detail'])
      .where('action', '=', 'session.sign_in_limited')
      .orderBy('id')
      .execute()
    expect(lines.slice(1)).toEqual([
      { account_id: null, detail: '{"limitOf":"account and address","count":1}' },
      { account_id: null, detail: '{"limitOf":"address","count":44}' },
    ])
  })

  it('shows an account what operators did to it, and nothing of other accounts', async () => {
    const app = await startTestApp({ database })
    onTestFinished(() => app.close())
    const operator = await app.setUp()
    const [mine, other] = [await app.makeAccount(operator, 'mine'), await app.makeAccount(operator, 'other')]
    const path = `/pinyon/v1/accounts/${mine.accountId}`
    await app.ask('GET', path, { key: operator })
    await app.ask('PATCH', path, { key: operator, json: { quotaBytes: 7, disabled: true } })
    await app.ask('PATCH', path, { key: operator, json: { disabled: false } })
    const read = async (key: KeyValues) => (await app.ask('GET', '/pinyon/v1/audit', { key })).body.entries
    const actions = (await read(mine)).map(
      ({ actor, action }: { actor: Row; action: string }) => `${actor.kind} ${action}`,
    )
    expect(actions.toReversed()).toEqual([
      'operator account.created',
      'user member.joined',
      'user key.created',
      'operator account.viewed',
      'operator account.quota_changed',
      'operator account.disabled',
      'operator account.enabled',
    ])
    expect(await read(other)).toHaveLength(3)
    expect(JSON.stringify(await read(other))).not.toContain(mine.accountId)
  })

  it('cannot be changed, not even by us', async () => {
    const app = await startTestApp({ database })
    onTestFinished(() => app.close())
    await app.setUp()
    const { db } = app.services
    await expect(db.write((tx) => tx.deleteFrom('audit').execute())).rejects.toThrow()
    await expect(db.write((tx) => tx.updateTable('audit').set({ result: 'ok' }).execute())).rejects.toThrow()
  })
})
