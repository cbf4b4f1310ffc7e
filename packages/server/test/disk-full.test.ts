import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startTestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { fullDisks } from './support/full-disk.ts'

describe.each(fullDisks())('on a full disk (%s)', (_name, openDisk) => {
  async function startOnDisk() {
    const disk = openDisk()
    onTestFinished(() => disk.close())
    const app = await startTestApp({ dataDir: disk.dataDir })
    onTestFinished(() => app.app.close())
    const key = await app.setUp()
    const reserve = () => existsSync(join(app.dataDir, 'reserve'))
    await expect.poll(reserve, { timeout: 60_000 }).toBe(true)
    const files = []
    for (let i = 0; i < 5; i++)
      files.push(await upload(app, key, [[`${i}.bin`, randomBytes(300_000)]], { network: 'public' }))
    return { disk, app, key, files, reserve }
  }

  it(
    'deleting, unpinning and revoking work, uploads are refused, and all goes on when there is room',
    { timeout: 180_000 },
    async () => {
      const { disk, app, key, files, reserve } = await startOnDisk()
      const other = await app.makeKey(key, { admin: true })
      const ready = async () => {
        const { status, body } = await app.ask('GET', '/health/ready')
        return [status, body]
      }
      disk.fill()
      const [first, second, third] = files
      expect((await app.ask('DELETE', `/v3/files/public/${first?.id}`, { key })).status).toBe(200)
      expect((await app.ask('DELETE', `/pinning/unpin/${second?.cid}`, { key })).status).toBe(200)
      expect((await app.ask('PUT', `/v3/pinata/keys/${other.pinata_api_key}`, { key })).status).toBe(200)
      expect((await app.ask('GET', '/v3/files/public', { key: other })).status).toBe(401)
      // Whatever still fits beside the log; then the reserve is what makes it possible.
      for (let i = 0; i < 300 && reserve(); i++) {
        disk.fill()
        const renamed = await app.ask('PUT', `/v3/files/public/${third?.id}`, { key, json: { name: `name ${i}` } })
        expect(renamed.status).toBe(200)
      }
      expect(reserve()).toBe(false)
      if (disk.dataDir !== undefined) {
        // How much room there is, uploads ask once a second.
        const refused = async () => {
          const form = new FormData()
          form.set('file', new Blob([randomBytes(1_000)]), 'more.bin')
          const { status, body } = await app.ask('POST', '/v3/files', { key, form })
          return [status, body.error?.reason]
        }
        await expect.poll(refused).toEqual([507, 'STORAGE_FULL'])
        expect(await ready()).toEqual([200, { status: 'ready', storage: 'full' }])
        const { body } = await app.ask('GET', '/pinyon/v1/operator/storage', { key })
        expect(body.notWritable).toMatchObject([{ part: 'blocks', reason: 'full' }])
        expect((await app.ask('GET', '/metrics', { key })).body).toContain(
          'pinyon_write_fault{part="blocks",reason="full"} 1',
        )
      }
      expect((await app.ask('DELETE', `/v3/files/public/${third?.id}`, { key })).status).toBe(200)
      const listed = await app.ask('GET', '/v3/files/public', { key })
      expect(listed.body.data.files.map(({ id }: { id: string }) => id)).toEqual([files[4]?.id, files[3]?.id])
      disk.free()
      // Also when nobody uploads.
      await expect.poll(ready, { timeout: 60_000 }).toEqual([200, { status: 'ready' }])
      await expect.poll(reserve, { timeout: 60_000 }).toBe(true)
      await upload(app, key, [['more.bin', randomBytes(500_000)]])
    },
  )

  it('the program starts, and deletes', { timeout: 180_000 }, async () => {
    const { disk, app, key, files } = await startOnDisk()
    disk.fill()
    await app.reopen()
    for (const { id } of files) expect((await app.ask('DELETE', `/v3/files/public/${id}`, { key })).status).toBe(200)
    await app.reopen()
    const listed = await app.ask('GET', '/v3/files/public', { key })
    expect(listed.body.data.files).toEqual([])
  })
})
