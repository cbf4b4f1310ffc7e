import { readdir, readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './support/server.ts'

describe('a new server', { timeout: 60_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.close())

  it('is asked for a key before there is one, and says how to get it', async () => {
    const { code, stderr } = await server.run(['status'])
    expect(code).toBe(2)
    expect(stderr).toContain('./pinyon setup')
  })

  it('refuses a short password and stays as it was', async () => {
    const { code, stderr } = await server.run(['setup', '--email', 'a@example.test', '--password-stdin'], {
      stdin: 'short',
    })
    expect(code).toBe(1)
    expect(stderr).toContain('at least 10 characters')
  })

  it('is set up once: key, secret and JWT are shown, and kept in a profile that only its owner reads', async () => {
    const { code, stdout } = await server.setUp()
    expect(code).toBe(0)
    expect(stdout).toMatch(/Pinata API Key +pnk_\w+\n/)
    expect(stdout).toMatch(/Pinata API Secret +pns_\w+\n/)
    const [, jwt = ''] = /JWT +(eyJ[\w-]+\.[\w-]+\.[\w-]+)\n/.exec(stdout) ?? []
    const file = join(server.workDir, 'config/profiles.json')
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ default: { api: server.apiUrl, jwt } })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(join(server.workDir, 'config'))).mode & 0o777).toBe(0o700)
    expect(await readdir(join(server.workDir, 'config'))).toEqual(['profiles.json'])
    expect((await server.run(['status'])).stdout).not.toContain(jwt)

    const again = await server.setUp()
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('run ./pinyon login')
    const withToken = await server.run(['setup', '--token', 'x', '--email', 'a@example.test', '--password-stdin'], {
      stdin: 'correct horse battery',
    })
    expect(withToken.code).toBe(8)
  })

  it('says with status whose key it is, what it may do and what is stored', async () => {
    const { code, stdout } = await server.run(['status'])
    expect(code).toBe(0)
    expect(stdout).toContain(`Server     ${server.apiUrl} (Pinyon `)
    expect(stdout).toMatch(/^May +Admin, Operator$/m)
    expect(stdout).toMatch(/^Uses left +no limit$/m)
    expect(stdout).toMatch(/^Stored +0 B in 0 files$/m)
    expect(await server.json(['status'])).toMatchObject({ key: { name: 'Set-up key' }, quota: { usedBytes: 0 } })
  })

  it('keeps another key with login under another profile, after trying it', async () => {
    const { JWT } = await server.json(['keys', 'create', 'laptop', '--preset', 'read-only'])
    const { code, stdout } = await server.run(['login', '--profile', 'reader', '--jwt-stdin'], { stdin: `${JWT}\n` })
    expect(code).toBe(0)
    expect(stdout).toContain('Key "laptop"')
    expect((await server.run(['status', '--profile', 'reader'])).stdout).toMatch(/^May +Read only$/m)
    expect((await server.run(['status'])).stdout).toMatch(/^May +Admin, Operator$/m)

    const wrong = await server.run(['login', '--profile', 'wrong', '--key', `${JWT.slice(0, -4)}AAAA`])
    expect(wrong.code).toBe(4)
    const noJwt = await server.run(['login', '--jwt-stdin'], { stdin: 'pnk_something' })
    expect(noJwt.code).toBe(2)
    expect(noJwt.stderr).toContain('This is not a JWT')
    expect(Object.keys(JSON.parse(await readFile(join(server.workDir, 'config/profiles.json'), 'utf8')))).toEqual([
      'default',
      'reader',
    ])
  })

  it('shows the key of a profile to no other server', async () => {
    const { code, stderr } = await server.run(['status', '--api', 'http://127.0.0.1:9'])
    expect(code).toBe(2)
    expect(stderr).toContain(`is for ${server.apiUrl}, not for http://127.0.0.1:9`)
  })

  it('sets up the server that is named, and writes over no key of another', async () => {
    const other = await startServer()
    const config = { PINYON_CONFIG_DIR: join(server.workDir, 'config') }
    const args = ['setup', '--email', 'b@example.test', '--password-stdin']
    const stdin = 'correct horse battery'
    try {
      const refused = await other.run(args, { stdin, env: config })
      expect(refused.code).toBe(2)
      expect(refused.stderr).toContain(`holds a key for ${server.apiUrl}`)
      expect((await server.run(['status'])).code).toBe(0)
      // A profile names a server that is set up already: without --api it is not asked.
      const elsewhere = await other.run(args, { stdin, env: { ...config, PINYON_API: '' } })
      expect(elsewhere.stderr).toContain('for http://127.0.0.1:8400 under another name')
      expect((await other.run([...args, '--profile', 'other'], { stdin, env: config })).code).toBe(0)
      expect((await other.run(['status', '--profile', 'other'], { env: config })).code).toBe(0)
    } finally {
      await other.close()
    }
  })

  it('takes settings that are empty for settings that are not there', async () => {
    const env = { PINYON_CONFIG_DIR: '', XDG_CONFIG_HOME: '', PINYON_JWT: '', PINYON_KEY: '', PINYON_PROFILE: '' }
    const nobody = await server.run(['ls'], { env })
    expect(nobody.stderr).toContain('No key. Run ./pinyon setup')
    const jwt = JSON.parse(await readFile(join(server.workDir, 'config/profiles.json'), 'utf8')).default.jwt as string
    const kept = await server.run(['login', '--key', jwt], { env })
    expect(kept.stdout).toContain(`in ${join(server.workDir, '.config/pinyon/profiles.json')}.`)
  })

  it('tells a server that is not there from an address that is none', async () => {
    const { url, close } = await closedPort()
    close()
    const nobody = await server.run(['status', '--api', url, '--key', 'a.b.c'])
    expect(nobody.code).toBe(3)
    expect(nobody.stderr).toContain('npm start')
    for (const api of ['127.0.0.1:8400', 'ftp://example.test', 'http://a:b@example.test', 'http://example.test/path']) {
      expect((await server.run(['status', '--api', api, '--key', 'a.b.c'])).code, api).toBe(2)
    }
  })

  it('answers --json with JSON also when the command line is wrong', async () => {
    for (const args of [
      ['frobnicate'],
      ['upload'],
      ['keys', 'list', '--state', 'x'],
      ['ls', '--limit', '0'],
      ['admin', 'quota'],
    ]) {
      const { code, stdout, stderr } = await server.run([...args, '--json'])
      expect(code, args.join(' ')).toBe(2)
      expect(JSON.parse(stdout), args.join(' ')).toMatchObject({ error: { reason: 'USAGE' } })
      expect(stderr, args.join(' ')).toBe('')
    }
  })

  it('prints help without asking any server', async () => {
    const { code, stdout } = await server.run(['upload', '--help'], { env: { PINYON_API: 'nonsense' } })
    expect(code).toBe(0)
    expect(stdout).toContain('private unless --public')
  })
})

async function closedPort(): Promise<{ url: string; close: () => void }> {
  const listener = createServer()
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, close: () => listener.close() }
}
