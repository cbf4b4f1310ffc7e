import { presets } from '@pinyon/contract/permissions.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './support/server.ts'

describe('keys', { timeout: 60_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    await server.setUp()
  })
  afterAll(() => server.close())
  const create = async (...args: string[]) => (await server.json(['keys', 'create', ...args])) as { JWT: string }
  const state = async (name: string) =>
    (await server.json(['keys', 'list'])).find((key: { name: string }) => key.name === name)

  it('are shown once when they are made, with the scopes of a preset or those that were named', async () => {
    for (const [preset, { title }] of Object.entries(presets)) {
      const { code, stdout } = await server.run(['keys', 'create', `my ${preset}`, '--preset', preset])
      expect(code).toBe(0)
      expect(stdout).toMatch(/^Shown only now.*\n\nPinata API Key +pnk_\w+\nPinata API Secret +pns_\w+\nJWT +eyJ/)
      expect((await server.run(['keys', 'list', '--name', preset])).stdout).toMatch(
        new RegExp(`my ${preset} +pnk_\\w+ +${title} `),
      )
    }
    await create(
      'site',
      '--scope',
      'files.upload',
      '--scope',
      'org:groups:read',
      '--max-uses',
      '5',
      '--expires-in',
      '30d',
    )
    const site = await state('site')
    expect(site).toMatchObject({ maxUses: 5, uses: 0, state: 'active' })
    expect(site.permissions).toMatchObject({ resources: ['org:groups:read'], endpoints: { files: { upload: true } } })
    const days = (Date.parse(site.expiresAt) - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(29.9)
    expect(days).toBeLessThan(30.1)
  })

  it('are not made without saying what they may do, or with scopes that there are not', async () => {
    const nothing = await server.run(['keys', 'create', 'x'])
    expect(nothing.code).toBe(2)
    expect(nothing.stderr).toContain('files.upload')
    for (const args of [
      ['--preset', 'all'],
      ['--scope', 'files.fly'],
      ['--admin', '--max-uses', '0'],
      ['--admin', '--expires-in', '1 day'],
    ]) {
      expect((await server.run(['keys', 'create', 'x', ...args])).code, args.join(' ')).toBe(2)
    }
  })

  it('that are revoked are refused from the next request on, with words and an exit code', async () => {
    const { JWT } = await create('old', '--admin')
    expect((await server.run(['ls', '--key', JWT])).code).toBe(0)
    expect((await server.run(['keys', 'revoke', 'old'])).stdout).toMatch(/^Revoked "old" \(pnk_\w+\)\.\n$/)
    const refused = await server.run(['ls', '--key', JWT])
    expect(refused.code).toBe(4)
    expect(refused.stderr).toMatch(/revoked on .*\n.*\.\/pinyon login/s)
    expect(await state('old')).toMatchObject({ state: 'revoked' })
  })

  it('that are regenerated have new secrets; the old JWT stops at once, or after the overlap', async () => {
    const { JWT } = await create('turn', '--preset', 'read-only')
    const kept = (await server.json(['keys', 'regenerate', 'turn', '--overlap', '15m'])) as { JWT: string }
    expect((await server.run(['ls', '--key', JWT])).code).toBe(0)
    const last = (await server.json(['keys', 'regenerate', 'turn'])) as { JWT: string }
    for (const [jwt, code] of [
      [JWT, 4],
      [kept.JWT, 4],
      [last.JWT, 0],
    ] as const) {
      expect((await server.run(['ls', '--key', jwt])).code).toBe(code)
    }
  })

  it('of the profile that is used can be regenerated without being locked out', async () => {
    const { code, stderr } = await server.run(['keys', 'regenerate', 'Set-up key'])
    expect(code).toBe(0)
    expect(stderr).toContain('the new JWT is saved')
    expect((await server.run(['status'])).code).toBe(0)
  })

  it('that have no uses left, or lack a scope, say so', async () => {
    const { JWT } = await create('once', '--preset', 'read-only', '--max-uses', '1')
    expect((await server.run(['ls', '--public', '--key', JWT])).code).toBe(0)
    const spent = await server.run(['ls', '--public', '--key', JWT])
    expect(spent.code).toBe(5)
    expect(spent.stderr).toContain('no uses left')
    const { JWT: uploader } = await create('up', '--preset', 'upload-only')
    const refused = await server.run(['keys', 'list', '--key', uploader])
    expect(refused.code).toBe(5)
    expect(refused.stderr).toContain('./pinyon status')
  })

  it('that share a name, or are not there, are not guessed at', async () => {
    await create('twin', '--preset', 'read-only')
    await create('twin', '--preset', 'read-only')
    expect((await server.run(['keys', 'revoke', 'twin'])).code).toBe(2)
    expect((await server.run(['keys', 'revoke', 'nobody'])).code).toBe(6)
  })

  it('have children, bound and shown below them, that end with them', async () => {
    await create('app', '--scope', 'files.upload', '--scope', 'files.list', '--scope', 'keys.createChild')
    const bounds = [
      '--own',
      '--type',
      'image/*',
      '--type',
      'text/plain',
      '--max-bytes',
      '1MB',
      '--address',
      '127.0.0.0/8',
    ]
    const user = await create(
      'user 1',
      '--parent',
      'app',
      '--scope',
      'files.upload',
      '--scope',
      'files.list',
      ...bounds,
    )
    expect(await state('user 1')).toMatchObject({
      depth: 1,
      bounds: { own: true, types: ['image/*', 'text/plain'], maxBytes: 1_000_000, addresses: ['127.0.0.0/8'] },
    })
    const tree = (await server.run(['keys', 'tree', 'app'])).stdout
    expect(tree).toMatch(/^NAME .*\napp +pnk_\w+ .*\n {2}user 1 +pnk_\w+ .*addresses, maxBytes, types, own/s)
    expect((await server.run(['keys', 'tree'])).stdout).toContain('  user 1')
    const wider = await server.run(['keys', 'create', 'wider', '--parent', 'app', '--admin'])
    expect([wider.code, wider.stderr.includes('A child is at most what its parent is.')]).toEqual([5, true])
    expect((await server.run(['ls', '--key', user.JWT])).code).toBe(0)
    expect((await server.run(['keys', 'revoke', 'app'])).code).toBe(0)
    expect((await server.run(['ls', '--key', user.JWT])).code).toBe(4)
  })

  it('tell what they were refused, were used for, and could do without', async () => {
    const { JWT } = await create('told', '--scope', 'files.list', '--scope', 'files.get')
    expect((await server.run(['ls', '--key', JWT])).code).toBe(0)
    expect((await server.run(['keys', 'list', '--key', JWT])).code).toBe(5)
    expect((await server.run(['keys', 'refusals', 'told'])).stdout).toMatch(
      / 1 +GET \/pinyon\/v1\/keys +NO_SCOPES_FOUND +keys\.list/,
    )
    expect((await server.run(['keys', 'uses', 'told'])).stdout).toMatch(/filesList +[1-9]/)
    const { stdout } = await server.run(['keys', 'advice', 'told'])
    expect(stdout).toMatch(
      /known of 1 of these days.*used:\n {2}files\.list\n.*\n {2}files\.get\n.*--scope files\.list\n$/s,
    )
    expect((await server.run(['keys', 'uses', 'told', '--days', 'x'])).code).toBe(2)
    expect((await server.run(['keys', 'refusals', 'nobody'])).code).toBe(6)
  })
})
