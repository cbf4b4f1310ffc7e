import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './support/server.ts'

describe('events, webhooks, gateways and usage', { timeout: 120_000 }, () => {
  let server: TestServer
  const receiver = createServer((request, response) => {
    request.resume()
    response.writeHead(request.url === '/bad' ? 500 : 204).end()
  })
  let hookUrl: string
  beforeAll(async () => {
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    hookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}` // it listens on a port
    server = await startServer({ PINYON_DIAL_PRIVATE: '127.0.0.1' })
    await server.setUp()
  })
  afterAll(async () => {
    await server.close()
    receiver.closeAllConnections()
    receiver.close()
  })

  const upload = async (text: string) => {
    const file = join(server.workDir, `${text}.txt`)
    await writeFile(file, text)
    return server.json(['upload', '--public', file])
  }

  it('webhooks are made with a secret that is shown once, tested, changed, looked into and ended', async () => {
    const made = await server.run(['webhooks', 'create', `${hookUrl}/good`, '--name', 'app', '--kind', 'quota.near'])
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/Secret +whsec_\S+/)])
    const [{ id }] = await server.json(['webhooks', 'list'])
    expect((await server.run(['webhooks', 'ls'])).stdout).toMatch(/app +active +- +quota\.near +http:/)
    const tested = await server.run(['webhooks', 'test', id])
    expect([tested.code, tested.stdout]).toEqual([0, expect.stringMatching(/^Accepted with 204/)])
    expect((await server.json(['webhooks', 'update', id, '--url', `${hookUrl}/bad`, '--all-kinds'])).kinds).toBe(null)
    const failed = await server.run(['webhooks', 'test', id])
    expect([failed.code, failed.stdout]).toEqual([1, 'It answered 500.\n'])
    const deliveries = await server.json(['webhooks', 'deliveries', id, '--state', 'failed'])
    expect(deliveries).toMatchObject([{ kind: 'webhook.test', status: 500 }])
    expect((await server.run(['webhooks', 'resend', id, deliveries[0].id])).stdout).toBe('It is sent again.\n')
    expect((await server.run(['webhooks', 'create', 'nothing'])).code).not.toBe(0)
    expect((await server.run(['webhooks', 'create', hookUrl, '--kind', 'x.y'])).code).toBe(2)
    expect((await server.run(['webhooks', 'rm', id])).code).toBe(0)
    expect((await server.run(['webhooks', 'test', id])).code).toBe(6)
  })

  it('events are followed as they happen, and taken up again behind the last', async () => {
    const following = server.json(['events', '--kind', 'ipfs.public.file_added', '--count', '1'])
    let first: { data: { object: { name: string } } } | undefined
    void following.then((event: typeof first) => (first = event))
    for (let i = 0; first === undefined; i++) {
      await upload(`event ${i}`)
      await Promise.race([following, new Promise((resolve) => setTimeout(resolve, 500))])
    }
    expect(first.data.object.name).toMatch(/^event \d+\.txt$/)
    expect((await server.run(['events', '--kind', 'x.y', '--count', '1'])).code).not.toBe(0)
  })

  it('gateways are made, given what lets requests in, and ended', async () => {
    expect((await server.run(['gateways', 'create', 'My-Site'])).stdout).toMatch(/Name +my-site/)
    const token = (await server.run(['gateways', 'add', 'my-site', 'token'])).stdout.trim()
    expect(token).toMatch(/^pngw_/)
    await server.run(['gateways', 'add', 'my-site', 'ip', '192.0.2.0/24'])
    await server.run(['gateways', 'add', 'my-site', 'host', 'https://app.example.test'])
    expect((await server.run(['gateways', 'add', 'my-site', 'domain', 'ipfs.example.test'])).stdout).toContain(
      'pending',
    )
    const checked = (await server.run(['gateways', 'check', 'my-site', 'ipfs.example.test'])).stdout
    expect(checked).toMatch(/Record +TXT _pinyon\.ipfs\.example\.test\nValue +pinyon-domain=[\w-]{32}\nProblem +\S/)
    const shown = (await server.run(['gateways', 'show', 'my-site'])).stdout
    for (const part of [token, '192.0.2.0/24', 'https://app.example.test', 'ipfs.example.test'])
      expect(shown).toContain(part)
    expect((await server.run(['gateways', 'access', 'my-site'])).stdout).toContain('Everybody else is refused.')
    const refused = (await server.run(['gateways', 'try', 'my-site', '/ipfs/bafkqaaa'])).stdout
    expect(refused).toMatch(/^Refused \(401\): .*ERR_ID:00024/)
    const rules = (await server.run(['gateways', 'rules', 'my-site', '--egress-quota', '2GiB', '--html', 'refuse']))
      .stdout
    expect(rules).toMatch(/Quota a month +2\.0 GiB\n(.*\n)*Pages \(HTML\) +refuse/)
    expect(await server.json(['gateways', 'rules', 'my-site'])).toMatchObject({ egress: { quotaBytes: 2 * 1024 ** 3 } })
    expect((await server.run(['gateways', 'rules', 'my-site', '--html', 'shown'])).code).toBe(2)
    expect((await server.run(['gateways', 'ls'])).stdout).toMatch(/my-site +those let in/)
    for (const value of [token, '192.0.2.0/24', 'ipfs.example.test'])
      expect((await server.run(['gateways', 'remove', 'my-site', value])).stdout).toBe('Removed.\n')
    expect((await server.run(['gateways', 'remove', 'my-site', '192.0.2.0/24'])).code).toBe(6)
    expect((await server.run(['gateways', 'rm', 'my-site'])).code).toBe(0)
    expect((await server.run(['gateways', 'show', 'my-site'])).code).toBe(6)
  })

  it('usage says what the gateway served, by day, and what is asked for most', async () => {
    await upload('asked for')
    const [{ cid }] = await server.json(['ls', '--name', 'asked for'])
    for (let i = 0; i < 3; i++) await (await fetch(`${server.gatewayUrl}/ipfs/${cid}`)).text()
    await expect.poll(async () => (await server.json(['usage'])).total_requests, { timeout: 60_000 }).toBe(3)
    const { stdout } = await server.run(['usage', '--by', 'week', '--top', 'file_name'])
    expect(stdout).toMatch(/Total +3 /)
    expect(stdout).toMatch(/Served for this account in \d{4}-\d\d \(UTC\): \d.*, no quota\./)
    expect(stdout).toMatch(/3 +\S+ \S+ +asked for\.txt/)
    expect((await server.run(['usage', '--from', 'yesterday'])).code).toBe(2)
  })
})
