import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layoutV0, layoutV1 } from '@pinyon/server/ipfs/layout.ts'
import { type PinataFile, pinataJwt, type PinataOptions, startPinata } from './support/pinata.ts'
import { type Sample, sampleFile, sampleFolder } from './support/sample-files.ts'
import { startServer, type TestServer } from './support/server.ts'

const id = (n: number) => `019c1f0e-5a2b-7${String(n).padStart(3, '0')}-8e4f-0123456789ab`
const contentOf = (...samples: Sample[]) => new Map(samples.map((sample) => [sample.cid, sample]))

describe('import pinata', { timeout: 120_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    await server.setUp()
  })
  afterAll(() => server.close())

  /** Runs the import against a stand-in with this account, and gives what was printed and asked. */
  const importFrom = async (options: PinataOptions, ...more: string[]) => {
    const pinata = await startPinata(options)
    try {
      const args = ['import', 'pinata', '--jwt', pinataJwt, '--pinata-api', pinata.url]
      const gateway = more.includes('--gateway') ? [] : ['--gateway', pinata.url]
      const run = await server.run([...args, ...gateway, ...more.filter((arg) => arg !== '--gateway'), '--json'])
      return { ...run, log: pinata.log, printed: JSON.parse(run.stdout) }
    } finally {
      await pinata.close()
    }
  }
  const listed = async (name: string) => {
    const dir = join(server.workDir, `listed-${Math.random()}`)
    await server.json(['export', dir, '--name', name])
    const { readFile } = await import('node:fs/promises')
    const lines = (await readFile(join(dir, 'manifest.ndjson'), 'utf8')).trimEnd().split('\n').slice(1)
    return lines.map((line) => JSON.parse(line))
  }

  it('keeps names, key-values of every kind, dates, networks, groups and spellings, page after page', async () => {
    const [one, old, folder, secret] = [
      await sampleFile(randomBytes(700_000)),
      await sampleFile('an old file', layoutV0),
      await sampleFolder({ 'a.txt': 'a', 'b.bin': randomBytes(300_000) }),
      await sampleFolder({ 'secret.txt': 'do not tell' }),
    ]
    const files: PinataFile[] = [
      { id: id(5), cid: secret.cid, name: 'all secret', network: 'private', created_at: '2024-05-05T05:05:05.555Z', mime_type: 'directory', keyvalues: { k: 'v' } },
      { id: id(4), cid: folder.cid, name: 'all folder', network: 'public', created_at: '2024-04-04T00:00:00.000Z', mime_type: 'directory', group_id: 'g1' },
      { id: id(3), cid: one.cid, name: 'all twin', network: 'public', created_at: '2023-03-03T00:00:00.000Z', expires_at: '2999-01-01T00:00:00.000Z' },
      { id: id(2), cid: one.cid, name: 'all one', network: 'public', created_at: '2023-03-02T00:00:00.000Z', keyvalues: { n: 7, yes: true, text: '7' }, group_id: 'g2' },
      { id: 'b2f0c1d4-0000-4000-8000-000000000001', cid: old.cid, name: 'all old', network: 'public', created_at: '2019-01-02T03:04:05.678Z', keyvalues: { age: 5 }, isOld: true, mime_type: 'audio/x-odd' },
      { id: id(1), cid: 'pending', name: 'all pending', network: 'public', created_at: '2024-06-06T00:00:00.000Z' },
    ] // prettier-ignore
    const options: PinataOptions = {
      files,
      content: contentOf(one, old, folder, secret),
      groups: { g1: 'alps' },
      pageRows: 2,
      tooMany: 1,
    }
    const { code, printed, log } = await importFrom(options)
    expect([code, printed.compared]).toEqual([
      0,
      {
        source: { files: 5, cids: 4 },
        here: { files: 5, cids: 4 },
        missing: 0,
        imported: 5,
        wereHere: 0,
        waiting: 0,
        failed: 0,
      },
    ])
    expect(await listed('all')).toMatchObject([
      { name: 'all old', cid: old.cid, created_at: '2019-01-02T03:04:05.678Z', keyvalues: { age: 5 }, mime_type: 'audio/x-odd' },
      { name: 'all one', cid: one.cid, created_at: '2023-03-02T00:00:00.000Z', keyvalues: { n: 7, yes: true, text: '7' }, group: 'g2' },
      { name: 'all twin', cid: one.cid, created_at: '2023-03-03T00:00:00.000Z', expires_at: '2999-01-01T00:00:00.000Z' },
      { name: 'all folder', cid: folder.cid, network: 'public', keyvalues: {}, group: 'alps' },
      { name: 'all secret', cid: secret.cid, network: 'private', created_at: '2024-05-05T05:05:05.555Z', keyvalues: { k: 'v' } },
    ]) // prettier-ignore
    // Nothing there was changed: all that was sent but reading is the wish for a link.
    expect(new Set(log.filter(({ method }) => method !== 'GET').map(({ url }) => url.pathname))).toEqual(
      new Set(['/v3/files/private/download_link']),
    )
    // One of a twin is brought, the other found.
    expect(log.filter(({ url }) => url.pathname === `/ipfs/${one.cid}`)).toHaveLength(1)
    const again = await importFrom(options)
    const groups = (await server.json(['groups', 'ls'])) as { name: string; network: string }[]
    expect(groups.map(({ name, network }) => `${name}, ${network}`).toSorted()).toEqual(['alps, public', 'g2, public'])
    expect(again.printed.compared).toMatchObject({ imported: 0, wereHere: 5, missing: 0 })
    expect(again.log.some(({ url }) => /^\/(ipfs|files)\//.test(url.pathname))).toBe(false)
  })

  it('makes single files anew where the gateway gives no CARs, and goes on by another', async () => {
    const samples = [
      await sampleFile('small', layoutV0),
      await sampleFile(randomBytes(600_000), layoutV0),
      await sampleFile(randomBytes(600_001)),
      await sampleFile(randomBytes(2_500_000), { cidVersion: 1, rawLeaves: true, chunkSizeBytes: 1_048_576, maxLinks: 1_024 }),
      await sampleFile(randomBytes(1_500_000), { ...layoutV1, chunkSizeBytes: 2_097_152 }),
      await sampleFile(randomBytes(300_000), { ...layoutV1, chunkSizeBytes: 1_000 }),
    ] // prettier-ignore
    const folder = await sampleFolder({ 'x.txt': 'in a folder' })
    const files = [...samples, folder].map(({ cid }, i): PinataFile => ({
      id: id(100 + i),
      cid,
      name: `raw ${i}`,
      network: i === 1 ? 'private' : 'public',
      created_at: '2022-01-01T00:00:00.000Z',
      mime_type: i === 6 ? 'directory' : 'application/octet-stream',
    }))
    const content = contentOf(...samples, folder)
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('pinyon-import-'))
    const { code, printed } = await importFrom({ files, content, knowsNoCars: true })
    const states = Object.fromEntries(printed.done.map(({ name, state }: Record<string, string>) => [name, state]))
    expect([code, states]).toEqual([
      1,
      {
        'raw 0': 'imported',
        'raw 1': 'imported',
        'raw 2': 'imported',
        'raw 3': 'imported',
        'raw 4': 'imported',
        'raw 5': 'waiting',
        'raw 6': 'waiting',
      },
    ])
    expect(printed.error).toMatchObject({ reason: 'INCOMPLETE_IMPORT', compared: { missing: 2 } })
    const words = printed.done.flatMap(({ error }: { error?: string }) => error ?? []).toSorted()
    expect(words[0]).toMatch(/^the gateway gives no CARs, and \w+ is a folder/)
    expect(words[1]).toMatch(/^what came is not the file that \w+ names/)
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('pinyon-import-'))).toEqual(before)
    // What was asked for by CID meanwhile is not needed any more.
    expect(await server.json(['pins', 'ls'])).toHaveLength(2)
    expect((await importFrom({ files, content })).printed.compared).toMatchObject({
      imported: 2,
      wereHere: 5,
      missing: 0,
    })
    expect(await server.json(['pins', 'ls'])).toEqual([])
  })

  it('believes no gateway: other bytes, missing blocks and broken connections are told, and nothing of them kept', async () => {
    const [a, b, c] = [
      await sampleFolder({ 'a.txt': 'honest' }),
      await sampleFolder({ 'b.txt': 'whole' }),
      await sampleFolder({ 'c.txt': 'here' }),
    ]
    const files = [a, b, c].map(({ cid }, i): PinataFile => ({
      id: id(200 + i),
      cid,
      name: `lie ${i}`,
      network: 'public',
      created_at: '2022-01-01T00:00:00.000Z',
      mime_type: 'directory',
    })) // prettier-ignore
    const content = new Map([
      [a.cid, { car: Buffer.from(Buffer.from(a.car).toString('latin1').replace('honest', 'Honest'), 'latin1') }],
      [b.cid, { car: a.car }],
      [c.cid, { car: c.car.subarray(0, c.car.length - 2) }],
    ])
    const { code, printed } = await importFrom({ files, content })
    const errors = printed.done.map(({ error }: { error: string }) => error).join('\n')
    expect([code, printed.error.compared.here.files]).toEqual([1, 0])
    expect(errors).toContain('its bytes are not those its CID names')
    expect(errors).toContain('The root of the CAR is')
    expect(errors).toContain('the CAR ends in it')
    expect(await server.json(['ls', '--name', 'lie'])).toEqual([])
  })

  it('says that groups go by their ids where the JWT may not list them, and takes no other failure for that', async () => {
    const file = await sampleFile('in a group that nobody may list')
    const files: PinataFile[] = [
      { id: id(400), cid: file.cid, name: 'grouped', network: 'public', created_at: '2022-01-01T00:00:00.000Z', group_id: 'g9' },
    ] // prettier-ignore
    const options: PinataOptions = { files, content: contentOf(file), groups: { g9: 'the ninth' }, groupsStatus: 404 }
    const pinata = await startPinata(options)
    try {
      const args = ['import', 'pinata', '--pinata-api', pinata.url, '--gateway', pinata.url, '--jwt', pinataJwt]
      const failed = await server.run(args)
      expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('cannot be listed: ')])
      expect(await listed('grouped')).toEqual([])
      options.groupsStatus = 403
      const { code, stderr } = await server.run(args)
      expect([code, stderr]).toEqual([0, expect.stringContaining('It lacks org:groups:read')])
      expect(await listed('grouped')).toMatchObject([{ group: 'g9' }])
    } finally {
      await pinata.close()
    }
  })

  it('says what stands in its way', async () => {
    const file = await sampleFile('private alone')
    const files: PinataFile[] = [
      { id: id(300), cid: file.cid, name: 'alone', network: 'private', created_at: '2022-01-01T00:00:00.000Z' },
    ]
    const options = { files, content: contentOf(file) }
    const pinata = await startPinata(options)
    const at = ['--pinata-api', pinata.url]
    try {
      const noJwt = await server.run(['import', 'pinata', ...at])
      expect([noJwt.code, noJwt.stderr]).toEqual([2, expect.stringContaining('PINATA_JWT')])
      const wrong = await server.run(['import', 'pinata', ...at], { env: { PINATA_JWT: 'a.b.c' } })
      expect([wrong.code, wrong.stderr]).toEqual([
        1,
        `Pinata's files cannot be listed: ${new URL(pinata.url).host} answered 401: Invalid/expired credentials.\nIs the JWT one of Pinata, neither expired nor revoked, with an admin key or pinList and org:files:read?\n`,
      ])
      const noGateway = await server.run(['import', 'pinata', ...at], { env: { PINATA_JWT: pinataJwt } })
      expect([noGateway.code, noGateway.stderr]).toEqual([1, expect.stringContaining('name it with --gateway')])
      const dry = await server.run(['import', 'pinata', ...at, '--dry-run'], { env: { PINATA_JWT: pinataJwt } })
      expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('1 files would be imported')])
      expect(await server.json(['ls', '--name', 'alone'])).toEqual([])
    } finally {
      await pinata.close()
    }
  })
})
