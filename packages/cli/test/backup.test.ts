import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type TestServer } from './support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
  await server.setUp()
})
afterAll(() => server.close())

it('copies an installation while it serves, and makes it again elsewhere', { timeout: 120_000 }, async () => {
  const at = (name: string) => join(server.workDir, name)
  await writeFile(at('a.bin'), randomBytes(700_000))
  await writeFile(at('passphrase'), 'correct horse battery staple\n')
  await writeFile(at('short'), 'x\n')
  await server.json(['upload', at('a.bin')])
  const plain = await server.run(['admin', 'backup', at('backup')])
  expect(plain.code).toBe(0)
  expect(plain.stdout).toMatch(/^Keys +left out/m)
  expect((await server.run(['admin', 'backup', at('backup'), '--passphrase-file', at('short')])).code).toBe(2)
  const sealed = await server.json(['admin', 'backup', at('backup'), '--passphrase-file', at('passphrase')])
  expect(sealed).toMatchObject({ keys: 'sealed', copiedBytes: 0, damagedPacks: [] })
  const refused = await server.run(['admin', 'restore', at('backup'), '--data-dir', at('copy')])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('--passphrase-file FILE')
  const restore = ['admin', 'restore', at('backup'), '--data-dir', at('copy'), '--passphrase-file', at('passphrase')]
  const { code, stdout } = await server.run(restore)
  expect(code).toBe(0)
  expect(stdout).toContain('End them again.')
  const whole = await server.json(['admin', 'verify', '--all', '--data-dir', at('copy')])
  expect(whole).toMatchObject({ numberOfDamaged: 0, packs: 1 })
  expect(whole.bytes).toBeGreaterThan(700_000)
  expect((await server.run(restore)).stderr).toContain('holds an installation')
})
