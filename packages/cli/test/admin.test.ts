import { randomBytes } from 'node:crypto'
import { appendFile, open, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownerPassword, startServer, type TestServer } from './support/server.ts'

describe('on the machine', { timeout: 60_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    await server.setUp()
  })
  afterAll(() => server.close())
  const post = (path: string, body: unknown) =>
    fetch(`${server.apiUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const tokenOf = (url: string) => new URL(url).hash.replace('#token=', '')

  it('accounts are made beside the running server, with a link that makes their owner', async () => {
    const { code, stdout } = await server.run([
      'admin',
      'accounts',
      'add',
      'Photo club',
      'ann@example.test',
      '--quota',
      '1.5MB',
    ])
    expect(code).toBe(0)
    const [link = ''] = /http\S+#token=pninv_\w+/.exec(stdout) ?? []
    expect(link.startsWith(`${server.apiUrl}/invite#`)).toBe(true)
    const accepted = await post('/pinyon/v1/invites/accept', {
      token: tokenOf(link),
      password: 'another horse battery',
    })
    expect(accepted.status).toBe(201)
    const accounts = await server.json(['admin', 'accounts'])
    expect(accounts).toMatchObject([{ name: 'Photo club', quotaBytes: 1_500_000 }, { email: 'owner@example.test' }])
    expect((await server.run(['admin', 'accounts'])).stdout).toMatch(
      /^NAME +E-MAIL .*\nPhoto club +ann@example\.test +0 +0 B +1\.4 MiB /,
    )
    expect((await server.run(['admin', 'accounts', 'add', 'X', 'nobody'])).code).toBe(2)
  })

  it('content is taken down and allowed again beside the running server', async () => {
    await writeFile(join(server.workDir, 'bad.bin'), randomBytes(2_000))
    const { cid } = await server.json(['upload', join(server.workDir, 'bad.bin'), '--public'])
    const status = async () => (await fetch(`${server.gatewayUrl}/ipfs/${cid}`)).status
    expect(await status()).toBe(200)
    const done = await server.run(['admin', 'deny', cid, '--reason', 'court order'])
    expect([done.code, done.stdout]).toEqual([0, expect.stringContaining('1 files of 1 accounts')])
    await expect.poll(status).toBe(410)
    expect(await server.json(['admin', 'denials'])).toMatchObject([
      { cid, reason: 'court order', deniedBy: { kind: 'machine', id: null } },
    ])
    const again = await server.run(['upload', join(server.workDir, 'bad.bin'), '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { reason: 'CONTENT_DENIED' } })
    expect((await server.run(['admin', 'allow', cid])).code).toBe(0)
    await expect.poll(status).toBe(200)
    expect((await server.run(['admin', 'allow', cid])).code).toBe(6)
    expect((await server.run(['admin', 'deny', '*', '--reason', 'all'])).code).toBe(2)
    expect((await server.run(['admin', 'deny', cid])).code).toBe(2)
    // Empty content: the server asks for a field, this program has an option for it.
    const empty = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
    const asked = await server.run(['admin', 'deny', empty, '--reason', 'a slip'])
    expect([asked.code, asked.stderr]).toEqual([8, expect.stringContaining('ask again with --yes')])
  })

  it('quotas are set by name, e-mail or id and hold for the next upload', async () => {
    const { code, stdout } = await server.run(['admin', 'quota', 'owner@example.test', '1kB'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Quota +1000 B$/m)
    await writeFile(join(server.workDir, 'much.bin'), randomBytes(200_000))
    const refused = await server.run(['upload', join(server.workDir, 'much.bin'), '--json'])
    expect(refused.code).toBe(7)
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { reason: 'QUOTA_REACHED' } })
    expect(await server.json(['admin', 'quota', 'owner@example.test', 'none'])).toMatchObject({ quotaBytes: null })
    expect((await server.run(['upload', join(server.workDir, 'much.bin')])).code).toBe(0)
    const served = ['admin', 'egress', 'owner@example.test']
    expect(await server.json([...served, '5MB'])).toMatchObject({ egressQuotaBytes: 5_000_000 })
    expect((await server.run([...served, 'none'])).stdout).toMatch(/Served a month +none/)
    expect((await server.run(['admin', 'quota', 'nobody', 'none'])).code).toBe(6)
    expect((await server.run(['admin', 'quota', 'Photo club', 'lots'])).code).toBe(2)
    const key = await server.json(['status'])
    expect(key.quota.limitBytes).toBe(null)
  })

  it('a password is reset by a link that works once', async () => {
    const { url } = await server.json(['admin', 'reset-password', 'owner@example.test'])
    expect(url).toMatch(/^http.*\/reset-password#token=pnrst_\w+$/)
    const password = 'a new horse battery'
    const reset = () => post('/pinyon/v1/password/reset', { token: tokenOf(url), password })
    expect((await reset()).ok).toBe(true)
    expect((await reset()).status).toBe(404)
    const signIn = (text: string) => post('/pinyon/v1/sessions', { email: 'owner@example.test', password: text })
    expect((await signIn(ownerPassword)).status).toBe(401)
    expect((await signIn(password)).ok).toBe(true)
    // In the image the server listens on all addresses, which is none that a browser opens.
    const env = { PINYON_API: '', PINYON_API_LISTEN: '0.0.0.0:8400' }
    const everywhere = await server.run(['admin', 'reset-password', 'owner@example.test'], { env })
    expect(everywhere.stdout).toContain('http://127.0.0.1:8400/reset-password#token=')
    const unknown = await server.run(['admin', 'reset-password', 'nobody@example.test', '--json'])
    expect(unknown.code).toBe(6)
    expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { reason: 'OBJECT_NOT_FOUND' } })
  })

  it('what the machine did stands in the audit log', async () => {
    const { jwt } = await profile(server)
    const answer = await fetch(`${server.apiUrl}/pinyon/v1/audit`, { headers: { authorization: `Bearer ${jwt}` } })
    const { entries } = (await answer.json()) as { entries: { action: string; actor: unknown }[] } // by the route's schema
    const byMachine = entries.filter(({ actor }) => JSON.stringify(actor) === '{"kind":"machine","id":null}')
    expect(byMachine.map(({ action }) => action)).toEqual([
      'user.password_reset_made',
      'user.password_reset_made',
      'account.egress_quota_changed',
      'account.egress_quota_changed',
      'account.quota_changed',
      'account.quota_changed',
      'content.allowed',
      'content.denied',
    ])
  })

  it('the audit log is verified, and exported into a file that grows', async () => {
    // What the server did last is sealed within a second.
    await expect
      .poll(async () => (await server.run(['admin', 'audit', 'export'])).stdout, { timeout: 60_000 })
      .toContain('content.denied')
    const verified = await server.json(['admin', 'audit', 'verify'])
    expect(verified).toMatchObject({ fault: null })
    const file = join(server.workDir, 'audit.ndjson')
    const first = await server.json(['admin', 'audit', 'export', '--to', file])
    expect(first.lines).toBeGreaterThan(5)
    // Half a line, as a full disk leaves it.
    await appendFile(file, '{"id":"')
    await server.run(['admin', 'quota', 'Photo club', '5MB'])
    await expect
      .poll(async () => (await server.json(['admin', 'audit', 'export', '--to', file])).lines, { timeout: 60_000 })
      .toBeGreaterThan(0)
    const numbers = (await readFile(file, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line).sealed.number) // prettier-ignore
    expect(numbers).toEqual(Array.from(numbers, (_, i) => i + 1))
    const later = await server.run(['admin', 'audit', 'export', '--after', String(numbers.length - 1)])
    expect(later.stdout.trimEnd().split('\n')).toHaveLength(1)
    expect((await server.run(['admin', 'audit', 'export', '--since', 'x'])).code).toBe(2)
    await writeFile(file, 'something else\n')
    expect((await server.run(['admin', 'audit', 'export', '--to', file])).code).toBe(2)
    await writeFile(join(server.dataDir, 'audit-head.jws'), 'e30.e30.')
    const broken = await server.run(['admin', 'audit', 'verify', '--json'])
    expect([broken.code, JSON.parse(broken.stdout)]).toMatchObject([1, { error: { reason: 'AUDIT_BROKEN' } }])
  })

  it('no account is made before set-up, which makes the first', async () => {
    const fresh = await startServer()
    try {
      const add = ['admin', 'accounts', 'add', 'Photo club', 'owner@example.test']
      const early = await fresh.run(add)
      expect([early.code, early.stdout, early.stderr]).toEqual([8, '', expect.stringContaining('(./pinyon setup)')])
      expect(await fresh.json(['admin', 'accounts'])).toEqual([])
      expect((await fresh.setUp()).code).toBe(0)
      expect((await fresh.run(add)).code).toBe(0)
    } finally {
      await fresh.close()
    }
  })

  it('a directory without an installation is refused, not filled', async () => {
    const dir = join(server.workDir, 'nothing')
    const { code, stderr } = await server.run(['admin', 'accounts', '--data-dir', dir])
    expect(code).toBe(2)
    expect(stderr).toContain(`${dir} holds no installation`)
    expect(await stat(dir).catch(() => undefined)).toBe(undefined)
  })

  it('counters that are not what they count are found', async () => {
    const shift = (bytes: number) => {
      const db = new DatabaseSync(join(server.dataDir, 'pinyon.db'))
      db.exec(`update account_totals set bytes = bytes + ${bytes}`)
      db.close()
    }
    await writeFile(join(server.workDir, 'counted.bin'), randomBytes(1_000))
    await server.json(['upload', join(server.workDir, 'counted.bin')])
    expect((await server.json(['admin', 'verify', '--all'])).counters).toMatchObject({ numberOfWrong: 0, wrong: [] })
    shift(1)
    const { code, stdout, stderr } = await server.run(['admin', 'verify', '--all'])
    shift(-1)
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^Wrong +bytes of an account /m)])
    expect(stderr).toContain('Please report it')
    const again = await server.run(['admin', 'verify', '--all'])
    expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/^Counters +right /m)])
  })

  it('what is stored is verified beside the running server; damage is named with the files that have it', async () => {
    const whole = await server.run(['admin', 'verify', '--all'])
    expect(whole.code).toBe(0)
    expect(whole.stdout).toMatch(/^Damaged +none$/m)
    await writeFile(join(server.workDir, 'hurt.bin'), randomBytes(200_000))
    const { id, cid } = await server.json(['upload', join(server.workDir, 'hurt.bin')])
    await damageEnd(join(server.dataDir, 'packs'))
    expect((await server.run(['admin', 'verify'])).code).toBe(0)
    const { code, stdout, stderr } = await server.run(['admin', 'verify', '--all'])
    expect(code).toBe(1)
    expect(stdout).toContain(`Damaged  ${cid}`)
    expect(stdout).toContain(`file ${id}  hurt.bin  of account `)
    expect(stderr).toContain('1 block cannot be served')
    const json = await server.run(['admin', 'verify', '--all', '--json'])
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: {
        reason: 'DAMAGED',
        report: { numberOfDamaged: 1, damaged: [{ cid, files: [{ id, name: 'hurt.bin' }] }] },
      },
    })
    await server.run(['rm', id])
  })

  it('the index is rebuilt only while no server runs', async () => {
    const refused = await server.run(['admin', 'rebuild-index'])
    expect(refused.code).toBe(8)
    expect(refused.stderr).toContain('Stop it first')
    await server.stop()
    const { code, stdout } = await server.run(['admin', 'rebuild-index'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Sections +\d+, /m)
    expect((await server.json(['admin', 'accounts'])).length).toBe(2)
  })
})

async function profile(server: TestServer): Promise<{ jwt: string }> {
  const profiles = JSON.parse(await readFile(join(server.workDir, 'config/profiles.json'), 'utf8')) as Record<
    string,
    { jwt: string }
  > // as saved
  const { default: found } = profiles
  if (found === undefined) throw new Error('no profile')
  return found
}

/** Changes the last byte of every pack. */
async function damageEnd(dir: string): Promise<void> {
  for (const name of (await readdir(dir)).filter((each) => each.endsWith('.car'))) {
    const file = await open(join(dir, name), 'r+')
    const { size } = await file.stat()
    const byte = Buffer.alloc(1)
    await file.read(byte, 0, 1, size - 1)
    await file.write(Buffer.from([byte.readUInt8() ^ 0xff]), 0, 1, size - 1)
    await file.close()
  }
}
