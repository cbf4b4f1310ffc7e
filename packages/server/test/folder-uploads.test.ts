import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { begin, freshBytes, patch } from './support/tus.ts'

describe.each(databases)('the upload of a folder on %s', { timeout: 60_000 }, (database) => {
  let app: TestApp
  let key: KeyValues & { accountId: string }

  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.makeAccount(await app.setUp(), 'folders', { quotaBytes: 50_000_000 })
  })
  afterAll(() => app.close())

  const base = '/pinyon/v1/folder-uploads'
  const create = (files: readonly (readonly [string, Uint8Array | string])[], more: object = {}, asker = key) =>
    app.ask('POST', base, {
      key: asker,
      json: {
        name: 'drop',
        files: files.map(([path, content]) => ({ path, size: Buffer.from(content).length })),
        ...more,
      },
    })
  const send = (id: string, files: readonly (readonly [string, Uint8Array | string])[]) => {
    const form = new FormData()
    for (const [path, content] of files) form.append('file', new Blob([new Uint8Array(Buffer.from(content))]), path)
    return app.ask('POST', `${base}/${id}/files`, { key, form })
  }
  const finish = (id: string) => app.ask('POST', `${base}/${id}/finish`, { key })

  it('sends only what is missing, from wherever, and makes the folder that a form would have made', async () => {
    const large = freshBytes(3_000_000)
    const files = [
      ['a.txt', 'first'],
      ['sub/b.txt', 'second'],
      ['sub/deep/c.bin', freshBytes(300_000)],
      ['large.bin', large],
      ['empty', ''],
    ] as const
    const made = await create(files)
    expect([made.status, made.body.received_files, made.body.missing.length]).toEqual([200, 0, 5])
    const { id } = made.body
    expect((await send(id, files.slice(0, 2))).body).toEqual({ received: 2 })
    expect((await finish(id)).status).toBe(409)
    await app.reopen()
    const again = await create(files)
    expect(again.body.id).toBe(id)
    expect((await create(files.toReversed())).body.id).toBe(id)
    expect(again.body.missing.map(({ path }: { path: string }) => path)).toEqual([
      'sub/deep/c.bin',
      'large.bin',
      'empty',
    ])
    expect((await send(id, [files[0], files[2], files[4]])).body).toEqual({ received: 3 })
    const metadata = { folder_upload: id, path: 'large.bin', sha256: 'ab'.repeat(32) }
    expect((await begin(app, key, 5, { metadata })).status).toBe(400)
    const begun = await begin(app, key, large.length, { metadata })
    expect(begun.status).toBe(201)
    const path = new URL(String(begun.headers.get('location'))).pathname
    expect((await patch(app, key, path, 0, large.subarray(0, 1_000_000))).status).toBe(204)
    // Another machine finds what was begun by the folder alone.
    const left = (await app.ask('GET', `${base}/${id}`, { key })).body.missing
    const under = { id: path.split('/').at(-2), offset: 1_000_000, sha256: 'ab'.repeat(32) }
    expect(left).toEqual([{ path: 'large.bin', size: large.length, upload: under }])
    await app.reopen()
    expect((await patch(app, key, path, 1_000_000, large.subarray(1_000_000))).status).toBe(204)
    const { status, body } = await finish(id)
    expect(status).toBe(200)
    expect(body).toMatchObject({ id, name: 'drop', mime_type: 'directory', number_of_files: 5, network: 'private' })
    const direct = await upload(
      app,
      key,
      files.map(([name, content]) => [`drop/${name}`, content] as const),
      {
        network: 'private',
      },
    )
    expect(direct).toMatchObject({ cid: body.cid, size: body.size })
    expect((await finish(id)).body).toMatchObject({ id, cid: body.cid })
    const content = await app.ask('GET', `/pinyon/v1/files/${id}/content?path=sub/b.txt`, { key })
    expect(content.body).toBe('second')
    const pin = await app.services.db.read
      .selectFrom('pins')
      .innerJoin('files', 'files.pin_id', 'pins.id')
      .select(['pins.number_of_blocks', 'pins.id'])
      .where('files.id', '=', id)
      .executeTakeFirstOrThrow()
    const named = await app.services.db.read
      .selectFrom('pin_blocks')
      .select('block_id')
      .where('pin_id', '=', pin.id)
      .execute()
    expect(named).toHaveLength(pin.number_of_blocks)
  })

  it('refuses what is not in its manifest, and keeps nothing of that request', async () => {
    const { body } = await create([['a.txt', 'first'], ['b.txt', 'other']]) // prettier-ignore
    expect((await send(body.id, [['a.txt', 'first'], ['c.txt', 'x']])).status).toBe(400) // prettier-ignore
    expect((await send(body.id, [['a.txt', 'longer than said']])).status).toBe(400)
    expect((await send(body.id, [['a.txt', 'shor']])).status).toBe(400)
    expect((await app.ask('GET', `${base}/${body.id}`, { key })).body.received_files).toBe(0)
    for (const [files, status] of [
      [[['../a', 'x']], 400],
      [
        [
          ['a', 'x'],
          ['a', 'y'],
        ],
        400,
      ],
      [
        [
          ['a', 'x'],
          ['a/b', 'y'],
        ],
        400,
      ],
    ] as const)
      // prettier-ignore
      expect((await create(files)).status).toBe(status)
    expect((await app.ask('POST', base, { key, json: { name: 'n', files: [{ path: 'a', size: 60_000_000 }] } })).status).toBe(403) // prettier-ignore
  })

  it('is its account’s alone, and leaves nothing when it is given up', async () => {
    const other = await app.makeKey(key, { resources: ['org:files:read'] })
    const { body } = await create([['a.txt', 'first']])
    await send(body.id, [['a.txt', 'first']])
    expect((await create([['a.txt', 'first']], {}, { ...key, ...other })).status).toBe(403)
    expect((await app.ask('HEAD', `/v3/files/${body.id}/upload`, { key })).status).toBe(404)
    expect((await app.ask('DELETE', `${base}/${body.id}`, { key })).status).toBe(200)
    expect((await app.ask('GET', `${base}/${body.id}`, { key })).status).toBe(404)
    expect((await finish(body.id)).status).toBe(404)
    const { read } = app.services.db
    expect(await read.selectFrom('upload_files').select('path').where('upload_id', '=', body.id).execute()).toEqual([])
  })
})
