import { randomBytes } from 'node:crypto'
import { compactVerify, createLocalJWKSet, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Pace } from '../src/pins/pace.ts'
import { scrubPack } from '../src/pins/scrub-pack.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'

describe.each(databases)('receipts on %s', (database) => {
  let now = Date.now()
  let app: TestApp
  let operator: KeyValues & { accountId: string }
  let a: KeyValues & { accountId: string }
  let b: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database, clock: { now: () => now }, env: { PINYON_SCRUB_SHARE: '100' } })
    operator = await app.setUp()
    a = await app.makeAccount(operator, 'alice')
    b = await app.makeAccount(operator, 'bob')
  })
  afterAll(() => app.close())
  const receiptOf = async (key: KeyValues | string, id: string) =>
    (await app.ask('GET', `/pinyon/v1/files/${id}/receipt`, { key })).body
  const scrub = async () => {
    await app.ask('POST', '/pinyon/v1/operator/storage/scrub', { key: operator })
    await expect
      .poll(
        async () => {
          const rows = await app.services.db.read.selectFrom('packs').select('scrubbed_at').execute()
          return rows.every(({ scrubbed_at: at }) => at === now)
        },
        { timeout: 15_000 },
      )
      .toBe(true)
  }

  it('are signed by the installation, and say what is kept', async () => {
    const file = await upload(app, a, [['x.bin', randomBytes(600_000)]], { network: 'private' })
    const { receipt, jws } = await receiptOf(a, file.id)
    expect(receipt).toMatchObject({
      iss: app.services.installation.id,
      fileId: file.id,
      accountId: a.accountId,
      cid: file.cid,
      network: 'private',
      sizeBytes: 600_000,
      numberOfBlocks: 4,
      durableAt: new Date(now).toISOString(),
      verifiedAt: new Date(now).toISOString(),
      verifiedBy: 'arrival',
      damagedBlocks: 0,
      copies: { disk: 1 },
    })
    const jwks = createLocalJWKSet((await app.ask('GET', '/.well-known/jwks.json')).body)
    const verified = await compactVerify(jws, jwks, { algorithms: ['RS256'] })
    expect(JSON.parse(new TextDecoder().decode(verified.payload))).toEqual(receipt)
    expect(decodeProtectedHeader(jws)).toMatchObject({ typ: 'pinyon-receipt+jws' })
    const [head, body, end] = jws.split('.')
    const other = Buffer.from(JSON.stringify({ ...receipt, sizeBytes: 1 })).toString('base64url')
    await expect(compactVerify(`${head}.${other}.${end}`, jwks)).rejects.toThrow()
    expect(body).not.toBe(other)
  })

  it('open nothing', async () => {
    const file = await upload(app, a, [['y.bin', randomBytes(100)]], { network: 'private' })
    const { jws } = await receiptOf(a, file.id)
    expect((await app.ask('GET', '/pinyon/v1/whoami', { key: jws })).status).toBe(401)
  })

  it('tell nothing of what another account did before', async () => {
    const shared = randomBytes(300_000)
    const began = now
    await upload(app, a, [['mine.bin', shared]], { network: 'private' })
    now += 3_600_000
    await scrub()
    now += 3_600_000
    // A new process writes to a pack of its own: what is shared lies in another one than what is not.
    await app.reopen()
    const again = await upload(app, b, [['other.bin', shared]], { network: 'private' })
    const fresh = await upload(app, b, [['fresh.bin', randomBytes(300_000)]], { network: 'private' })
    const same = ['durableAt', 'verifiedAt', 'verifiedBy', 'numberOfBlocks', 'damagedBlocks', 'copies'] as const
    const pick = (receipt: Record<string, unknown>) => Object.fromEntries(same.map((name) => [name, receipt[name]]))
    const compare = async () => {
      const [of, beside] = [(await receiptOf(b, again.id)).receipt, (await receiptOf(b, fresh.id)).receipt]
      expect(pick(of)).toEqual(pick(beside))
      expect(of.durableAt).toBe(new Date(began + 7_200_000).toISOString())
      return of
    }
    expect((await compare()).verifiedBy).toBe('arrival')
    now += 3_600_000
    // One of the two packs is read back before the other.
    const packs = await app.services.db.read.selectFrom('packs').select('name').orderBy('id').execute()
    expect(packs.length).toBeGreaterThan(1)
    await scrubPack(app.services, packs.at(-1)!.name, new Pace({ share: () => 1, signal: AbortSignal.timeout(10_000) }))
    expect((await compare()).verifiedBy).toBe('arrival')
    now += 3_600_000
    await scrub()
    expect(await compare()).toMatchObject({ verifiedBy: 'scrub', verifiedAt: new Date(now).toISOString() })
  })

  it('begin when a pin by CID or an import is here, not at the date that it carries', async () => {
    const shown = await upload(app, a, [['p.bin', randomBytes(1_000)]], { network: 'public' })
    now += 60_000
    const pin = (await app.ask('POST', '/psa/pins', { key: b, json: { cid: shown.cid } })).body
    expect(pin.status).toBe('pinned')
    expect((await receiptOf(b, pin.requestid)).receipt.durableAt).toBe(new Date(now).toISOString())
  })

  it('are for those who may read the file', async () => {
    const file = await upload(app, a, [['z.bin', randomBytes(100)]], { network: 'private' })
    const path = `/pinyon/v1/files/${file.id}/receipt`
    expect((await app.ask('GET', path)).status).toBe(401)
    const uploader = await app.makeKey(a, { endpoints: { files: { upload: true } } })
    expect((await app.ask('GET', path, { key: uploader })).status).toBe(403)
    const reader = await app.makeKey(a, { endpoints: { files: { receipt: true } } })
    expect((await app.ask('GET', path, { key: reader })).status).toBe(200)
    expect((await app.ask('GET', path, { key: b })).status).toBe(404)
    await app.ask('DELETE', `/v3/files/private/${file.id}`, { key: a })
    expect((await app.ask('GET', path, { key: a })).status).toBe(404)
  })
})
