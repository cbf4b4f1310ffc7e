import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { databases, type KeyValues } from './support/app.ts'
import { type Installation, makeInstallation, type Process } from './support/processes.ts'
import { cidOf, metadataOf } from './support/tus.ts'

const allRoles = ['api', 'gateway', 'worker', 'node'] as const
const bytes = randomBytes(1_500_000)
const half = 700_000

let installation: Installation
afterEach(() => installation.close())

describe.each(databases)(
  'a resumable upload between its last byte and its file, on %s',
  { timeout: 120_000 },
  (kind) => {
    const send = (process: Process, key: KeyValues, path: string, from: number) =>
      process.ask('PATCH', path, {
        key,
        body: new Uint8Array(bytes.subarray(from)),
        headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(from) },
      })

    /** Starts a server that breaks there, and sends the first half. */
    async function beginOn(action: 'kill' | 'throw') {
      installation = await makeInstallation(kind)
      const process = await installation.start(allRoles, { PINYON_FAILPOINT: `chunk-finish-next:${action}:1` })
      const key = await installation.setUp(process)
      const made = await process.ask('POST', '/v3/files', {
        key,
        body: new Uint8Array(bytes.subarray(0, half)),
        headers: {
          'content-type': 'application/offset+octet-stream',
          'upload-length': String(bytes.length),
          'upload-metadata': metadataOf({ filename: 'a.bin', network: 'public' }),
        },
      })
      expect([made.status, made.headers.get('upload-offset')]).toEqual([201, String(half)])
      return { process, key, path: new URL(String(made.headers.get('location'))).pathname }
    }

    async function expectWhole(process: Process, key: KeyValues) {
      const cid = await cidOf(bytes)
      const { files } = (await process.ask('GET', '/v3/files/public', { key })).body.data
      expect(files).toMatchObject([{ cid, size: bytes.length }])
      const read = await fetch(`${process.gatewayUrl}/ipfs/${cid}`)
      expect(Buffer.compare(Buffer.from(await read.arrayBuffer()), bytes)).toBe(0)
      expect((await process.ask('GET', '/pinyon/v1/whoami', { key })).body.quota).toMatchObject({ files: 1, usedBytes: bytes.length }) // prettier-ignore
    }

    it('is finished after a kill by what its client sends next, from where HEAD says that it stands', async () => {
      const { process, key, path } = await beginOn('kill')
      const exit = once(process.child, 'exit')
      await expect(send(process, key, path, half)).rejects.toThrow()
      await exit
      const again = await installation.start(allRoles)
      const { status, headers } = await again.ask('HEAD', path, { key })
      const offset = Number(headers.get('upload-offset'))
      expect([status, offset >= half && offset <= bytes.length]).toEqual([200, true])
      // Until it is known that the process before is dead, the upload is its own.
      const finish = async () => {
        const answer = await send(again, key, path, offset)
        return [answer.status, answer.headers.get('upload-cid')]
      }
      await expect.poll(finish, { timeout: 30_000, interval: 200 }).toEqual([204, await cidOf(bytes)])
      await expectWhole(again, key)
    })

    it('goes on at once, without a restart, when its end failed', async () => {
      const { process, key, path } = await beginOn('throw')
      expect((await send(process, key, path, half)).status).toBe(500)
      const offset = Number((await process.ask('HEAD', path, { key })).headers.get('upload-offset'))
      const { status, headers } = await send(process, key, path, offset)
      expect([status, headers.get('upload-cid')]).toEqual([204, await cidOf(bytes)])
      await expectWhole(process, key)
    })
  },
)
