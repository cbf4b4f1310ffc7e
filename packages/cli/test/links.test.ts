import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './support/server.ts'

describe('links', { timeout: 60_000 }, () => {
  let server: TestServer
  let id: string
  beforeAll(async () => {
    server = await startServer()
    await server.setUp()
    await writeFile(join(server.workDir, 'secret.txt'), 'what the link shows')
    const file = await server.json(['upload', 'secret.txt'])
    id = file.id
  })
  afterAll(() => server.close())

  it('to a private file show it as often as they may, and are listed', async () => {
    const { code, stdout, stderr } = await server.run(['link', 'create', id, '--expires', '1d', '--uses', '2'])
    expect([code, stderr]).toEqual([0, expect.stringContaining('may read the file until')])
    const link = stdout.trim()
    expect(link).toContain(`${server.gatewayUrl}/files/bafk`)
    expect(await (await fetch(link)).text()).toBe('what the link shows')
    expect((await server.run(['link', 'ls'])).stdout).toMatch(/download +secret\.txt +1 of 2 .*active/)
    expect((await fetch(link)).status).toBe(200)
    expect((await fetch(link)).status).toBe(401)
    expect((await server.run(['link', 'ls'])).stdout).toContain('No links')
    expect((await server.json(['link', 'ls', '--all']))[0]).toMatchObject({ state: 'used', uses: 2 })
  })

  it('for an upload take one file within their bounds', async () => {
    const args = ['--upload', '--type', 'text/*', '--max-size', '1kB', '--name', 'note.txt', '--keyvalue', 'by=link']
    const { url } = await server.json(['link', 'create', ...args])
    const form = new FormData()
    form.append('file', new Blob(['a note']), 'x.txt')
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(200)
    const [file] = await server.json(['ls', '--name', 'note.txt'])
    expect(file).toMatchObject({ name: 'note.txt', network: 'private', keyvalues: { by: 'link' } })
  })

  it('that are revoked are refused, by id or by the link itself', async () => {
    const { url } = await server.json(['link', 'create', id])
    expect((await server.run(['link', 'revoke', url])).code).toBe(0)
    expect((await fetch(url)).status).toBe(401)
    expect((await server.run(['link', 'revoke', id])).code).toBe(6)
  })

  it('are not made from what contradicts itself', async () => {
    for (const args of [
      [],
      [id, '--upload'],
      [id, '--name', 'x'],
      ['--upload', '--uses', '2'],
      [id, '--uses', '0'],
      [id, '--expires', 'soon'],
    ]) {
      expect([args, (await server.run(['link', 'create', ...args])).code]).toEqual([args, 2])
    }
  })

  it('swaps and signatures of CIDs can be said and asked for', async () => {
    await writeFile(join(server.workDir, 'shown.txt'), 'what gateways show')
    const { cid } = await server.json(['upload', '--public', 'shown.txt'])
    const target = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
    expect((await server.run(['swap', 'set', cid, target])).stdout).toContain(`is swapped for ${target}`)
    expect((await server.run(['swap', 'rm', cid])).code).toBe(0)
    const history = (await server.json(['swap', 'history', cid])) as { mapped_cid: string | null }[]
    expect(history.map(({ mapped_cid }) => mapped_cid)).toEqual([null, target])
    expect((await server.run(['signature', 'show', cid])).code).toBe(6)
    const args = ['--address', `0x${'1'.repeat(40)}`, '--signature', `0x${'1'.repeat(130)}`]
    expect((await server.run(['signature', 'add', cid, ...args])).code).toBe(5)
  })
})
