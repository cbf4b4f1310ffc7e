import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from './support/cli.ts'
import { type Asked, json, type Said, serve } from './support/serve.ts'
import { type Sample, sampleFile, sampleFolder } from './support/sample-files.ts'
import { startServer, type TestServer } from './support/server.ts'

interface Pin {
  readonly requestid: string
  readonly created: string
  readonly pin: { readonly cid: string; readonly name?: string; readonly meta?: Record<string, string> }
}

/** A service as the Pinning Services API has it: newest first, pages by `before`, counts what matches. */
function service(pins: readonly Pin[], samples: readonly Sample[], pageRows: number) {
  return ({ url, headers }: Asked): Said => {
    const [, cid] = /^\/ipfs\/(\w+)$/.exec(url.pathname) ?? []
    const sample = samples.find((one) => one.cid === cid)
    if (sample !== undefined) return { headers: { 'content-type': 'application/vnd.ipld.car' }, body: sample.car }
    if (url.pathname !== '/psa/pins') return { status: 404 }
    if (headers.authorization !== 'Bearer good')
      return json({ error: { reason: 'UNAUTHORIZED', details: 'no such token' } }, 401)
    const before = url.searchParams.get('before')
    const all = pins.filter(({ created }) => before === null || Date.parse(created) < Date.parse(before))
    const results = all.slice(0, Math.min(pageRows, Number(url.searchParams.get('limit'))))
    return json({
      count: all.length,
      results: results.map((pin) => ({
        ...pin,
        status: 'pinned',
        delegates: ['/ip4/192.0.2.1/tcp/4001/p2p/12D3KooW'],
      })),
    })
  }
}

