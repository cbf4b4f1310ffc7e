import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Block } from '../src/ipfs/block.ts'
import { findIpnsName } from '../src/ipfs/names/ipns-name.ts'
import { readCar } from '../src/ipfs/read-car.ts'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { pinBlocksOf, type LedgerServices } from './support/ledger.ts'
import { PresetNames } from './support/preset-names.ts'

const binary = process.env['CONFORMANCE_BIN']
const run = promisify(execFile)
/** This one lacks a block on purpose, which no upload is allowed to. */
const incomplete = /missing-block/

/** By hand: what it checks stands in tests of our own, which need nothing built from Go. */
const suites = binary === undefined ? [] : ['https://github.com/ipfs/gateway-conformance']

it('is tried where `CONFORMANCE_BIN` names its program, beside its sources', () => {
  if (suites.length === 0) console.info('CONFORMANCE_BIN is not set: the official gateway suite is not tried')
  expect(suites.length).toBe(binary === undefined ? 0 : 1)
})

describe.each(suites)('the official gateway suite of %s', () => {
  const names = new PresetNames()
  let app: TestApp
  let key: KeyValues
  let dir: string

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pinyon-suite-'))
    await suite(['extract-fixtures', '--merged=false', '--directory', dir])
    app = await startTestApp({
      nameSource: names,
      env: {
        PINYON_GATEWAY_SUBDOMAINS: 'example.com,localhost',
        PINYON_GATEWAY_PROXY: 'on',
        PINYON_DNSLINK: 'hosts',
        PINYON_TRUSTED_PROXIES: '127.0.0.1',
      },
    })
    key = await app.setUp()
    for (const file of await readdir(dir)) {
      const bytes = await readFile(join(dir, file))
      const name = findIpnsName(file.split(/[_.]/)[0] ?? '')
      if (file.endsWith('.ipns-record') && name !== undefined) names.setRecord(name, bytes)
      else if (incomplete.test(file)) await pinIncomplete(bytes)
      else if (file.endsWith('.car')) await upload(app, key, [[file, bytes]], { car: 'true' })
    }
    const { domains } = JSON.parse(await readFile(join(dir, 'dnslinks.json'), 'utf8')) as {
      domains: Record<string, string>
    } // as the suite writes it
    for (const [domain, path] of Object.entries(domains)) names.setLink(domain, path)
  }, 300_000)
  afterAll(async () => {
    await app?.close()
    await rm(dir, { recursive: true, force: true })
  })

  async function suite(args: string[]): Promise<string> {
    if (binary === undefined) throw new Error('there is no suite')
    const { stdout } = await run(binary, args, { cwd: dirname(binary), maxBuffer: 1 << 28 }).catch(
      (failed: { stdout: string }) => failed,
    )
    return stdout
  }

  async function pinIncomplete(car: Uint8Array): Promise<void> {
    const blocks: Block[] = []
    // Pieces are used again after `put`.
    const put = (block: Block) =>
      void blocks.push({
        ...block,
        multihash: block.multihash.slice(),
        bytes: block.bytes.map((piece) => piece.slice()),
      })
    const { roots } = await readCar(Readable.from([car]), { put })
    const [root] = roots
    if (root === undefined) throw new Error('the CAR has no root')
    await pinBlocksOf(app.services as LedgerServices, { root, blocks, accountId: 'suite' })
  }

  it('finds nothing to fail', async () => {
    const report = join(dir, 'report.json')
    const out = await suite([
      'test',
      '--gateway-url',
      app.gatewayUrl,
      '--subdomain-url',
      'http://example.com',
      '--json',
      report,
    ])
    const events = (await readFile(report, 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { Action: string; Test?: string })
    const named = (action: string) =>
      events.filter((each) => each.Action === action && each.Test !== undefined).map(({ Test }) => Test)
    console.info(`${named('pass').length} passed, ${named('fail').length} failed, ${named('skip').length} skipped`)
    expect(named('fail'), out.slice(-4_000)).toEqual([])
    expect(named('pass').length).toBeGreaterThanOrEqual(1_258)
  }, 600_000)
})
