import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from './support/run.ts'
import { removeData, setUp, startServer, type KeyValues, type TestServer } from './support/server.ts'

const program = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url))
const digest = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const big = randomBytes(3_000_001)
const page = '<!doctype html><title>Pines</title>'
const absent = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyka'

describe('clients of gateways, unmodified', () => {
  let server: TestServer
  let key: KeyValues
  let site: string
  let json: string
  let hidden: string
  let dir: string

  beforeAll(async () => {
    server = await startServer()
    key = await setUp(server)
    dir = await mkdtemp(join(tmpdir(), 'pinyon-gateway-clients-'))
    const many = Array.from({ length: 2_000 }, (_, i) => [`s/many/file-${i}.txt`, `file ${i}`] as const)
    site = await upload([['s/index.html', page], ['s/media/big.bin', big], ['s/a b/ü.txt', 'words'], ...many])
    json = await upload([['pines.json', '{"pines":[1,2]}']])
    hidden = await upload([['hidden.txt', 'nobody sees this']], 'private')
  })
  afterAll(async () => {
    await server.stop()
    await removeData(server)
    await rm(dir, { recursive: true, force: true })
  })

  async function upload(files: readonly (readonly [string, string | Uint8Array])[], network = 'public') {
    const form = new FormData()
    form.append('network', network)
    for (const [name, content] of files) form.append('file', new Blob([Buffer.from(content)]), name)
    const answer = await fetch(`${server.apiUrl}/v3/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.JWT}` },
      body: form,
    })
    expect(answer.status).toBe(200)
    return ((await answer.json()) as { data: { cid: string } }).data.cid // what an upload answers
  }

  // oxlint-disable-next-line no-explicit-any -- as the programs print it
  async function runProgram(name: string): Promise<Record<string, any>> {
    const env = { GATEWAY: server.gatewayUrl, SITE: site, JSON_CID: json, ABSENT: absent, PRIVATE: hidden }
    const ran = await run(process.execPath, [program(name)], { env, timeoutMs: 110_000 })
    expect(ran.code, ran.stderr).toBe(0)
    return JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown> // the last line is the outcome
  }

  it('Helia’s verified fetch reads files, ranges, pages, JSON and CARs, and nothing private', async () => {
    const outcome = await runProgram('verified-fetch.mjs')
    expect(outcome['direct']).toMatchObject({
      page: { status: 200, digest: digest(page) },
      big: { status: 200, digest: digest(big) },
      none: { status: 404 },
    })
    expect(outcome).toMatchObject({
      page: { status: 200, digest: digest(page) },
      big: { status: 200, digest: digest(big) },
      range: { status: 206, digest: digest(big.subarray(1_000_000, 2_000_000)) },
      tail: { status: 206, digest: digest(big.subarray(-7)) },
      many: { status: 200, digest: digest('file 1234') },
      json: { status: 200, digest: digest('{"pines":[1,2]}') },
      head: { status: 200, size: 0 },
      raw: { status: 200 },
      car: { status: 200 },
      none: { status: 404 },
    })
    expect(outcome['car'].size).toBeGreaterThan(big.length)
    expect(outcome['absent'].status).not.toBe(200)
    expect(outcome['hidden']).toEqual(outcome['absent'])
  })

  it('ipfs-unixfs-exporter finds every file in a CAR of a site, and a part of one in a CAR of that part', async () => {
    const { files, range, blocks } = await runProgram('export-car.mjs')
    expect(Object.keys(files)).toHaveLength(2_003)
    expect(files).toMatchObject({
      'index.html': digest(page),
      'media/big.bin': digest(big),
      'a b/ü.txt': digest('words'),
      'many/file-1999.txt': digest('file 1999'),
    })
    expect(range).toBe(digest(big.subarray(1_000_000, 2_000_000)))
    expect(blocks[1]).toBeLessThan(12)
  })

  it('curl goes on where a download broke off, asks whether it changed, and saves under the name it is given', async () => {
    const url = `${server.gatewayUrl}/ipfs/${site}/media/big.bin`
    const curl = async (...args: string[]) => {
      const { code, stdout, stderr } = await run('curl', ['--silent', '--show-error', ...args], { cwd: dir })
      expect(code, stderr).toBe(0)
      return stdout
    }
    await writeFile(join(dir, 'part'), big.subarray(0, 1_234_567))
    await curl('--continue-at', '-', '--output', 'part', url)
    expect(digest(await readFile(join(dir, 'part')))).toBe(digest(big))
    const said = '%{http_code} %{size_download}'
    expect(await curl('--etag-save', 'tag', '--output', 'whole', '--write-out', said, url)).toBe('200 3000001')
    expect(await curl('--etag-compare', 'tag', '--output', 'again', '--write-out', said, url)).toBe('304 0')
    await curl('--remote-name', '--remote-header-name', `${url}?filename=pines.bin`)
    expect(digest(await readFile(join(dir, 'pines.bin')))).toBe(digest(big))
    const parts = await curl('--range', '0-1,5-6', '--output', '-', url)
    expect(parts).toContain('Content-Range: bytes 5-6/3000001')
    // As a folder, and followed to where it leads.
    expect(await curl('--location', `${server.gatewayUrl}/ipfs/${site}`)).toBe(page)
    expect(await curl('--head', url)).toMatch(/content-length: 3000001/i)
    await curl('--output', 'site.tar', `${server.gatewayUrl}/ipfs/${site}/media?format=tar`)
    expect((await readFile(join(dir, 'site.tar'))).length).toBeGreaterThan(big.length)
  })
})
