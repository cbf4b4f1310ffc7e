import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from './support/run.ts'
import { removeData, setUp, startServer, type KeyValues, type TestServer } from './support/server.ts'

const congratulations = 'Congratulations! You are communicating with the Pinata API!'
const program = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url))

let server: TestServer
let key: KeyValues
let env: Record<string, string>

beforeAll(async () => {
  server = await startServer()
  key = await setUp(server)
  env = {
    PINYON_API: server.apiUrl,
    PINATA_JWT: key.JWT,
    PINATA_API_KEY: key.pinata_api_key,
    PINATA_API_SECRET: key.pinata_api_secret,
  }
})

afterAll(async () => {
  await server.stop()
  await removeData(server)
})

it('welcomes cURL, by bearer token and by custom headers', async () => {
  const url = `${server.apiUrl}/data/testAuthentication`
  const bearer = await run('curl', ['-sS', '-H', `Authorization: Bearer ${key.JWT}`, url])
  expect(JSON.parse(bearer.stdout)).toEqual({ message: congratulations })
  const headers = await run('curl', [
    '-sS',
    '-H',
    `pinata_api_key: ${key.pinata_api_key}`,
    '-H',
    `pinata_secret_api_key: ${key.pinata_api_secret}`,
    url,
  ])
  expect(JSON.parse(headers.stdout)).toEqual({ message: congratulations })
})

it('welcomes Node.js with axios, by bearer token and by custom headers', async () => {
  for (const form of ['bearer', 'headers']) {
    const ran = await run(process.execPath, [program('test-authentication.mjs')], { env: { ...env, FORM: form } })
    expect(ran.stdout.trim(), ran.stderr).toBe(congratulations)
  }
})

it('welcomes Python with requests', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-python-'))
  try {
    const made = await run('python3', ['-m', 'venv', dir])
    expect(made.code, made.stderr).toBe(0)
    const installed = await run(join(dir, 'bin/pip'), [
      'install',
      '--quiet',
      '--disable-pip-version-check',
      'requests==2.32.5',
    ])
    expect(installed.code, installed.stderr).toBe(0)
    const ran = await run(join(dir, 'bin/python'), [program('test_authentication.py')], { env })
    expect(ran.stdout.trim().split('\n'), ran.stderr).toEqual([congratulations, congratulations])
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})

it('welcomes Go with net/http', async () => {
  const ran = await run('go', ['run', program('test_authentication.go')], { env })
  expect(
    ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    ran.stderr,
  ).toEqual([{ message: congratulations }, { message: congratulations }])
})

/** `./pinyon run` with Pinata's own host in a program, and no help for Node from within. */
const runLed = (...command: string[]) => {
  const cli = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url))
  const led = ['env', '-u', 'NODE_OPTIONS', 'PINYON_API=https://api.pinata.cloud', 'FORM=bearer', ...command]
  return run(process.execPath, [cli, 'run', '--', ...led], { env })
}

it('leads axios and Go through the proxy of run, by its password', async () => {
  const axios = await runLed(process.execPath, program('test-authentication.mjs'))
  expect(axios.stdout.trim(), axios.stderr).toBe(congratulations)
  const go = await runLed('go', 'run', program('test_authentication.go'))
  expect(go.stdout.match(/Congratulations/g), go.stderr).toHaveLength(2)
  const script = 'export HTTPS_PROXY="$(echo "$HTTPS_PROXY" | sed s/run:/else:/)" https_proxy=; exec "$@"'
  const refused = await runLed('sh', '-c', script, 'sh', 'go', 'run', program('test_authentication.go'))
  expect([refused.code, refused.stderr]).not.toEqual([0, ''])
  expect(refused.stderr).toContain('Proxy Authentication Required')
})
