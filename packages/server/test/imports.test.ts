import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCid } from '../src/ipfs/cid.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { collectBytes, putDirectory, putRaw } from '../src/ipfs/sample-dags.ts'
import { writeCar } from '../src/ipfs/write-car.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { type Part, remains, sendForm } from './support/upload.ts'

/** A folder of two files, as a CAR and without its blocks. */
async function folder(text: string) {
  const blocks = new MemoryBlocks()
  const root = putDirectory(blocks, { 'a.txt': putRaw(blocks, `a ${text}`), 'b.txt': putRaw(blocks, `b ${text}`) })
  const car = await collectBytes(writeCar(blocks, root, { scope: 'all' }))
  const head = (await writeCar(blocks, root, { scope: 'block' }).next()).value as Uint8Array // a CAR begins with its header
  return { cid: formatCid(root), car, head: head.subarray(0, 1 + (head[0] ?? 0)) }
}

const then = '2021-05-06T07:08:09.123Z'

describe.each(databases)('POST /pinyon/v1/imports on %s', (database) => {
  let app: TestApp
  let key: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  const send = (fields: Record<string, string>, car: Uint8Array, asked: KeyValues | string | undefined = key) =>
    sendForm(app, '/pinyon/v1/imports', asked, [
      ...Object.entries(fields).map(([name, value]): Part => [name, value]),
      ['file', car, 'x.car'],
    ])
  const listed = async (network: string, query = '') =>
    (await app.ask('GET', `/v3/files/${network}?limit=1000${query}`, { key })).body.data.files
  const audit = async () =>
    (await app.ask('GET', '/pinyon/v1/audit?action=file.imported', { key })).body.entries as { target: string }[]

  it('keeps the type that a file had, whatever its bytes look like, but for folders', async () => {
    const blocks = new MemoryBlocks()
    const root = putRaw(blocks, `ID3 and no music ${database}`)
    const car = await collectBytes(writeCar(blocks, root, { scope: 'all' }))
    const cid = formatCid(root)
    const said = await send({ cid, network: 'private', name: 'said', mime_type: 'application/x-odd; v=1' }, car)
    expect([said.status, said.body.file?.mime_type]).toEqual([200, 'application/x-odd; v=1'])
    const guessed = await send({ cid, network: 'private', name: 'guessed' }, car)
    expect(guessed.body.file.mime_type).not.toContain('odd')
    const site = await folder(`typed ${database}`)
    const folded = await send({ cid: site.cid, network: 'private', mime_type: 'image/png' }, site.car)
    expect(folded.body.file.mime_type).toBe('directory')
    for (const wrong of ['image', 'a/b\nc', 'directory', `a/${'b'.repeat(200)}`]) {
      const { status } = await send({ cid, network: 'private', name: 'wrong', mime_type: wrong }, car)
      expect([wrong, status]).toEqual([wrong, 400])
    }
  })

  it('keeps date, name, key-values, network and the spelling of the CID', async () => {
    const { cid, car } = await folder('kept')
    const spelled = cid.toUpperCase()
    const before = Date.now()
    const { status, body } = await send(
      {
        cid: spelled,
        network: 'private',
        name: 'old folder',
        keyvalues: '{"n":5,"yes":true,"text":"x"}',
        created_at: then,
        source: 'elsewhere',
        source_id: '17',
      },
      car,
    )
    expect([status, body]).toMatchObject([
      200,
      {
        imported: true,
        file: {
          cid: spelled,
          name: 'old folder',
          created_at: then,
          network: 'private',
          keyvalues: { n: '5', yes: 'true', text: 'x' },
          number_of_files: 2,
          mime_type: 'directory',
        },
      },
    ])
    expect((await listed('private', `&cid=${cid}`)).map(({ id }: { id: string }) => id)).toEqual([body.file.id])
    const [line] = (await app.ask('GET', '/pinyon/v1/audit?action=file.imported', { key })).body.entries
    expect(line).toMatchObject({
      target: body.file.id,
      actor: { kind: 'key' },
      detail: { cid: spelled, network: 'private', source: 'elsewhere', sourceId: '17', createdAt: then },
    })
    expect(Date.parse(line.at)).toBeGreaterThanOrEqual(before)
  })

  it('puts the file where its date belongs, files of one millisecond in the order of their ids there', async () => {
    const { cid, car } = await folder('order')
    const fields = { cid, network: 'public', source: 'p' }
    const newest = await upload(app, key, [['newest.txt', 'newest']])
    const ids = ['019c1f0e-5a2b-7002-8000-000000000000', '019c1f0e-5a2b-7001-8000-000000000000']
    const createdAt = new Date(0x019c1f0e5a2b).toISOString()
    const made = []
    for (const source_id of ids) made.push(await send({ ...fields, source_id, created_at: createdAt }, car))
    const [later, earlier] = made.map(({ body }) => body.file.id as string)
    const oldest = await send({ ...fields, source_id: 'oldest', created_at: then }, car)
    const order = (await listed('public', '&order=ASC')).map(({ id }: { id: string }) => id)
    expect(order).toEqual([oldest.body.file.id, earlier, later, newest.id])
  })

  it('changes nothing when it is repeated, also at the same time', async () => {
    const { cid, car } = await folder('twice')
    const fields = { cid, network: 'public', name: 'n', source: 's', source_id: 'x', created_at: then }
    const together = await Promise.all(Array.from({ length: 6 }, () => send(fields, car)))
    expect(together.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    expect(together.filter(({ body }) => body.imported)).toHaveLength(1)
    expect(new Set(together.map(({ body }) => body.file.id)).size).toBe(1)
    const [rows, lines] = [await remains(app, key.accountId), (await audit()).length]
    const again = await send({ ...fields, name: 'another' }, car)
    expect(again.body).toMatchObject({ imported: false, file: { name: 'n' } })
    expect(await remains(app, key.accountId)).toEqual(rows)
    expect((await audit()).length).toBe(lines)
  })

  it('knows a file without a date by content, spelling and name', async () => {
    const { cid, car } = await folder('undated')
    const fields = { cid, network: 'private', name: 'kubo pin' }
    const first = await send(fields, car)
    expect((await send(fields, car)).body).toMatchObject({ imported: false, file: { id: first.body.file.id } })
    expect((await send({ ...fields, name: 'other' }, car)).body.imported).toBe(true)
    expect((await send({ ...fields, network: 'public' }, car)).body.imported).toBe(true)
  })

  it('imports again what was removed since, and gives back a file of its own', async () => {
    const { cid, car } = await folder('removed')
    const fields = { cid, network: 'public', source: 's', source_id: 'gone', created_at: then }
    const { file } = (await send(fields, car)).body
    expect((await send({ ...fields, source_id: file.id }, car)).body).toMatchObject({ imported: false, file })
    await app.ask('DELETE', `/v3/files/public/${file.id}`, { key })
    const back = await send(fields, car)
    expect(back.body).toMatchObject({ imported: true, file: { created_at: then } })
    expect(back.body.file.id).not.toBe(file.id)
    expect((await send(fields, car)).body).toMatchObject({ imported: false, file: { id: back.body.file.id } })
  })

  it('wants no blocks of what the account holds, and all of what only others hold', async () => {
    const { cid, car, head } = await folder('here')
    const fields = { cid, network: 'private', source: 's', created_at: then }
    const missing = await send({ ...fields, source_id: '1' }, head)
    expect(missing).toMatchObject({ status: 400, body: { error: { reason: 'INCOMPLETE_DAG' } } })
    await send({ ...fields, source_id: '1' }, car)
    expect((await send({ ...fields, source_id: '2' }, head)).body.imported).toBe(true)
    const other = await app.makeAccount(key, `other-${database}`)
    expect((await send({ ...fields, source_id: '2' }, head, other)).body.error).toEqual(missing.body.error)
  })

  it('lists what is of kind cid by times of their own', async () => {
    const { cid, car } = await folder('pins')
    const fields = { cid, network: 'public', kind: 'cid', source: 'psa', created_at: then }
    const [one, two] = [await send({ ...fields, source_id: '1' }, car), await send({ ...fields, source_id: '2' }, car)]
    expect(one.body.file.created_at).toBe(then)
    expect(two.body.file.created_at).toBe('2021-05-06T07:08:09.124Z')
    const counted = await app.services.db.read
      .selectFrom('pin_counts')
      .select(['pin_status', 'pins'])
      .where('account_id', '=', key.accountId)
      .where('level', '=', 0)
      .execute()
    expect(counted).toEqual([{ pin_status: 2, pins: 2 }])
    expect((await send({ ...fields, source_id: '3', network: 'private' }, car)).status).toBe(400)
  })

  it('takes pins as odd as their API allows, and files only as uploads are', async () => {
    const { cid, car } = await folder('odd')
    const keyvalues = JSON.stringify(
      Object.fromEntries(Array.from({ length: 101 }, (_, i) => [i === 0 ? '' : `k${i}`, 'v'])),
    )
    const name = 'line\nbreak'
    const pin = await send({ cid, network: 'public', kind: 'cid', name, keyvalues }, car)
    expect([pin.status, pin.body.file?.name, Object.keys(pin.body.file?.keyvalues ?? {}).length]).toEqual([
      200,
      name,
      101,
    ])
    expect((await send({ cid, network: 'public', name }, car)).body.error.message).toMatch(/^name: /)
    expect((await send({ cid, network: 'public', keyvalues }, car)).body.error.message).toMatch(/^keyvalues/)
  })

  it('is listed with all that an import elsewhere needs, oldest first', async () => {
    const { cid, car } = await folder('listed')
    const fields = { network: 'public', source: 's', keyvalues: '{"list":"yes","n":5,"yes":true}' }
    await send({ ...fields, cid, name: 'late', kind: 'cid', source_id: 'l2', created_at: '2021-01-02' }, car)
    await send(
      { ...fields, cid: cid.toUpperCase(), source_id: 'l1', created_at: '2021-01-01', expires_at: '2999-01-01' },
      car,
    )
    const query = 'keyvalues[list]=yes&limit=1'
    const first = (await app.ask('GET', `/pinyon/v1/manifest/public?${query}`, { key })).body
    const second = (
      await app.ask('GET', `/pinyon/v1/manifest/public?${query}&pageToken=${first.next_page_token}`, { key })
    ).body
    const keyvalues = { list: 'yes', n: 5, yes: true }
    expect([...first.files, ...second.files]).toMatchObject([
      { cid: cid.toUpperCase(), name: null, kind: 'upload', keyvalues, expires_at: '2999-01-01T00:00:00.000Z' },
      { cid, name: 'late', kind: 'cid', keyvalues, created_at: '2021-01-02T00:00:00.000Z', expires_at: null },
    ])
    expect(second.next_page_token).toBe(null)
    expect((await app.ask('GET', '/pinyon/v1/manifest/both', { key })).status).toBe(404)
  })

  it('refuses what cannot be', async () => {
    const { cid, car } = await folder('refused')
    const other = (await folder('other root')).cid
    const fields = { cid, network: 'public' }
    const rows = await remains(app, key.accountId)
    const refused: [Record<string, string>, RegExp][] = [
      [{ ...fields, created_at: '2999-01-01', source_id: 'x' }, /created_at: must not be in the future/],
      [{ ...fields, created_at: then }, /created_at and source_id/],
      [{ ...fields, expires_at: then }, /expires_at: must be in the future/],
      [{ ...fields, cid: 'Qm' }, /Not a CID/],
      [{ ...fields, cid: other }, /The root of the CAR is/],
      [{ ...fields, network: 'both' }, /network/],
      [{ network: 'public' }, /cid/],
      [{ ...fields, keyvalues: '{"k":{}}' }, /keyvalues/],
    ]
    for (const [wish, words] of refused) {
      const { status, body } = await send(wish, car)
      expect([status, body.error?.message], JSON.stringify(wish)).toEqual([400, expect.stringMatching(words)])
    }
    const late = await sendForm(app, '/pinyon/v1/imports', key, [
      ['cid', cid],
      ['network', 'public'],
      ['file', car, 'x.car'],
      ['name', 'late'],
    ])
    expect([late.status, late.body.error.message]).toEqual([400, expect.stringContaining('send fields first')])
    const twice = await sendForm(app, '/pinyon/v1/imports', key, [
      ['cid', cid],
      ['network', 'public'],
      ['file', car, 'x.car'],
      ['file', car, 'y.car'],
    ])
    expect(twice.status).toBe(400)
    expect((await sendForm(app, '/pinyon/v1/imports', key, [['cid', cid]])).status).toBe(400)
    expect(await remains(app, key.accountId)).toEqual(rows)
  })

  it('wants its own scope, room, and an account that may be public', async () => {
    const { cid, car } = await folder('scopes')
    const fields = { cid, network: 'public' }
    expect((await send(fields, car, '')).status).toBe(401)
    const writer = await app.makeKey(key, { resources: ['org:files:write'] })
    expect((await send(fields, car, writer)).body.error.message).toContain('files.import')
    const importer = await app.makeKey(key, { endpoints: { files: { import: true } } })
    expect((await send(fields, car, importer)).body.imported).toBe(true)
    const small = await app.makeAccount(key, `small-${database}`, { quotaBytes: 3 })
    expect((await send({ ...fields, network: 'private' }, car, small)).body.error.reason).toBe('QUOTA_REACHED')
    const closed = await app.makeAccount(key, `closed-${database}`, { publicContent: 'refused' })
    expect((await send(fields, car, closed)).body.error.reason).toBe('PUBLIC_CONTENT_REFUSED')
  })
})
