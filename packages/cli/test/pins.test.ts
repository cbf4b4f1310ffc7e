import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleFile, sampleFolder } from './support/sample-files.ts'
import { startServer, type TestServer } from './support/server.ts'

describe('pin and pins', { timeout: 60_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    await server.setUp()
  })
  afterAll(() => server.close())

  it('pin what is here at once, and say so', async () => {
    const sample = await sampleFolder({ a: 'held' })
    await writeFile(join(server.workDir, 'held.car'), sample.car)
    await server.json(['import', 'car', join(server.workDir, 'held.car')])
    const pin = await server.json(['pin', sample.cid, '--name', 'my pin', '--keyvalue', 'k=v', '--wait'])
    expect(pin).toMatchObject({ status: 'pinned', pin: { cid: sample.cid, name: 'my pin', meta: { k: 'v' } } })
    const { stdout } = await server.run(['pins', 'status', pin.requestid])
    expect(stdout).toMatch(new RegExp(`^Id +${pin.requestid}\\nCID +${sample.cid}\\nName +my pin\\nStatus +pinned\\n`))
    expect(stdout).toContain('k        v')
  })

  it('leave what nobody has to the queue, and end after the time that was given', async () => {
    const { cid } = await sampleFile('nowhere')
    const run = await server.run(['pin', cid, '--name', 'lost', '--wait', '1s'])
    expect([run.code, run.stderr]).toEqual([
      1,
      expect.stringContaining('1 not pinned. Look again: ./pinyon pins status'),
    ])
    const [pin] = await server.json(['pins', 'ls', '--name', 'LOST'])
    expect(['queued', 'pinning']).toContain(pin.status)
    expect((await server.run(['pins', 'status', pin.requestid])).stdout).toContain(pin.info.status_details)
    const [again] = await server.json(['pins', 'retry', pin.requestid])
    expect(again).toMatchObject({ pin: { cid, name: 'lost' } })
    expect(again.requestid).not.toBe(pin.requestid)
    expect((await server.run(['pins', 'status', pin.requestid])).code).toBe(6)
    expect((await server.run(['pins', 'rm', again.requestid])).stdout).toBe(`Removed ${again.requestid}.\n`)
    expect(await server.json(['pins', 'ls', '--name', 'lost'])).toEqual([])
    expect((await server.run(['pins', 'rm', again.requestid])).code).toBe(6)
  })

  it('are listed page after page, by status, newest first', async () => {
    const samples = await Promise.all(Array.from({ length: 5 }, (_, i) => sampleFile(`listed ${i}`)))
    const cids = samples.map(({ cid }) => cid)
    expect(await server.json(['pin', ...cids])).toHaveLength(5)
    const shown = await server.run(['pins', 'ls', '--limit', '2'])
    expect(shown.stdout).toMatch(/^ID +STATUS +NAME +CREATED +CID\n/)
    expect(shown.stdout).toContain(cids[4])
    expect(shown.stdout).not.toContain(cids[2])
    expect(shown.stderr).toContain('The newest 2 of 6; more with --limit N or --all.')
    const all = await server.json(['pins', 'ls', '--status', 'queued,pinning', '--all'])
    expect(all.map(({ pin }: { pin: { cid: string } }) => pin.cid)).toEqual(cids.toReversed())
    expect((await server.run(['pins', 'ls', '--status', 'done'])).code).toBe(2)
    expect((await server.run(['pin', 'no CID'])).stderr).toContain('Not a CID')
    const { JWT } = await server.json(['keys', 'create', 'reader', '--preset', 'read-only'])
    expect((await server.run(['pin', cids[0] ?? '', '--key', JWT])).code).toBe(5)
  })
})