describe('import psa', { timeout: 60_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    await server.setUp()
  })
  afterAll(() => server.close())

  it('lists page after page and keeps names, meta, times and duplicates', async () => {
    const samples = [await sampleFile('pinned'), await sampleFolder({ x: '1' }), await sampleFile('third')]
    const pins = Array.from({ length: 7 }, (_, i): Pin => ({
      requestid: `r${i}`,
      created: new Date(Date.UTC(2023, 0, 20 - i)).toISOString(),
      pin: { cid: samples[i % 3]?.cid ?? '', ...(i === 2 ? {} : { name: `pin ${i}` }), meta: { app: `${i}` } },
    }))
    const other = await serve(service(pins, samples, 3))
    try {
      const args = ['import', 'psa', `${other.url}/psa/`, 'good', '--gateway', other.url]
      expect((await server.json(args)).compared).toMatchObject({
        source: { files: 7, cids: 3 },
        here: { files: 7, cids: 3 },
        missing: 0,
      })
      const files = await server.json(['ls', '--all'])
      expect(files.map(({ name }: { name: string | null }) => name)).toEqual(pins.map(({ pin }) => pin.name ?? null))
      expect(files.map((file: Record<string, unknown>) => file['created_at'])).toEqual(
        pins.map(({ created }) => created),
      )
      expect(files[3]).toMatchObject({ keyvalues: { app: '3' }, network: 'public' })
      expect((await server.json(args)).compared).toMatchObject({ imported: 0, wereHere: 7 })
      expect(new Set(other.log.map(({ method }) => method))).toEqual(new Set(['GET']))
    } finally {
      await other.close()
    }
  })

  it('keeps the pins of another server as pins, and asks by CID for what nobody gives', async () => {
    const from = await startServer()
    try {
      await from.setUp()
      const { JWT } = await from.json(['keys', 'create', 'leaving', '--preset', 'read-only'])
      const [here, later] = [await sampleFolder({ y: '1' }), await sampleFolder({ y: '2' })]
      for (const [name, sample] of Object.entries({ here, later })) {
        const path = join(from.workDir, `${name}.car`)
        await writeFile(path, sample.car)
        await from.json(['import', 'car', '--public', path])
        await from.json(['pin', sample.cid, '--name', `pin ${name}`, '--keyvalue', `from=${name}`])
      }
      const theirs = await from.json(['pins', 'ls'])
      expect(theirs.map(({ status }: { status: string }) => status)).toEqual(['pinned', 'pinned'])
      const path = join(from.workDir, 'here.car')
      await server.json(['import', 'car', '--public', path])
      const args = ['import', 'psa', `${from.apiUrl}/psa`, JWT]
      const first = await server.run([...args, '--json'])
      expect([first.code, JSON.parse(first.stdout).done]).toMatchObject([
        1,
        [
          { name: 'pin later', state: 'waiting', error: expect.stringContaining('Asked for by CID') },
          { name: 'pin here', state: 'imported' },
        ],
      ])
      const [asked, ...others] = await server.json(['pins', 'ls', '--cid', later.cid])
      expect([asked.pin.name, others]).toEqual(['pin later', []])
      await server.run(args)
      expect(await server.json(['pins', 'ls', '--cid', later.cid])).toHaveLength(1)
      // A gateway has it: the import is done, and what was asked for is gone.
      expect((await server.json([...args, '--gateway', from.gatewayUrl])).compared).toMatchObject({ missing: 0 })
      const ours = await server.json(['pins', 'ls', '--name', 'pin '])
      const plain = (pins: Record<string, unknown>[]) =>
        pins.map(({ status, created, pin }) => ({ status, created, pin }))
      expect(plain(ours.filter(({ pin }: { pin: { meta: object } }) => 'from' in pin.meta))).toEqual(plain(theirs))
      expect(await server.json(['pins', 'ls', '--cid', later.cid])).toHaveLength(1)
    } finally {
      await from.close()
    }
  })

  it('brings content from the peers that the service names, with its times, where there is a network', async () => {
    const embedded = { PINYON_IPFS: 'embedded', PINYON_IPFS_LISTEN: '/ip4/127.0.0.1/tcp/0' }
    const [from, to] = await Promise.all([startServer(embedded), startServer(embedded)])
    try {
      await Promise.all([from.setUp(), to.setUp()])
      const sample = await sampleFolder({ big: Buffer.alloc(700_000, 'x'), small: 's' })
      await writeFile(join(from.workDir, 'a.car'), sample.car)
      await from.json(['import', 'car', '--public', join(from.workDir, 'a.car')])
      const theirs = await from.json(['pin', sample.cid, '--name', 'by peers', '--keyvalue', 'k=v'])
      const { JWT } = await from.json(['keys', 'create', 'leaving', '--preset', 'read-only'])
      const { compared } = await to.json(['import', 'psa', `${from.apiUrl}/psa`, JWT, '--wait', '1m'])
      expect(compared).toMatchObject({ imported: 1, missing: 0, waiting: 0 })
      const ours = await to.json(['pins', 'ls'])
      expect(ours).toMatchObject([{ status: 'pinned', created: theirs.created, pin: theirs.pin }])
    } finally {
      await Promise.all([from.close(), to.close()])
    }
  })

  it('says when the service hides pins that share a time, and when the token is none', async () => {
    const sample = await sampleFile('same time')
    const pins = Array.from({ length: 5 }, (_, i): Pin => ({
      requestid: `s${i}`,
      created: '2023-01-01T00:00:00.000Z',
      pin: { cid: sample.cid },
    }))
    const other = await serve(service(pins, [sample], 3))
    try {
      const at = ['import', 'psa', `${other.url}/psa`]
      const { stderr } = await server.run([...at, 'good', '--gateway', other.url])
      expect(stderr).toContain('counts 5 pins and lists 3')
      const none = await server.run(at)
      expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('PSA_TOKEN')])
      const hidden = await server.run([...at, '--dry-run'], { env: { PSA_TOKEN: 'good' } })
      expect([hidden.code, hidden.stdout]).toEqual([0, expect.stringContaining('3 files would be imported')])
      const wrong = await server.run([...at, 'bad'])
      expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('no such token')])
    } finally {
      await other.close()
    }
  })

  it('tells in words who refused what, and what to do: no JSON, no page, no token, nothing that steers a terminal', async () => {
    const token = 'a-token-of-theirs'
    const refusal = { error: { reason: 'FORBIDDEN', details: `${token}\u001b[2J may\nnot list` } }
    const answers: [Said, string, string][] = [
      [
        json(refusal, 403),
        'answered 403: [secret]\u{fffd}[2J may not list.',
        'Is the access token one of that service',
      ],
      [{ status: 404, body: '<!doctype html><h1>no page' }, 'answered 404.', 'Is the API of a pinning service at http'],
      [json({ hello: 'there' }), 'answered 200, but no such list.', 'Is the API of a pinning service at http'],
      [
        json({ count: 1, results: [{ requestid: 'x', created: '2023' }] }),
        'answered 200, but no such list.',
        'Is the API',
      ],
      [{ body: '<!doctype html>' }, 'answered 200, but no such list.', 'Is the API of a pinning service at http'],
    ]
    let said: Said = {}
    const other = await serve(() => said)
    try {
      const args = ['import', 'psa', `${other.url}/psa`, token]
      for (const [answer, words, advice] of answers) {
        said = answer
        const run = await server.run(args)
        expect(run).toMatchObject({ code: 1, stdout: '' })
        const { host } = new URL(other.url)
        expect(run.stderr).toContain(`The pins cannot be listed: ${host} ${words}\n${advice}`)
        const { error } = JSON.parse((await server.run([...args, '--json'])).stdout)
        expect(error).toMatchObject({ reason: 'SOURCE_FAILED', status: answer.status ?? 200 })
        expect(JSON.stringify(error)).not.toContain(token)
      }
    } finally {
      await other.close()
    }
  })

  it('shows nothing of a list that steers a terminal', async () => {
    const odd = '\u001b[2J'
    const pin = { cid: `bafkqaaa${odd}`, name: odd }
    const other = await serve(() => json({ count: 1, results: [{ requestid: odd, created: odd, pin }] }))
    try {
      const args = ['import', 'psa', other.url, 'good']
      for (const more of [[], ['--dry-run']]) {
        const { stdout, stderr } = await server.run([...args, ...more])
        expect(stdout).toContain('\u{fffd}[2J')
        expect(`${stdout}${stderr}`).not.toContain('\u001b')
      }
    } finally {
      await other.close()
    }
  })

  it('says what is done when it is interrupted, and how to go on', async () => {
    const [first, second] = [await sampleFile('brought'), await sampleFile('on its way')]
    const pins = [first, second].map(({ cid }, i) => ({
      requestid: `i${i}`,
      created: `2023-01-0${i + 1}T00:00:00.000Z`,
      pin: { cid },
    }))
    const interrupt = new AbortController()
    let isInterrupted = false
    const other = await serve(async (asked) => {
      if (isInterrupted || !asked.url.pathname.endsWith(second.cid)) return service(pins, [first, second], 3)(asked)
      isInterrupted = true
      await expect.poll(() => server.json(['ls', '--cid', first.cid]), { timeout: 30_000 }).toHaveLength(1)
      interrupt.abort()
      return new Promise(() => undefined) // for ever
    })
    try {
      const args = ['import', 'psa', `${other.url}/psa`, 'good', '--gateway', other.url]
      const run = await runCli(args, {
        cwd: server.workDir,
        env: { PINYON_CONFIG_DIR: join(server.workDir, 'config'), PINYON_API: server.apiUrl },
        signal: interrupt.signal,
      })
      expect([run.code, run.stderr]).toEqual([
        130,
        '1 of 2 files are done. Run the same command again to go on.\nInterrupted.\n',
      ])
      expect((await server.json(args)).compared).toMatchObject({ imported: 1, wereHere: 1, missing: 0 })
    } finally {
      await other.close()
    }
  })

  it('says that nobody answers while it asks again, once, and goes on when somebody does', async () => {
    const sample = await sampleFile('late')
    const pins = [{ requestid: 'l', created: '2023-01-01T00:00:00.000Z', pin: { cid: sample.cid } }]
    let refusals = 3
    const other = await serve((asked) => {
      if (refusals-- > 0) throw new Error('nobody is there')
      return service(pins, [sample], 3)(asked)
    })
    try {
      const run = await server.run(['import', 'psa', `${other.url}/psa`, 'good', '--gateway', other.url])
      expect([run.code, run.stderr.match(/no answer from 127\.0\.0\.1:\d+: .+ It is asked again/g)]).toEqual([
        0,
        [expect.any(String)],
      ])
    } finally {
      await other.close()
    }
  })
})
