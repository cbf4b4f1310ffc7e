import { execFileSync } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from './support/cli.ts'
import { startServer, type TestServer } from './support/server.ts'

describe('the command line', { timeout: 60_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    await server.setUp()
  })
  afterAll(() => server.close())

  it('says its version', async () => {
    const { code, stdout } = await server.run(['--version'])
    expect(code).toBe(0)
    expect(stdout).toBe(`${(await server.json(['status'])).version}\n`)
  })

  it('says in JSON that a command is missing, and helps a person', async () => {
    for (const args of [[], ['keys']]) {
      const { code, stdout } = await server.run([...args, '--json'])
      expect(code).toBe(2)
      expect(JSON.parse(stdout)).toEqual({
        error: { message: 'A command is missing. --help lists them.', reason: 'USAGE' },
      })
      expect((await server.run(args)).stderr).toMatch(/^Usage: pinyon/)
    }
  })

  it('says of what was here already which options changed nothing', async () => {
    const dir = await mkdtemp(join(server.workDir, 'again-'))
    const path = join(dir, 'a.txt')
    await writeFile(path, 'once')
    const first = await server.json(['upload', path, '--keyvalue', 'a=b'])
    const again = (...options: string[]) => server.run(['upload', path, ...options])
    expect((await again('--name', 'a.txt', '--keyvalue', 'a=b')).stderr).not.toContain('changed nothing')
    const { code, stdout, stderr } = await again('--name', 'b.txt', '--keyvalue', 'a=c', '--expires-in', '1d')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^a\.txt {2}4 B {2}\(was here already\)\n/)
    expect(stderr).toContain('stays as it was: --name, --keyvalue, --expires-in changed nothing.')
    expect(stderr).toContain(`/v3/files/private/${first.id}`)
    await server.run(['groups', 'create', 'later'])
    expect((await again('--group', 'later')).stderr).toContain('--group changed nothing')
  })

  it('is ended by Ctrl-C also while it opens a pipe into which nobody writes', async () => {
    const dir = await mkdtemp(join(server.workDir, 'pipe-'))
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(dir, 'pipe')])
    const stop = new AbortController()
    const running = runCli(['upload', join(dir, 'pipe')], {
      cwd: dir,
      env: { PINYON_CONFIG_DIR: join(server.workDir, 'config') },
      signal: stop.signal,
      onStderr: (text) => text.startsWith('Private: ') && stop.abort(),
    })
    // As 130 where a shell asks.
    expect(await running).toMatchObject({ code: null, endedBy: 'SIGINT' })
  })

  it('says that something else answers where a page or words came back', async () => {
    const gateway = await server.run(['ls', '--api', server.gatewayUrl, '--key', 'a.b.c'])
    expect(gateway.code).toBe(6)
    expect(gateway.stderr).toMatch(/^Nothing is served here\. Content is at \/ipfs\/\{cid\}\.\n\(HTTP_404/)
  })

  it('advises to end a key that did nothing, by a command that works', async () => {
    const { pinata_api_key: key } = await server.json(['keys', 'create', 'idle', '--preset', 'upload-only'])
    const { stdout } = await server.run(['keys', 'advice', 'idle'])
    expect(stdout).toContain(`./pinyon keys revoke ${key}\n`)
    expect(stdout).not.toContain('keys create')
  })
})
