import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCid } from '@pinyon/server/ipfs/cid.ts'
import { identityMultihash } from '@pinyon/server/ipfs/multihash.ts'
import { sampleFile, sampleFolder } from './support/sample-files.ts'
import { startServer, type TestServer } from './support/server.ts'

describe('pin and pins', { timeout: 60_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ PINYON_DIAL_PRIVATE: '127.0.0.0/8' })
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
  })

  it('refuse an origin that is no address, and say of one that leads nowhere that it does', async () => {
    const cid = (await sampleFile('for odd origins')).cid
    const wrong = await server.run(['pin', cid, '--origin', 'nonsense'])
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--origin nonsense is no address')])
    expect(await server.json(['pins', 'ls', '--cid', cid])).toEqual([])
    const quic = '/ip4/192.0.2.1/udp/4001/quic-v1/p2p/12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD'
    const odd = await server.run(['pin', cid, '--origin', quic])
    expect([odd.code, odd.stderr]).toEqual([0, expect.stringContaining('is of no use: udp is not used here')])
    await server.json(['pins', 'rm', (await server.json(['pins', 'ls', '--cid', cid]))[0].requestid])
  })

  it('fetch from an origin, and say how far they are', async () => {
    const other = await startServer()
    try {
      await other.setUp()
      const sample = await sampleFolder({ a: randomBytes(600_000), b: 'b' })
      await writeFile(join(other.workDir, 'there.car'), sample.car)
      await other.json(['import', 'car', '--public', join(other.workDir, 'there.car')])
      const origin = `/ip4/127.0.0.1/tcp/${new URL(other.gatewayUrl).port}/http`
      const run = await server.run(['pin', sample.cid, '--name', 'brought', '--origin', origin, '--wait', '30s'])
      expect([run.code, run.stdout]).toEqual([0, expect.stringMatching(/^pinned {3}[\w-]+ {2}bafy\w+ {2}brought\n$/)])
      expect(run.stderr).toContain('brought  pinned')
      const answer = await fetch(`${server.gatewayUrl}/ipfs/${sample.cid}/b`)
      expect(await answer.text()).toBe('b')
    } finally {
      await other.close()
    }
  })

  it('say who was asked for what nobody has, and end after the time that was given', async () => {
    const { cid } = await sampleFile('nowhere')
    const origin = '/ip4/127.0.0.1/tcp/1/http'
    const run = await server.run(['pin', cid, '--name', 'lost', '--origin', origin, '--wait', '3s'])
    expect([run.code, run.stderr]).toEqual([1, expect.stringMatching(/\n(queued|pinning|failed) .+ lost  .+\n$/)])
    const [{ requestid: id }] = await server.json(['pins', 'ls', '--name', 'LOST'])
    const { stdout } = await server.run(['pins', 'status', id])
    expect(stdout).toMatch(new RegExp(`^Id +${id}\\nCID +${cid}\\nName +lost\\nStatus +(queued|pinning|failed)\\n`))
    expect(stdout).toContain('\nTried       http://127.0.0.1:1: unreachable, connect ECONNREFUSED 127.0.0.1:1\n')
    expect(await server.json(['pins', 'retry', id])).toMatchObject([{ id, cid, name: 'lost' }])
    expect((await server.run(['pins', 'rm', id])).stdout).toBe(`Removed ${id}.\n`)
    expect(await server.json(['pins', 'ls', '--name', 'lost'])).toEqual([])
    for (const command of ['status', 'retry', 'rm'])
      expect((await server.run(['pins', command, id])).code, command).toBe(6)
  })

  it('tell a log each status once, and why the first attempt brought nothing', async () => {
    const looking = await startServer({ PINYON_IPFS: 'embedded', PINYON_IPFS_LISTEN: '/ip4/127.0.0.1/tcp/0' })
    try {
      await looking.setUp()
      const { cid } = await sampleFile('told to a log')
      const run = await looking.run(['pin', cid, '--name', 'logged', '--wait', '14s'])
      const said = run.stderr.split('\n').filter((line) => line.startsWith('logged  pinning  '))
      expect(said).toEqual([
        expect.stringContaining('Looks for somebody who has the content, attempt 1.'),
        expect.stringContaining('Nobody was found who has this content.'),
      ])
    } finally {
      await looking.close()
    }
  })

  it('of several, do what can be done and name each that failed', async () => {
    const pins = await Promise.all(['one', 'two', 'three'].map((name) => sampleFile(`several ${name}`)))
    const added = await server.json(['pin', ...pins.map(({ cid }) => cid)])
    const [one, two, three] = added.map(({ requestid }: { requestid: string }) => requestid)
    const retried = await server.run(['pins', 'retry', 'no-a', one, 'no-b', three])
    expect(retried.code).toBe(6)
    expect(retried.stdout).toMatch(new RegExp(`^${one}  .*\n${three}  .*\n$`))
    expect(retried.stderr).toMatch(/^2 of 4 failed:\n {2}There is no pin no-a .*\n {2}There is no pin no-b .*\n$/)
    const removed = await server.run(['pins', 'rm', 'no-a', one, 'no-b', two])
    expect([removed.code, removed.stdout]).toEqual([6, `Removed ${one}.\nRemoved ${two}.\n`])
    expect(removed.stderr).toMatch(/^2 of 4 failed:\n {2}There is no pin no-a .*\n {2}There is no pin no-b .*\n$/)
    const { JWT } = await server.json(['keys', 'create', 'looks on', '--preset', 'read-only'])
    const refused = await server.run(['pins', 'rm', three, two, '--key', JWT])
    expect([refused.code, refused.stderr.includes('of 2')]).toEqual([5, false])
    const printed = await server.run(['pins', 'rm', one, three, '--json'])
    const { error, done } = JSON.parse(printed.stdout)
    expect([printed.code, done]).toEqual([6, [{ id: three }]])
    expect(error.failures).toMatchObject([{ item: one, reason: 'OBJECT_NOT_FOUND' }])
    const ids = (await server.json(['pins', 'ls', '--all'])).map(({ requestid }: { requestid: string }) => requestid)
    expect(ids.filter((id: string) => [one, two, three].includes(id))).toEqual([])
  })

  it('add every CID that can be, print it and name each that cannot, also when they are waited for', async () => {
    const held = (text: string) =>
      formatCid({ version: 1, codec: 0x55, multihash: identityMultihash(Buffer.from(text)) })
    const [one, two] = [held('goes on one'), held('goes on two')]
    const lines = new RegExp(`^pinned {3}[\\w-]+ {2}${one}\npinned {3}[\\w-]+ {2}${two}\n$`)
    for (const options of [[], ['--wait']]) {
      const run = await server.run(['pin', 'no-a', one, 'no-b', two, ...options])
      expect([run.code, run.stdout], options[0]).toEqual([1, expect.stringMatching(lines)])
      expect(run.stderr, options[0]).toMatch(/(^|\n)2 of 4 failed:\n {2}.*no-a.*\n {2}.*no-b.*\n$/)
    }
    const lost = (await sampleFile('is nowhere at all')).cid
    const origin = ['--origin', '/ip4/127.0.0.1/tcp/1/http']
    const waited = await server.run(['pin', lost, 'no-a', one, '--wait', '1s', '--json', ...origin])
    const { error, done } = JSON.parse(waited.stdout)
    expect([waited.code, done.map(({ pin }: { pin: { cid: string } }) => pin.cid)]).toEqual([1, [lost, one]])
    expect(error.failures.map(({ item, reason }: { item: string; reason: string }) => [item, reason])).toEqual([
      ['no-a', 'INVALID_CID'],
      [lost, expect.stringMatching(/^(NOT_PINNED_YET|PIN_FAILED)$/)],
    ])
    expect(done[1].status).toBe('pinned')
    await server.json(['pins', 'rm', '--cid', lost, '--yes'])
  })

  it('take the CID out of addresses that people paste, and say which lead elsewhere', async () => {
    const cid = formatCid({ version: 1, codec: 0x55, multihash: identityMultihash(Buffer.from('pasted')) })
    const pasted = [`ipfs://${cid}`, `https://gateway.example/ipfs/${cid}?download=true`, `/ipfs/${cid}`]
    const pins = await server.json(['pin', ...pasted])
    expect(pins.map(({ pin }: { pin: { cid: string } }) => pin.cid)).toEqual([cid, cid, cid])
    const elsewhere = ['ipns://example.org', `ipfs://${cid}/part`, 'https://example.org/photo.jpg']
    const run = await server.run(['pin', ...elsewhere, cid, '--json'])
    const { error, done } = JSON.parse(run.stdout)
    expect([run.code, done.length, error.failures.map(({ item }: { item: string }) => item)]).toEqual([2, 1, elsewhere])
    expect(run.stderr + run.stdout).toMatch(/IPNS name.*leads to a part of.*no CID in it/s)
  })

  it('ask for no more once a key is refused', async () => {
    const { JWT } = await server.json(['keys', 'create', 'only looks', '--preset', 'read-only'])
    const { cid } = await sampleFile('never asked for')
    const run = await server.run(['pin', cid, cid, '--key', JWT])
    expect([run.code, run.stdout, run.stderr.includes('of 2')]).toEqual([5, '', false])
  })

  it('and files of which several are named say once that there is no key', async () => {
    const run = await server.run(['rm', 'one', 'two', '--profile', 'nobody'])
    expect([run.code, run.stderr]).toEqual([2, expect.stringMatching(/^There is no profile "nobody"\..+\n$/)])
  })

  it('of a filter, name each that could not be tried again', async () => {
    const lost = await Promise.all(['one', 'two'].map((name) => sampleFile(`of a filter ${name}`)))
    for (const [at, { cid }] of lost.entries()) await server.json(['pin', cid, '--name', `refused ${at}`])
    const { JWT } = await server.json(['keys', 'create', 'owner', '--admin'])
    const setPublicContent = async (publicContent: string) => {
      const headers = { authorization: `Bearer ${JWT}`, 'content-type': 'application/json' }
      const asked = { method: 'PATCH', headers, body: JSON.stringify({ publicContent }) }
      expect((await fetch(`${server.apiUrl}/pinyon/v1/account`, asked)).status).toBe(200)
    }
    await setPublicContent('refused')
    const run = await server.run(['pins', 'retry', '--name', 'refused'])
    await setPublicContent('allowed')
    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(/^2 of 2 failed:\n {2}\S+ refused 0: .+\n {2}\S+ refused 1: .+\n$/)
  })

  it(
    'are tried again and removed by a filter, with --yes where more than failures are meant',
    { timeout: 240_000 },
    async () => {
      const cid = formatCid({ version: 1, codec: 0x55, multihash: identityMultihash(Buffer.from('by filter')) })
      await server.json(['pin', cid, '--name', 'by filter'])
      const unsure = await server.run(['pins', 'rm', '--name', 'BY FILTER'])
      expect([unsure.code, unsure.stderr]).toEqual([2, expect.stringContaining('say --yes')])
      expect((await server.run(['pins', 'rm', 'some-id', '--all'])).code).toBe(2)
      expect((await server.run(['pins', 'rm', '--status', 'failed', '--name', 'by filter'])).stdout).toBe('Removed 0 pins.\n') // prettier-ignore
      expect((await server.run(['pins', 'retry', '--name', 'by filter'])).stdout).toBe('0 pins tried again now.\n')
      const removed = await server.json(['pins', 'rm', '--name', 'by filter', '--yes'])
      expect(removed.map(({ state }: { state: string }) => state)).toEqual(['done'])
    },
  )

  it('are listed page after page, by status, newest first', async () => {
    // Identity CIDs: what is pinned stands in them.
    const cids = Array.from({ length: 1_003 }, (_, i) =>
      formatCid({ version: 1, codec: 0x55, multihash: identityMultihash(Buffer.from(`${i}`)) }),
    )
    expect(await server.json(['pin', ...cids])).toHaveLength(1_003)
    const all = await server.json(['pins', 'ls', '--status', 'pinned', '--all'])
    expect(all.map(({ pin }: { pin: { cid: string } }) => pin.cid).slice(0, 1_003)).toEqual(cids.toReversed())
    const shown = await server.run(['pins', 'ls', '--status', 'pinned', '--limit', '2'])
    expect(shown.stdout).toMatch(/^ID +STATUS +NAME +CREATED +CID\n/)
    expect(shown.stdout.trimEnd().split('\n')).toHaveLength(3)
    expect(shown.stderr).toContain(`The newest 2 of ${all.length}; more with --limit N or --all.`)
    expect((await server.run(['pins', 'ls', '--status', 'done'])).code).toBe(2)
    expect((await server.run(['pin', 'no CID'])).stderr).toContain('Not a CID')
    const { JWT } = await server.json(['keys', 'create', 'reader', '--preset', 'read-only'])
    expect((await server.run(['pin', cids[0] ?? '', '--key', JWT])).code).toBe(5)
  })
})
