import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from './support/cli.ts'
import { startServer, type TestServer } from './support/server.ts'

const mib = 1024 * 1024

/** A way to the server that counts what goes up, and says when so much has passed. */
async function startWay(to: string) {
  const { port } = new URL(to)
  const way = { bytes: 0, onBytes: (_bytes: number, _cut: () => void): void => undefined }
  const listener = createServer((client) => {
    const server = connect(Number(port), '127.0.0.1')
    const cut = () => {
      client.destroy()
      server.destroy()
    }
    client.on('error', cut).on('close', cut)
    server.on('error', cut).on('close', cut)
    client.on('data', (piece) => {
      way.bytes += piece.length
      way.onBytes(way.bytes, cut)
    })
    client.pipe(server).pipe(client)
  })
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  // A listener on TCP has such an address.
  const { port: here } = listener.address() as AddressInfo
  return Object.assign(way, { url: `http://127.0.0.1:${here}`, close: () => void listener.close() })
}

describe('a large file', { timeout: 120_000 }, () => {
  let server: TestServer
  let jwt: string
  let way: Awaited<ReturnType<typeof startWay>>
  const bytes = randomBytes(80 * mib + 17)
  let file: string

  beforeAll(async () => {
    server = await startServer()
    await server.setUp()
    jwt = (await server.json(['keys', 'create', 'large', '--scope', 'org:files:write', '--scope', 'org:files:read']))
      .JWT
    way = await startWay(server.apiUrl)
    file = join(server.workDir, 'large.bin')
    await writeFile(file, bytes)
  })
  afterAll(async () => {
    way.close()
    await server.close()
  })

  const upload = (signal?: AbortSignal) =>
    runCli(['--json', 'upload', file], {
      cwd: server.workDir,
      env: { PINYON_CONFIG_DIR: join(server.workDir, 'other'), PINYON_API: way.url, PINYON_JWT: jwt },
      ...(signal === undefined ? {} : { signal }),
    })
  const expectFile = async (stdout: string) => {
    const { id } = JSON.parse(stdout) as { id: string }
    await server.run(['get', id, '-o', join(server.workDir, `${id}.bin`)])
    expect((await readFile(join(server.workDir, `${id}.bin`))).equals(bytes)).toBe(true)
  }

  it('goes on by itself when the connection breaks', async () => {
    way.bytes = 0
    way.onBytes = (count, cut) => {
      if (count < 50 * mib) return
      way.onBytes = () => undefined
      cut()
    }
    const { code, stdout } = await upload()
    expect(code).toBe(0)
    expect(way.bytes).toBeLessThan(bytes.length + 40 * mib)
    await expectFile(stdout)
    expect(await readdir(join(server.workDir, 'other', 'uploads'))).toEqual([])
  })

  it('is gone on with by the same command after Ctrl-C', async () => {
    const stop = new AbortController()
    way.bytes = 0
    way.onBytes = (count) => {
      if (count > 60 * mib) stop.abort()
    }
    const first = await upload(stop.signal)
    expect(first.code).toBe(130)
    way.bytes = 0
    way.onBytes = () => undefined
    const second = await upload()
    expect(second.code).toBe(0)
    expect(way.bytes).toBeLessThan(60 * mib)
    await expectFile(second.stdout)
  })

  it('of a folder and small ones are sent once, with --resume', async () => {
    const dir = join(server.workDir, 'drop')
    await mkdir(join(dir, 'sub'), { recursive: true })
    await writeFile(join(dir, 'large.bin'), bytes)
    for (let i = 0; i < 600; i++) await writeFile(join(dir, 'sub', `${i}.txt`), `number ${i}`)
    const uploadFolder = (signal?: AbortSignal, config = 'other') =>
      runCli(['--json', 'upload', '--resume', dir], {
        cwd: server.workDir,
        env: { PINYON_CONFIG_DIR: join(server.workDir, config), PINYON_API: way.url, PINYON_JWT: jwt },
        ...(signal === undefined ? {} : { signal }),
      })
    const stop = new AbortController()
    way.bytes = 0
    way.onBytes = (count) => {
      if (count > 60 * mib) stop.abort()
    }
    expect((await uploadFolder(stop.signal)).code).toBe(130)
    way.bytes = 0
    way.onBytes = () => undefined
    const second = await uploadFolder()
    expect([second.code, second.stderr]).toEqual([0, ''])
    expect(way.bytes).toBeLessThan(60 * mib)
    const folder = JSON.parse(second.stdout) as { cid: string; size: number; number_of_files: number }
    expect(folder).toMatchObject({ number_of_files: 601, mime_type: 'directory', name: 'drop' })
    const direct = await server.json(['upload', dir])
    expect(direct.cid).toBe(folder.cid)
  })

  it('of a folder is gone on with on another machine in the middle of a file, if the bytes are the same', async () => {
    const machine = async (name: string, content: Buffer) => {
      const dir = join(server.workDir, name, 'set')
      await mkdir(dir, { recursive: true })
      await writeFile(join(dir, 'large.bin'), content)
      const env = { PINYON_CONFIG_DIR: join(server.workDir, name, 'config'), PINYON_API: way.url, PINYON_JWT: jwt }
      return (signal?: AbortSignal) =>
        runCli(['--json', 'upload', '--resume', dir], {
          cwd: join(server.workDir, name),
          env,
          ...(signal === undefined ? {} : { signal }),
        })
    }
    const other = Buffer.from(bytes)
    other[17] = 255 - other[17]!
    const [first, same, another] = [
      await machine('begins', bytes),
      await machine('has-the-same', bytes),
      await machine('has-another', other),
    ]
    const breakOff = async (run: typeof first) => {
      const stop = new AbortController()
      way.bytes = 0
      way.onBytes = (count) => {
        if (count > 60 * mib) stop.abort()
      }
      expect((await run(stop.signal)).code).toBe(130)
      way.bytes = 0
      way.onBytes = () => undefined
    }
    await breakOff(first)
    const gone = await same()
    expect([gone.code, gone.stderr]).toEqual([0, ''])
    expect(way.bytes).toBeLessThan(60 * mib)
    const folder = JSON.parse(gone.stdout) as { cid: string; id: string }
    expect((await server.json(['upload', join(server.workDir, 'begins', 'set')])).cid).toBe(folder.cid)
    await breakOff(first)
    const changed = await another()
    expect([changed.code, changed.stderr]).toEqual([0, ''])
    expect(way.bytes).toBeGreaterThan(bytes.length)
    expect((JSON.parse(changed.stdout) as { cid: string }).cid).toBe(
      (await server.json(['upload', join(server.workDir, 'has-another', 'set')])).cid,
    )
  })

  it('of a folder is gone on with on another machine, which has the same folder and key and nothing else', async () => {
    const contents = Array.from({ length: 40 }, () => randomBytes(mib))
    const machine = async (name: string, order: readonly number[]) => {
      const dir = join(server.workDir, name, 'drop')
      await mkdir(join(dir, 'sub'), { recursive: true })
      for (const i of order) await writeFile(join(dir, i % 2 === 0 ? 'sub' : '.', `${i}.bin`), contents[i] ?? '')
      const env = { PINYON_CONFIG_DIR: join(server.workDir, name, 'config'), PINYON_API: way.url, PINYON_JWT: jwt }
      return (signal?: AbortSignal) =>
        runCli(['--json', 'upload', '--resume', dir], {
          cwd: join(server.workDir, name),
          env,
          ...(signal === undefined ? {} : { signal }),
        })
    }
    const numbers = [...contents.keys()]
    const [first, second] = [await machine('one', numbers), await machine('two', numbers.toReversed())]
    const stop = new AbortController()
    way.bytes = 0
    way.onBytes = (count) => {
      if (count > 20 * mib) stop.abort()
    }
    expect((await first(stop.signal)).code).toBe(130)
    way.bytes = 0
    way.onBytes = () => undefined
    const { code, stdout, stderr } = await second()
    expect([code, stderr]).toEqual([0, ''])
    // One form of sixteen files was whole when the first machine stopped.
    expect(way.bytes).toBeLessThan(25 * mib)
    const folder = JSON.parse(stdout) as { cid: string; number_of_files: number }
    expect(folder.number_of_files).toBe(40)
    expect((await server.json(['upload', join(server.workDir, 'two', 'drop')])).cid).toBe(folder.cid)
  })
})
