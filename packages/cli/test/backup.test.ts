import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
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
  if (existsSync('/proc/self')) {
    const nowhere = await server.run(['admin', 'backup', '/proc/pinyon'])
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringMatching(/^\/proc\/pinyon.*: no such file/)])
  }
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

it('mends private content from a backup: zeroed, cut off and missing', { timeout: 300_000 }, async () => {
  const at = (name: string) => join(server.workDir, name)
  const bytes = randomBytes(3_000_000)
  await writeFile(at('kept.bin'), bytes)
  const { id } = await server.json(['upload', at('kept.bin')])
  await server.json(['admin', 'backup', at('backup')])
  await writeFile(at('later.bin'), randomBytes(300_000))
  const later = await server.json(['upload', at('later.bin')])
  const packsDir = join(server.dataDir, 'packs')
  const [name = ''] = (await readdir(packsDir)).filter((each) => each.endsWith('.car'))
  const path = join(packsDir, name)
  const whole = await readFile(path)
  const repair = ['admin', 'repair', '--from', at('backup')]
  expect((await server.run(repair)).code).toBe(8)
  await server.stop()
  const verified = () => server.run(['admin', 'verify', '--all'])
  const place = whole.indexOf(bytes.subarray(1_000_000, 1_000_100))
  const damages: readonly [string, () => Promise<void>, number][] = [
    [
      'zeroed, with what stands before the bytes',
      () => writeFile(path, zeroed(whole, place - 200_000, place + 200_000)),
      2,
    ],
    ['cut off', () => writeFile(path, whole.subarray(0, place)), 0],
    ['missing', () => rm(path), 0],
  ]
  for (const [kind, damage, fewest] of damages) {
    await damage()
    const report = JSON.parse((await server.run([...repair, '--json'])).stdout)
    const { damaged, repaired } = report.error?.report ?? report
    // What came after the backup is in no copy: where the pack was cut off, it stays lost.
    const isLost = kind === 'cut off' || kind === 'missing'
    expect([kind, repaired >= fewest, damaged - repaired > 0]).toEqual([kind, true, isLost])
    if (isLost) expect(JSON.stringify(report)).toContain(later.id)
    else expect([kind, (await readFile(path)).equals(whole)]).toEqual([kind, true])
    expect([kind, (await readFile(path)).indexOf(bytes.subarray(2_000_000, 2_000_100)) > 0]).toEqual([kind, true])
    expect([kind, (await verified()).stdout.includes(id)]).toEqual([kind, false])
  }
  const wrong = await server.run(['admin', 'repair', '--from', at('copy')])
  expect([wrong.code === 0, wrong.stderr]).toEqual([false, expect.stringContaining('no finished backup')])
})

function zeroed(bytes: Buffer, from: number, to: number): Buffer {
  return Buffer.from(bytes).fill(0, from, to)
}
