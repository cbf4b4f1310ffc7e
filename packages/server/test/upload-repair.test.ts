import { randomBytes } from 'node:crypto'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { databases, startTestApp } from './support/app.ts'

it.each(databases)('makes damaged content whole that its owner uploads again (%s)', async (database) => {
  const app = await startTestApp({ database })
  onTestFinished(() => app.close())
  const key = await app.setUp()
  const bytes = randomBytes(600_000)
  const upload = () => {
    const form = new FormData()
    form.append('file', new Blob([bytes]), 'photo.bin')
    return app.ask('POST', '/v3/files', { key, form })
  }
  const { id } = (await upload()).body.data
  const read = async () => {
    const answer = await fetch(`${app.apiUrl}/pinyon/v1/files/${id}/content`, {
      headers: { authorization: `Bearer ${key.JWT}` },
    })
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) }
  }
  await damage(join(app.dataDir, 'packs'))
  const damaged = await read().catch(() => undefined) // cut off where the damage is, if not refused
  expect(damaged?.bytes.equals(bytes) ?? false).toBe(false)

  const again = await upload()
  expect(again.body.data).toMatchObject({ id, is_duplicate: true })
  const mended = await read()
  expect(mended.status).toBe(200)
  expect(mended.bytes.equals(bytes)).toBe(true)
})

/** Changes a byte in the middle of the largest pack. */
async function damage(dir: string): Promise<void> {
  for (const name of (await readdir(dir)).filter((each) => each.endsWith('.car'))) {
    const file = await open(join(dir, name), 'r+')
    const { size } = await file.stat()
    const byte = Buffer.alloc(1)
    await file.read(byte, 0, 1, 400_000)
    if (size > 400_000) await file.write(Buffer.from([byte.readUInt8() ^ 0xff]), 0, 1, 400_000)
    await file.close()
  }
}
