import { gzipSync, brotliCompressSync } from 'node:zlib'
import { routeList } from '@pinyon/contract/routes.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { sampleBody } from './support/fill-route.ts'
import { rawAsk } from './support/raw-http.ts'
import { signInAs } from './support/sign-in.ts'
import { begun, offsetOf } from './support/tus.ts'
import { formBytes, formType, remains } from './support/upload.ts'

/** 64 MiB of zeros, in 64 KiB: what would come of them must never be. */
const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
const rows = routeList.filter(({ bodyKind }) => bodyKind !== 'none')

describe.each(databases)('compressed bodies on %s', (database) => {
  let app: TestApp
  let key: KeyValues & { accountId: string }
  let upload: { path: string; id: string }
  let browser: Record<string, string>

  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off' } })
    key = await app.setUp()
    upload = await begun(app, key, bomb.length)
    browser = (await signInAs(app, 'owner@example.test', 'correct horse battery')).headers
  })
  afterAll(() => app.close())

  const send = (row: (typeof rows)[number], encoding: string, body: Uint8Array) =>
    rawAsk(
      app.apiUrl,
      row.method,
      row.path.replace(':network', 'private').replaceAll(/:\w+/g, upload.id),
      {
        ...(row.credentials.includes('key') ? { authorization: `Bearer ${key.JWT}` } : browser),
        'content-encoding': encoding,
        'content-type': { json: 'application/json', multipart: formType, bytes: 'application/offset+octet-stream', none: '' }[row.bodyKind], // prettier-ignore
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
      },
      body,
    )

  it.each(rows.map((row) => [row.id, row] as const))('are refused by %s, and unfold nowhere', async (_, row) => {
    const before = await remains(app, key.accountId)
    const peak = process.memoryUsage().rss
    const good = row.bodyKind === 'multipart' ? formBytes([['file', 'x', 'a']]) : JSON.stringify(sampleBody(row) ?? {})
    for (const [encoding, body] of [
      ['gzip', bomb],
      ['x-gzip', gzipSync(good)],
      ['br', brotliCompressSync(good)],
      ['gzip, gzip', bomb],
      ['identity, gzip', gzipSync(good)],
    ] as const) {
      const { status, text } = await send(row, encoding, body)
      // Whether there is what they name, or may be asked by a link, is looked at before what they bring.
      const isLookedUp = row.credentials.length === 0 || row.id === 'folderUploadsFiles'
      const expected = isLookedUp ? [415, 400, 401, 403, 404, 409, 410] : [415]
      expect(expected, `${row.id} ${encoding} ${text}`).toContain(status)
    }
    expect(process.memoryUsage().rss - peak).toBeLessThan(64 * 1024 * 1024)
    expect(await remains(app, key.accountId)).toEqual(before)
    expect(await offsetOf(app, key, upload.path)).toBe(0)
  })
})
