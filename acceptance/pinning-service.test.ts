import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from './support/run.ts'
import { removeData, setUp, startServer, type KeyValues, type TestServer } from './support/server.ts'

const ours = fileURLToPath(new URL('pinning/', import.meta.url))
/** The checker writes its reports beside its own files, by host name: each server here has an address of its own. */
const hosts = { compatible: '127.0.0.1', strict: '127.0.0.2' } as const

let installed: string
const servers: Partial<Record<keyof typeof hosts, { server: TestServer; key: KeyValues }>> = {}

beforeAll(async () => {
  installed = await mkdtemp(join(tmpdir(), 'pinyon-pinning-'))
  await cp(ours, installed, { recursive: true })
  // Nothing that is installed runs a script: one of them would download a Kubo that no check uses.
  const ran = await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: installed,
    timeoutMs: 240_000,
  })
  if (ran.code !== 0) throw new Error(ran.stderr)
  for (const mode of ['compatible', 'strict'] as const) {
    const server = await startServer({
      env: { PINYON_API_LISTEN: `${hosts[mode]}:0`, PINYON_PSA_STATUS_DEFAULT: mode },
    })
    servers[mode] = { server, key: await setUp(server) }
  }
}, 300_000)

afterAll(async () => {
  for (const { server } of Object.values(servers)) {
    await server.stop()
    await removeData(server)
  }
  await rm(installed, { recursive: true, force: true })
})

/** Runs the official checker; its exit code says nothing, so its report must be there and its headings are read. */
async function check(mode: keyof typeof hosts): Promise<{ total: number; passed: number; failed: string[] }> {
  const { server, key } = started(mode)
  const checker = join(installed, 'node_modules/@ipfs-shipyard/pinning-service-compliance/dist')
  const report = join(checker, 'docs', hosts[mode])
  await rm(`${report}.json`, { force: true })
  const ran = await run(
    process.execPath,
    [
      '--import',
      join(installed, 'local-spec.mjs'),
      join(checker, 'src/index.js'),
      '-s',
      `${server.apiUrl}/psa`,
      key.JWT,
    ],
    { timeoutMs: 240_000 },
  )
  const text = await readFile(`${report}.json`, 'utf8').catch(() => undefined)
  if (text === undefined) throw new Error(`no report:\n${ran.stdout}\n${ran.stderr}`)
  const { total, passed } = JSON.parse(text) as { total: number; passed: number } // what the checker writes
  const headings = [...(await readFile(`${report}.md`, 'utf8')).matchAll(/^#+ (.+) - .*FAILED/gim)]
  return { total, passed, failed: headings.map(([, heading]) => String(heading)) }
}

function started(mode: keyof typeof hosts): { server: TestServer; key: KeyValues } {
  const made = servers[mode]
  if (made === undefined) throw new Error(`the server in mode ${mode} was not started`)
  return made
}

it('passes the official compliance checker, 9 of 9', { timeout: 300_000 }, async () => {
  const { total, passed, failed } = await check('compatible')
  expect({ total, passed, failed }).toEqual({ total: 9, passed: 9, failed: [] })
})

it(
  'fails of it, where the status default is strict, the one check that asks otherwise',
  { timeout: 300_000 },
  async () => {
    const { total, passed, failed } = await check('strict')
    expect({ total, passed }).toEqual({ total: 9, passed: 8 })
    expect(failed).toHaveLength(5)
    for (const heading of failed) expect(heading).toMatch(/^Can (retrieve|create a) pin with name/)
  },
)

it('serves Kubo’s client library: add, ls by every filter, replace, rm', { timeout: 300_000 }, async () => {
  const { server } = started('compatible')
  const key = await makeKey(server, started('compatible').key)
  const ran = await run('go', ['run', '.'], {
    cwd: join(ours, 'boxo'),
    env: { ENDPOINT: `${server.apiUrl}/psa`, JWT: key },
    timeoutMs: 240_000,
  })
  expect(ran.code, ran.stderr).toBe(0)
  const { gone, twice, stranger } = JSON.parse(ran.stdout) as Record<string, string> // as the program prints it
  expect([gone, twice]).toEqual([expect.stringContaining('NOT_FOUND'), expect.stringContaining('NOT_FOUND')])
  expect(stranger).toContain('INVALID_CREDENTIALS')
})

it('serves Helia’s remote pinning: add, isPinned, get, setMetadata, ls, rm', { timeout: 60_000 }, async () => {
  const { server, key } = started('strict')
  const ran = await run(process.execPath, [join(installed, 'helia.mjs')], {
    env: {
      ENDPOINT: `${server.apiUrl}/psa/`,
      JWT: key.JWT,
      HELD: 'bafkqabtimvwgy3yk',
      WAITING: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyka',
    },
  })
  expect(ran.code, ran.stderr).toBe(0)
  const outcome = JSON.parse(ran.stdout) as Record<string, unknown> // as the program prints it
  expect(outcome).toMatchObject({
    added: 'bafkqabtimvwgy3yk',
    isPinned: true,
    got: { status: 'pinned', metadata: { app: 'helia' } },
    afterSetMetadata: { status: 'pinned', metadata: { app: 'helia', step: '2' } },
    found: [{ status: 'pinned', name: 'from Helia', metadata: { app: 'helia', step: '2' } }],
    waitingIsPinned: false,
    removed: 'bafkqabtimvwgy3yk',
    isPinnedAfterwards: false,
    getAfterwards: 'NotFoundError',
  })
  expect(outcome).not.toHaveProperty('tooSoon')
  expect(outcome['dialled']).not.toEqual([])
})

/** A key of a preset's scopes, as somebody would give it to Kubo. */
async function makeKey(server: TestServer, admin: KeyValues): Promise<string> {
  const answer = await fetch(`${server.apiUrl}/v3/pinata/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin.JWT}` },
    body: JSON.stringify({
      keyName: 'Kubo',
      permissions: { endpoints: { psa: { add: true, list: true, get: true, replace: true, remove: true } } },
    }),
  })
  return ((await answer.json()) as KeyValues).JWT // what the creation of a key answers
}
