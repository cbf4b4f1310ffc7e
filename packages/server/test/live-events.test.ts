import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, type KeyValues, startTestApp, type TestApp } from './support/app.ts'
import { signInAs } from './support/sign-in.ts'
import { sendForm } from './support/upload.ts'

/** One message of a stream. */
interface Told {
  readonly id?: string
  readonly event?: string
  readonly data?: any // oxlint-disable-line no-explicit-any -- tests look into bodies of every shape
}

/** The machine may be busy. */
const within = { timeout: 60_000 }

describe.each(databases)('live events on %s', (database) => {
  let app: TestApp
  let operator: KeyValues & { accountId: string }
  let accounts = 0
  let serial = 0

  beforeAll(async () => {
    app = await startTestApp({ database })
    operator = await app.setUp()
  })
  afterAll(() => app.close())

  const account = () => app.makeAccount(operator, `live-${database}-${++accounts}`)
  const upload = (key: KeyValues, network = 'public') =>
    sendForm(app, '/v3/files', key, [
      ['network', network],
      ['file', Buffer.from(`live ${++serial}`), `${serial}.txt`],
    ])

  /** Follows until `close`, or until the server ends it. */
  async function follow(headers: Record<string, string>, query = '') {
    const controller = new AbortController()
    const response = await fetch(`${app.apiUrl}/pinyon/v1/events${query}`, { headers, signal: controller.signal })
    const told: Told[] = []
    const ended = (async () => {
      let text = ''
      const decoder = new TextDecoder()
      try {
        for await (const piece of response.body ?? []) {
          text += decoder.decode(piece, { stream: true })
          for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
            const fields = Object.fromEntries(
              text
                .slice(0, end)
                .split('\n')
                .map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]),
            )
            text = text.slice(end + 2)
            if (fields['data'] !== undefined) told.push({ ...fields, data: JSON.parse(fields['data']) })
          }
        }
      } catch {
        // It was cut: that is an end too.
      }
    })()
    return { status: response.status, headers: response.headers, told, ended, close: () => controller.abort() }
  }
  const as = (key: KeyValues) => ({ authorization: `Bearer ${key.JWT}` })

  it('tells what happens in the account and in no other, and goes on where it broke off', async () => {
    const [key, other] = [await account(), await account()]
    const first = await follow(as(key), '?kinds=ipfs.public.file_added')
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    await upload(other)
    const { body } = await upload(key)
    await expect.poll(() => first.told.length, within).toBe(1)
    const [event] = first.told
    expect(event).toMatchObject({
      event: 'ipfs.public.file_added',
      data: {
        event_type: 'ipfs.public.file_added',
        workspace_id: key.accountId,
        data: { object: { id: body.data.id } },
      },
    })
    first.close()
    await first.ended
    const missed = [(await upload(key)).body.data.id, (await upload(key)).body.data.id]
    await upload(key, 'private')
    const second = await follow({ ...as(key), 'last-event-id': String(event?.id) }, '?kinds=ipfs.public.file_added')
    await expect.poll(() => second.told.length, within).toBe(2)
    expect(second.told.map(({ data }) => data.data.object.id)).toEqual(missed)
    second.close()
    // An event of somebody else is as one that never was.
    for (const id of [String(event?.id), 'nothing']) {
      const strange = await follow({ ...as(other), 'last-event-id': id })
      await expect
        .poll(() => strange.told, within)
        .toEqual([{ event: 'gap', data: { message: 'The last event that you had is not known any more.' } }])
      strange.close()
    }
  })

  it('tells of a kind only who may see it', async () => {
    const key = await account()
    const narrow = await app.makeKey(key, { endpoints: { files: { list: true } } })
    const refused = await follow(as(narrow), '?kinds=key.created')
    expect(refused.status).toBe(403)
    expect((await follow(as(narrow), '?kinds=no.such')).status).toBe(400)
    const followed = await follow(as(narrow))
    await app.makeKey(key, { admin: true })
    await upload(key, 'private')
    await expect.poll(() => followed.told.map(({ event }) => event), within).toEqual(['ipfs.private.file_added'])
    followed.close()
  })

  it('tells a key that sees only its own files of these alone', async () => {
    const key = await account()
    const make = () => app.makeKey(key, { admin: true }, { bounds: { own: true } })
    const [one, two] = [await make(), await make()]
    const followed = await follow(as(one))
    await upload(two)
    await upload(key)
    const { body } = await upload(one)
    await expect.poll(() => followed.told.map(({ data }) => data.data.object.id), within).toEqual([body.data.id])
    followed.close()
    const hook = { key: one, json: { url: 'http://192.0.2.1/' } }
    expect((await app.ask('POST', '/pinyon/v1/webhooks', hook)).status).toBe(403)
  })

  it('ends within a second when the key is revoked, and when the session ends', async () => {
    const key = await account()
    const made = await app.makeKey(key, { resources: ['org:files:read'] })
    const followed = await follow(as(made))
    const began = performance.now()
    await app.ask('PUT', `/v3/pinata/keys/${made.pinata_api_key}`, { key })
    await followed.ended
    expect(performance.now() - began).toBeLessThan(1_500)
    const session = await signInAs(app, `live-${database}-${accounts}@example.test`, 'another horse battery')
    const inBrowser = await follow(session.headers)
    expect(inBrowser.status).toBe(200)
    await app.ask('DELETE', '/pinyon/v1/sessions/current', { headers: session.headers })
    await inBrowser.ended
  })

  it('lets an account follow only so often at once', async () => {
    const key = await account()
    const open = []
    for (let i = 0; i < 50; i++) open.push(await follow(as(key)))
    const refused = await follow(as(key))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30'])
    for (const each of open) each.close()
    await Promise.all(open.map(({ ended }) => ended))
    await expect
      .poll(async () => {
        const again = await follow(as(key))
        again.close()
        return again.status
      }, within)
      .toBe(200)
  })

  it('lets the server close at once', async () => {
    const own = await startTestApp({ database })
    const key = await own.setUp()
    const response = await fetch(`${own.apiUrl}/pinyon/v1/events`, { headers: as(key) })
    expect(response.status).toBe(200)
    const began = performance.now()
    await own.app.close(20_000)
    expect(performance.now() - began).toBeLessThan(10_000)
    await response.body?.cancel().catch(() => undefined)
    await own.close().catch(() => undefined)
  })
})
