import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databases, type KeyValues, startTestApp, type TestApp } from './support/app.ts'
import { TestClock } from './support/domain.ts'
import { sendForm } from './support/upload.ts'
import { openReceiver, type Received, type Receiver } from './support/webhook-receiver.ts'

type Owner = KeyValues & { readonly accountId: string }

/** The machine may be busy. */
const within = { timeout: 60_000 }

describe.each(databases)('webhooks on %s', (database) => {
  const clock = new TestClock()
  let app: TestApp
  let operator: Owner
  let receiver: Receiver
  let accounts = 0
  let serial = 0

  beforeAll(async () => {
    app = await startTestApp({ database, clock, env: { PINYON_DIAL_PRIVATE: '127.0.0.1' } })
    operator = await app.setUp()
  })
  afterAll(() => app.close())
  beforeEach(async () => {
    receiver = await openReceiver()
    return () => receiver.close()
  })

  const account = () => app.makeAccount(operator, `wh-${database}-${++accounts}`)
  const upload = (key: KeyValues, network = 'public') =>
    sendForm(app, '/v3/files', key, [
      ['network', network],
      ['file', Buffer.from(`webhook ${++serial}`), 'a.txt', 'text/plain'],
    ])

  async function hook(key: KeyValues, json: Record<string, unknown> = {}) {
    const made = await app.ask('POST', '/pinyon/v1/webhooks', { key, json: { url: receiver.url, ...json } })
    expect([made.status, made.body.error]).toEqual([200, undefined])
    const { id } = made.body.webhook
    const path = `/pinyon/v1/webhooks/${id}`
    return {
      id,
      path,
      secret: made.body.secret as string,
      get: async () => (await app.ask('GET', path, { key })).body,
      deliveries: async (query = '') => (await app.ask('GET', `${path}/deliveries${query}`, { key })).body.deliveries,
    }
  }

  function verified(secret: string, { headers, body }: Received) {
    const seconds = Number(headers['webhook-timestamp'])
    expect(Math.abs(seconds - clock.now() / 1000)).toBeLessThan(86_400)
    // The package holds the time against the machine's clock: sign again for that time what it checks otherwise.
    const webhook = new Webhook(secret)
    const id = String(headers['webhook-id'])
    expect(webhook.sign(id, new Date(seconds * 1000), body)).toBe(headers['webhook-signature'])
    return JSON.parse(body)
  }

  it('sends what happened, signed as Standard Webhooks, in the form of Pinata', async () => {
    const key = await account()
    const { secret, get, deliveries } = await hook(key)
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const { body } = await upload(key)
    await expect.poll(() => receiver.received.length, within).toBe(1)
    const message = verified(secret, receiver.received[0]!)
    expect(message).toEqual({
      event_type: 'ipfs.public.file_added',
      timestamp: new Date(clock.now()).toISOString().replace('Z', '000Z'),
      workspace_id: key.accountId,
      data: {
        object: {
          id: body.data.id,
          cid: body.data.cid,
          name: 'a.txt',
          size: body.data.size,
          mime_type: 'text/plain',
          number_of_files: 1,
          group_id: null,
          keyvalues: {},
          created_at: new Date(clock.now()).toISOString(),
        },
        source: 'direct_upload',
      },
    })
    await expect.poll(async () => (await deliveries())[0]?.state, within).toBe('delivered')
    const [delivery] = await deliveries()
    expect(delivery).toMatchObject({ kind: 'ipfs.public.file_added', attempts: 1, status: 200, error: null })
    expect(JSON.parse(delivery.payload)).toEqual(message)
    const shown = await get()
    expect(shown.lastSuccessAt).toBe(new Date(clock.now()).toISOString())
    expect(JSON.stringify(shown)).not.toContain(secret)
  })

  it('verifies with the package that receivers use', async () => {
    const key = await account()
    const { secret, path } = await hook(key)
    await app.ask('POST', `${path}/test`, { key })
    const { headers, body } = receiver.received[0]!
    const webhook = new Webhook(secret)
    // Signed for the time of the test's clock, which is not the machine's: the one thing that differs.
    const now = new Date()
    const sent = {
      'webhook-id': String(headers['webhook-id']),
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    }
    const signature = webhook.sign(sent['webhook-id'], now, body)
    expect(webhook.verify(body, { ...sent, 'webhook-signature': signature })).toMatchObject({
      event_type: 'webhook.test',
    })
    expect(() => webhook.verify(`${body} `, { ...sent, 'webhook-signature': signature })).toThrow()
    expect(webhook.sign(sent['webhook-id'], new Date(Number(headers['webhook-timestamp']) * 1000), body)).toBe(
      headers['webhook-signature'],
    )
  })

  it('is signed with the old secret and the new one for as long as was asked, and then with the new one', async () => {
    const key = await account()
    const { secret, path } = await hook(key)
    const rotate = (json: object, as: KeyValues = key) => app.ask('POST', `${path}/rotate-secret`, { key: as, json })
    const signedWith = async (...secrets: string[]) => {
      await app.ask('POST', `${path}/test`, { key })
      const { headers, body } = receiver.received.at(-1)!
      const at = new Date(Number(headers['webhook-timestamp']) * 1000)
      const each = secrets.map((one) => new Webhook(one).sign(String(headers['webhook-id']), at, body))
      expect(headers['webhook-signature']).toBe(each.join(' '))
    }
    await signedWith(secret)
    const second = await rotate({ overlapSeconds: 600 })
    expect([second.status, second.body.secret]).toEqual([200, expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/)])
    expect(second.body.secret).not.toBe(secret)
    const until = new Date(clock.now() + 600_000).toISOString()
    expect(second.body.webhook.previousSecretUntil).toBe(until)
    await signedWith(second.body.secret, secret)
    clock.move(599_999)
    await signedWith(second.body.secret, secret)
    clock.move(1)
    await signedWith(second.body.secret)
    const third = await rotate({})
    await signedWith(third.body.secret, second.body.secret)
    const fourth = await rotate({ overlapSeconds: 0 })
    await signedWith(fourth.body.secret)
    expect((await rotate({ overlapSeconds: 604_801 })).status).toBe(400)
    expect((await rotate({}, await account())).status).toBe(404)
    const { body: audit } = await app.ask('GET', '/pinyon/v1/audit?limit=5', { key })
    expect(JSON.stringify(audit)).toContain('webhook.secretRotated')
    for (const shown of [second, third, fourth]) expect(app.log()).not.toContain(shown.body.secret)
  })

  it('sends only the kinds asked for, and only to the account they concern', async () => {
    const key = await account()
    const other = await account()
    await hook(key, { kinds: ['ipfs.private.file_added'] })
    await upload(other, 'private')
    await upload(key)
    await upload(key, 'private')
    await expect.poll(() => receiver.received.length, within).toBe(1)
    await upload(key)
    await upload(key, 'private')
    await expect.poll(() => receiver.received.length, within).toBe(2)
    expect(receiver.received.map(({ body }) => JSON.parse(body).event_type)).toEqual([
      'ipfs.private.file_added',
      'ipfs.private.file_added',
    ])
  })

  it(
    'tries again later and later for a day, then disables the webhook with a reason',
    { timeout: 60_000 },
    async () => {
      const key = await account()
      const { get, deliveries } = await hook(key, { kinds: ['ipfs.public.file_added'] })
      receiver.answer = 500
      await upload(key)
      const begin = clock.now()
      for (let attempts = 1; attempts < 12; attempts++) {
        await expect.poll(async () => (await deliveries())[0]?.attempts, within).toBe(attempts)
        const [delivery] = await deliveries()
        expect(delivery).toMatchObject({ state: 'pending', status: 500, error: 'It answered 500.' })
        clock.move(Date.parse(delivery.nextAttemptAt) - clock.now())
      }
      await expect.poll(async () => (await get()).state, within).toBe('disabled')
      expect((clock.now() - begin) / 3_600_000).toBeGreaterThan(23)
      expect((clock.now() - begin) / 3_600_000).toBeLessThanOrEqual(24)
      expect(await get()).toMatchObject({
        disabledReason: 'Nothing was accepted for a day. The last time: It answered 500.',
        failingSince: new Date(begin).toISOString(),
      })
      expect((await deliveries())[0]).toMatchObject({ state: 'failed', attempts: 12, nextAttemptAt: null })
      const ids = new Set(receiver.received.map(({ headers }) => headers['webhook-id']))
      expect(ids.size).toBe(1)
      // Nothing more is sent there, until it is enabled and something happens.
      await upload(key)
      receiver.answer = 200
      const count = receiver.received.length
      expect((await app.ask('PATCH', await hookPath(key), { key, json: { enabled: true } })).body.state).toBe('active')
      await upload(key)
      await expect.poll(() => receiver.received.length, within).toBe(count + 1)
    },
  )

  const hookPath = async (key: KeyValues) =>
    `/pinyon/v1/webhooks/${(await app.ask('GET', '/pinyon/v1/webhooks', { key })).body.webhooks[0].id}`

  it('follows no redirect, and is told by 410 that nothing more is wanted', async () => {
    const key = await account()
    const { get, deliveries } = await hook(key, { kinds: ['ipfs.public.file_added'] })
    receiver.answer = 302
    await upload(key)
    await expect.poll(async () => (await deliveries())[0]?.error, within).toContain('redirects are not followed')
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook'])
    receiver.answer = 410
    await upload(key)
    await expect.poll(async () => (await get()).state, within).toBe('disabled')
    expect((await deliveries()).map(({ state }: { state: string }) => state)).toEqual(['failed', 'failed'])
  })

  it('sends again what is asked for, under the id it had', async () => {
    const key = await account()
    const { path, deliveries } = await hook(key, { kinds: ['ipfs.public.file_added'] })
    await upload(key)
    await expect.poll(async () => (await deliveries())[0]?.state, within).toBe('delivered')
    const [{ id }] = await deliveries()
    const again = await app.ask('POST', `${path}/deliveries/${id}/resend`, { key })
    expect([again.status, again.body.state]).toEqual([200, 'pending'])
    await expect.poll(() => receiver.received.length, within).toBe(2)
    expect(receiver.received[0]!.headers['webhook-id']).toBe(receiver.received[1]!.headers['webhook-id'])
    await upload(key)
    await expect.poll(async () => (await deliveries('?state=delivered')).length, within).toBe(2)
    const page = await app.ask('GET', `${path}/deliveries?limit=1`, { key })
    const rest = await app.ask('GET', `${path}/deliveries?limit=1&pageToken=${page.body.nextPageToken}`, { key })
    expect([page.body.deliveries[0].id > rest.body.deliveries[0].id, rest.body.nextPageToken]).toEqual([true, null])
  })

  it('never keeps uploads waiting, whatever the other side does', async () => {
    const key = await account()
    const { deliveries } = await hook(key, { kinds: ['ipfs.public.file_added'] })
    let answerNow: (status: number) => void = () => {}
    receiver.answer = () => new Promise((resolve) => (answerNow = resolve))
    await upload(key)
    await expect.poll(() => receiver.received.length, within).toBe(1)
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await upload(key)).status))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(receiver.received.length).toBe(1)
    receiver.answer = 200
    answerNow(200)
    await expect.poll(async () => (await deliveries('?state=delivered')).length, within).toBe(21)
    expect(receiver.received.length).toBe(21)
  })

  it('refuses what is no address of the web, and kinds that the key may not see', async () => {
    const key = await account()
    const tell = async (json: unknown, as: KeyValues = key) => {
      const { status, body } = await app.ask('POST', '/pinyon/v1/webhooks', { key: as, json })
      return [status, body.error?.reason, body.error?.message]
    }
    for (const url of [
      'ftp://a.example/',
      'nothing',
      'https://me:secret@a.example/',
      `https://a.example/${'x'.repeat(3_000)}`,
    ])
      expect((await tell({ url })).slice(0, 2)).toEqual([400, 'INVALID_REQUEST'])
    for (const url of ['http://10.0.0.1/', 'http://169.254.169.254/latest', 'http://[::1]:1/', 'http://127.0.0.2/'])
      expect(await tell({ url })).toEqual([400, 'INVALID_REQUEST', expect.stringContaining('not a public address')])
    expect((await tell({ url: receiver.url, kinds: ['no.such'] })).slice(0, 2)).toEqual([400, 'INVALID_REQUEST'])
    const narrow = await app.makeKey(key, { endpoints: { webhooks: { create: true }, files: { list: true } } })
    expect(await tell({ url: receiver.url }, narrow)).toEqual([
      403,
      'NO_SCOPES_FOUND',
      expect.stringContaining('pin.pinned'),
    ])
    expect((await tell({ url: receiver.url, kinds: ['ipfs.public.file_added'] }, narrow))[0]).toBe(200)
    const other = await account()
    const { path } = await hook(other)
    for (const method of ['GET', 'DELETE', 'PATCH'])
      expect((await app.ask(method, path, { key, ...(method === 'PATCH' ? { json: {} } : {}) })).status).toBe(404)
  })

  it('dials a name only where it leads to an address that may be dialled', async () => {
    const key = await account()
    // On loopback, but not the one address that is allowed.
    const made = await app.ask('POST', '/pinyon/v1/webhooks', { key, json: { url: 'http://ip6-localhost:1/' } })
    const { body } = await app.ask('POST', `/pinyon/v1/webhooks/${made.body.webhook.id}/test`, { key })
    expect(body).toMatchObject({ state: 'failed', status: null, attempts: 1 })
    expect(body.error).toMatch(/not a public address|name is not known/)
    const secret = made.body.secret as string
    expect(app.log()).not.toContain(secret)
    expect(app.log()).not.toContain(secret.slice('whsec_'.length))
  })
})
