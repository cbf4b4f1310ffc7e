import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './support/server.ts'

describe('receipts', { timeout: 60_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    await server.setUp()
  })
  afterAll(() => server.close())
  const uploaded = async (name: string) => {
    await writeFile(join(server.workDir, name), randomBytes(300_000))
    return server.json(['upload', join(server.workDir, name)])
  }
  const save = async (value: unknown) => {
    const path = join(server.workDir, `${randomBytes(6).toString('hex')}.json`)
    await writeFile(path, JSON.stringify(value))
    return path
  }

  it('are printed, and saved ones are verified', async () => {
    const { id, cid } = await uploaded('a.bin')
    const { code, stdout } = await server.run(['receipt', id])
    expect(code).toBe(0)
    expect(stdout).toContain(cid)
    expect(stdout).toMatch(/^Copies +1 on disk$/m)
    const signed = await server.json(['receipt', cid])
    expect(signed.receipt).toMatchObject({ fileId: id, cid, numberOfBlocks: 3 })
    const path = await save(signed)
    expect((await server.run(['receipt', '--verify', path])).code).toBe(0)
    expect((await server.run(['receipt', id, '--verify', path])).code).toBe(0)
  })

  it('are verified without a server by saved keys', async () => {
    const { id } = await uploaded('alone.bin')
    const signed = await server.json(['receipt', id])
    const keys = await save(await (await fetch(`${server.apiUrl}/.well-known/jwks.json`)).json())
    const nowhere = ['--api', 'http://127.0.0.1:9', 'receipt', '--verify']
    const { code, stdout } = await server.run([...nowhere, await save(signed), '--keys', keys])
    expect([code, stdout]).toEqual([0, expect.stringContaining(`good by the keys of ${keys}`)])
    const receipt = { ...signed.receipt, sizeBytes: 1 }
    expect((await server.run([...nowhere, await save({ ...signed, receipt }), '--keys', keys])).code).toBe(1)
    const others = await save({ keys: [] })
    expect((await server.run([...nowhere, await save(signed), '--keys', others])).code).toBe(1)
    expect((await server.run([...nowhere, await save(signed), '--keys', await save('none')])).code).toBe(2)
    expect((await server.run(['receipt', id, '--keys', keys])).code).toBe(2)
  })

  it('that were changed are refused, and those of other files', async () => {
    const { id } = await uploaded('b.bin')
    const other = await uploaded('c.bin')
    const signed = await server.json(['receipt', id])
    const changed = await save({ ...signed, receipt: { ...signed.receipt, sizeBytes: 1 } })
    expect(await server.run(['receipt', '--verify', changed])).toMatchObject({ code: 1 })
    const [head, , signature] = signed.jws.split('.')
    const claims = { ...signed.receipt, sizeBytes: 1 }
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
    const forged = await server.run([
      'receipt',
      '--verify',
      await save({ receipt: claims, jws: `${head}.${payload}.${signature}` }),
    ])
    expect(forged.code).toBe(1)
    expect(forged.stderr).toContain('The signature of this receipt is wrong')
    const wrong = await server.run(['receipt', other.id, '--verify', await save(signed)])
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toContain('The signature is good, but')
    expect((await server.run(['receipt', '--verify', await save('x')])).code).toBe(2)
    expect((await server.run(['receipt'])).code).toBe(2)
    expect((await server.run(['receipt', 'bafkqaaa'])).code).toBe(6)
  })
})
