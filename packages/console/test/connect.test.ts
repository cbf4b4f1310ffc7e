import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, type Ran } from '../../../acceptance/support/run.ts'
import { type KeyValues, removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { serveForeignPage } from './support/foreign-page.ts'
import { joinAsMember } from './support/join-as-member.ts'

const congratulations = 'Congratulations! You are communicating with the Pinata API!'
const checkout = fileURLToPath(new URL('../../../', import.meta.url))

let server: ReadyServer
let browser: Browser
/** Where the programs of the snippets lie; what they import is found there. */
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinyon-connect-'))
  await symlink(join(checkout, 'node_modules'), join(folder, 'node_modules'))
  server = await startReadyServer()
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
  await rm(folder, { recursive: true, force: true })
})

/** What stands on the page for a tool, by the titles of its steps, with the values of the owner's key in their places. */
async function readSteps(tool: string, label: string, form?: 'headers'): Promise<Map<string, string>> {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go(`/connect?tool=${tool}${form === undefined ? '' : `&form=${form}`}`, 'Connect')
  const { JWT, pinata_api_key, pinata_api_secret } = server.key
  await page.getByLabel('JWT of a key').fill(JWT)
  await page.getByLabel('Put it into the lines above').check()
  const blocks = await page
    .getByLabel(new RegExp(`^${label.replace(/[./()]/g, '\\$&')}: `))
    .evaluateAll((all) => all.map((each) => [each.getAttribute('aria-label') ?? '', each.textContent]))
  expect(complaints.all).toEqual([])
  await close()
  return new Map(
    blocks.map(([name = '', text = '']) => [
      name.slice(label.length + 2),
      text
        .replace('paste the Pinata API Key here', pinata_api_key)
        .replace('paste the Pinata API Secret here', pinata_api_secret),
    ]),
  )
}

/** Runs lines of a shell in the folder of the programs; any that fails ends them. */
async function runLines(lines: string, env: Record<string, string> = {}): Promise<Ran> {
  const ran = await run('sh', ['-e', '-c', lines], { cwd: folder, env, timeoutMs: 150_000 })
  expect(ran.code, `${lines}\n${ran.stdout}\n${ran.stderr}`).toBe(0)
  return ran
}

/** The steps that are a program's own, one after the other. */
function programOf(steps: Map<string, string>, names = ['Test authentication', 'Upload', 'List', 'Read back']): string {
  return names.map((name) => steps.get(name) ?? expect.fail(`there is no step ${name}`)).join('\n')
}

/** `python3`, or one of its own with requests where that is missing. */
async function findPython(): Promise<string> {
  if ((await run('python3', ['-c', 'import requests'])).code === 0) return 'python3'
  const own = join(folder, 'python')
  await runLines(`python3 -m venv ${own} && ${own}/bin/pip install --quiet requests==2.32.5`)
  return join(own, 'bin/python')
}

describe.each([undefined, 'headers'] as const)('as printed, the key shown as %s', (form) => {
  it('works with cURL', async () => {
    const steps = await readSteps('curl', 'cURL', form)
    const { stdout } = await runLines([...steps.values()].join('\n').replaceAll('curl ', 'curl -sS '))
    expect(stdout).toContain(congratulations)
    expect(stdout).toContain('"name":"hello.txt"')
    expect(stdout).toMatch(/Hello from Pinyon\n$/)
  })

  it('works with Node.js and axios', async () => {
    const steps = await readSteps('node', 'Node.js', form)
    await writeFile(join(folder, 'connect.mjs'), programOf(steps))
    const { stdout } = await runLines(`${steps.get('Key')}\n'${process.execPath}' connect.mjs`)
    expect(stdout).toContain(congratulations)
    expect(stdout).toMatch(/hello\.txt 18 bafkrei\w+\n/)
    expect(stdout).toContain('Hello from Pinyon\n')
  })

  it('works with Python and requests', { timeout: 180_000 }, async () => {
    const steps = await readSteps('python', 'Python', form)
    await writeFile(join(folder, 'connect.py'), programOf(steps))
    const { stdout } = await runLines(`${steps.get('Key')}\n${await findPython()} connect.py`)
    expect(stdout).toContain(congratulations)
    expect(stdout).toMatch(/hello\.txt 18 bafkrei\w+\n/)
    expect(stdout).toContain('Hello from Pinyon\n')
  })

  it('works with Go', { timeout: 180_000 }, async () => {
    const steps = await readSteps('go', 'Go', form)
    await writeFile(join(folder, 'connect.go'), programOf(steps, ['Program']))
    const { stdout } = await runLines(`${steps.get('Key')}\ngo run connect.go`)
    expect(stdout).toContain(congratulations)
    expect(stdout).toContain('"name":"hello.txt"')
    expect(stdout).toContain('200 OK Hello from Pinyon\n')
  })

  it('works with @pinata/sdk, its host redirected', async () => {
    const steps = await readSteps('pinata-sdk', '@pinata/sdk (npm)', form)
    await writeFile(join(folder, 'redirect.cjs'), programOf(steps, ['Redirect']))
    await writeFile(join(folder, 'connect.mjs'), programOf(steps))
    const { stdout } = await runLines(`${steps.get('Key')}\n'${process.execPath}' --require ./redirect.cjs connect.mjs`)
    expect(stdout).toContain('authenticated: true')
    expect(stdout).toMatch(/hello\.txt 18 bafkrei\w+\n/)
    expect(stdout).toContain('Hello from Pinyon\n')
  })
})

it('works as printed with npm pinata', async () => {
  const steps = await readSteps('pinata', 'pinata (npm)')
  await writeFile(join(folder, 'connect.mjs'), programOf(steps))
  const { stdout } = await runLines(`${steps.get('Key')}\n'${process.execPath}' connect.mjs`)
  expect(stdout).toContain(congratulations)
  expect(stdout).toMatch(/hello\.txt 18 bafkrei\w+\n/)
  expect(stdout).toContain('Hello from Pinyon\n')
})

it('works as printed with Uppy, in a page on another origin', async () => {
  const steps = await readSteps('uppy', 'Uppy')
  const script = join(folder, 'uppy.mjs')
  await writeFile(script, programOf(steps, ['Upload', 'Use it']))
  const foreign = await serveForeignPage(pathToFileURL(script).href)
  const { page, close } = await openConsole(browser, server, { as: null })
  const said = page.waitForEvent('console', (message) => message.text().includes('uploaded'))
  await page.goto(foreign.url)
  expect((await said).text()).toBe('1 uploaded, 0 failed')
  await close()
  foreign.close()
})

it('works as printed in CI, with what ./pinyon ephemeral gives a test', async () => {
  const steps = await readSteps('ci', 'CI')
  for (const title of ['On your machine', 'GitHub Actions', 'GitLab CI'])
    expect(steps.get(title)).toContain('pinyon ephemeral -- npm test')
  await writeFile(join(folder, 'connect.mjs'), programOf(steps, ['In a test']))
  const given = { PINYON_API: server.apiUrl, PINYON_JWT: server.key.JWT }
  expect((await runLines(`'${process.execPath}' connect.mjs`, given)).stdout).toContain('bafkrei')
})

it('prints the hook of React so that it can be read, with a link that takes one upload', async () => {
  const steps = await readSteps('react', 'React hook')
  expect(steps.get('In the page')).toContain("from 'pinata/react'")
  const server = `${programOf(steps, ['On your server: a link for one upload'])}\nconsole.log(await makeUploadLink())`
  await writeFile(join(folder, 'connect.mjs'), server)
  const { stdout } = await runLines(`${steps.get('Key')}\n'${process.execPath}' connect.mjs`)
  expect((await fetch(stdout.trim(), { method: 'HEAD' })).status).toBeLessThan(500)
})

it('leads programs with compiled-in hosts here by ./pinyon run', async () => {
  const steps = await readSteps('run', './pinyon run')
  const lines = programOf(steps, ['Key', 'Where to', 'Try it']).replaceAll('./pinyon', join(checkout, 'pinyon'))
  expect((await runLines(lines)).stdout).toContain(congratulations)
  const legacy = await readSteps('pinata-sdk', '@pinata/sdk (npm)')
  await writeFile(join(folder, 'connect.mjs'), programOf(legacy))
  const run = programOf(legacy, ['Key', 'Run'])
    .replace('./pinyon', join(checkout, 'pinyon'))
    .replace('-- node', `-- '${process.execPath}'`)
  const { stdout } = await runLines(run)
  expect(stdout).toContain('authenticated: true')
  expect(stdout).toContain('Hello from Pinyon\n')
})

it('works as printed with the command line and gateway addresses', async () => {
  const steps = await readSteps('command-line', './pinyon')
  const lines = [...steps.values()].join('\n').replaceAll('./pinyon', join(checkout, 'pinyon'))
  const { stdout } = await runLines(lines, { PINYON_CONFIG_DIR: folder })
  expect(stdout).toContain(server.apiUrl)
  expect(stdout).toContain('Hello from Pinyon\n')
  const gateway = await readSteps('gateway', 'Gateway URLs')
  const ran = await runLines(programOf(gateway, ['Read a file', 'Check every block yourself']))
  expect(ran.stdout).toContain('Hello from Pinyon\n')
  const saved = await fetch(programOf(gateway, ['Have browsers save it under a name']))
  expect(saved.headers.get('content-disposition')).toMatch(/^attachment;.*hello\.txt/)
})

it('says what to type for Kubo and IPFS Desktop', async () => {
  const kubo = await readSteps('kubo', 'ipfs pin remote')
  const { stdout } = await runLines(
    [
      // Stands in for Kubo's program: what the lines hand it is what this test is about.
      `ipfs() { if [ "$1" = add ]; then cat >/dev/null; echo bafkqaaa; else echo "ipfs $*"; fi }`,
      ...kubo.values(),
    ].join('\n'),
  )
  const jwt = server.key.JWT
  expect(stdout.split('\n')).toEqual([
    `ipfs pin remote service add pinyon ${server.apiUrl}/psa ${jwt}`,
    'ipfs pin remote add --service=pinyon --name=hello.txt bafkqaaa',
    'ipfs pin remote ls --service=pinyon',
    'ipfs pin remote ls --service=pinyon --status=queued,pinning,failed',
    'ipfs pin remote rm --service=pinyon --name=hello.txt --force',
    '',
  ])
  const desktop = await readSteps('desktop', 'IPFS Desktop')
  expect([...desktop]).toEqual([
    ['Nickname', 'pinyon'],
    ['API endpoint', `${server.apiUrl}/psa`],
    ['Secret access key', jwt],
  ])
})

it('offers a key that pins and no more, and says where pinning is refused', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/connect?tool=desktop', 'Connect')
  await page.getByRole('link', { name: 'a key that may pin and nothing else' }).click()
  await page.getByRole('heading', { name: 'New API Key', level: 1 }).waitFor()
  const abilities = page.getByRole('complementary', { name: 'This key' })
  await abilities.getByText('add pins').first().waitFor()
  await askApi(server, 'PATCH', '/pinyon/v1/account', { publicContent: 'refused' })
  await go('/connect?tool=kubo', 'Connect')
  await page.getByText('Pins by CID are public, and this account refuses public content.').waitFor()
  await askApi(server, 'PATCH', '/pinyon/v1/account', { publicContent: 'allowed' })
  expect(complaints.all).toEqual([])
  await close()
})

it('uploads privately and reads back with the key where public content is refused', async () => {
  await askApi(server, 'PATCH', '/pinyon/v1/account', { publicContent: 'refused' })
  const steps = await readSteps('node', 'Node.js')
  await askApi(server, 'PATCH', '/pinyon/v1/account', { publicContent: 'allowed' })
  await writeFile(join(folder, 'connect.mjs'), programOf(steps))
  const { stdout } = await runLines(`${steps.get('Key')}\n'${process.execPath}' connect.mjs`)
  expect(stdout).toContain('Hello from Pinyon\n')
  const { data } = await askApi<{ data: { files: unknown[] } }>(server, 'GET', '/v3/files/private')
  expect(data.files).toHaveLength(1)
})

async function test(page: Page, jwt: string): Promise<string> {
  await page.getByLabel('JWT of a key').fill(jwt)
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  const answer = page.getByRole('status', { name: 'Answer' })
  await answer.getByText(/answered \d+:|cannot stand in a header/).waitFor()
  return answer.innerText()
}

const makeKey = (keyName: string, more: object) =>
  askApi<KeyValues>(server, 'POST', '/v3/pinata/keys', { keyName, ...more })

describe('the test of a key', () => {
  it('shows the real answer to an admin key, sent without the cookie', async () => {
    const { page, go, complaints, close } = await openConsole(browser, server)
    await go('/connect', 'Connect')
    const asked = page.waitForRequest(/testAuthentication/)
    const answer = await test(page, ` ${server.key.JWT}\n`)
    expect(answer).toContain('This key works')
    expect(answer).toContain('answered 200')
    expect(answer).toContain(congratulations)
    const headers = await (await asked).allHeaders()
    expect(headers['authorization']).toBe(`Bearer ${server.key.JWT}`)
    expect(headers).not.toHaveProperty('cookie')
    expect(complaints.all).toEqual([])
    await close()
  })

  it('says what each of the four things people get stuck on means', async () => {
    const evil = `<img src=x onerror="document.title='pwned'">`
    const scoped = await makeKey(evil, { permissions: { endpoints: { files: { list: true } } }, maxUses: 7 })
    const short = await makeKey('short', { permissions: { admin: true }, expiresIn: 1 })
    const revoked = await makeKey('revoked', { permissions: { admin: true } })
    await askApi(server, 'PUT', `/v3/pinata/keys/${revoked.pinata_api_key}`)
    const { page, go, complaints, close } = await openConsole(browser, server)
    await go('/connect', 'Connect')

    const missing = await test(page, scoped.JWT)
    expect(missing).toContain('answered 403')
    expect(missing).toContain('NO_SCOPES_FOUND')
    expect(missing).toContain('Missing permission')
    expect(missing).toContain(`whoami: ${evil}`)
    expect(missing).toContain('7 uses left')

    const malformed = await test(page, 'undefined')
    expect(malformed).toContain('answered 401')
    expect(malformed).toContain('Malformed header')

    const gone = await test(page, revoked.JWT)
    expect(gone).toContain('answered 403')
    expect(gone).toContain('Revoked or regenerated')

    const isOver = async () => (await fetch(`${server.apiUrl}/pinyon/v1/whoami`, bearer(short.JWT))).status
    await expect.poll(isOver, { timeout: 10_000 }).toBe(401)
    const expired = await test(page, short.JWT)
    expect(expired).toContain('TOKEN_EXPIRED')
    expect(expired).toContain('Expired')

    expect(await test(page, 'Ω')).toContain('cannot stand in a header')
    expect(await page.title()).toBe('Connect · Pinyon')
    expect(complaints.all).toEqual([])
    await close()
  })

  it('leaves nothing of the key behind', async () => {
    const { page, go, close } = await openConsole(browser, server)
    await go('/connect', 'Connect')
    await test(page, server.key.JWT)
    await page.getByLabel('Put it into the lines above').check()
    expect(await page.content()).toContain(server.key.JWT)
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'Connect', level: 1 }).waitFor()
    expect(await page.getByLabel('JWT of a key').inputValue()).toBe('')
    expect(await page.content()).not.toContain(server.key.JWT)
    const kept = () => JSON.stringify([localStorage, sessionStorage, history.state, location.href])
    expect(await page.evaluate(kept)).not.toContain(server.key.JWT)
    // A browser may keep the whole page to show it again at once; before that it says that it hides it.
    await test(page, server.key.JWT)
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })))
    await expect.poll(() => page.getByLabel('JWT of a key').inputValue()).toBe('')
    expect(await page.getByRole('status', { name: 'Answer' }).innerText()).toBe('')
    await close()
  })
})

it('leads to a key that may upload and nothing else', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/connect', 'Connect')
  await page.getByRole('link', { name: 'a key that may upload and nothing else' }).click()
  await page.getByRole('heading', { name: 'New API Key', level: 1 }).waitFor()
  expect(new URL(page.url()).searchParams.get('preset')).toBe('upload-only')
  await close()
})

it('tells members who makes keys', async () => {
  const member = await joinAsMember(server, 'ben@example.test')
  const { page, go, close } = await openConsole(browser, server, { as: member })
  await go('/connect', 'Connect')
  const button = page.getByRole('button', { name: 'New API Key' })
  expect(await button.getAttribute('aria-disabled')).toBe('true')
  expect(await button.getAttribute('title')).toContain('owner')
  await close()
})

it.each(['light', 'dark'] as const)('shuts nobody out, %s', async (theme) => {
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 640 })
  await go('/connect', 'Connect')
  const tools = page.getByRole('navigation', { name: 'Tools' }).getByRole('link')
  for (const tool of await tools.all()) {
    await tool.click()
    await expect.poll(() => tool.getAttribute('aria-current')).toBe('page')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
    expect(await findBarriers(page)).toEqual([])
  }
  expect(new URL(page.url()).searchParams.get('tool')).toBe('gateway')
  await test(page, 'mistyped')
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})

function bearer(jwt: string): RequestInit {
  return { headers: { authorization: `Bearer ${jwt}` } }
}
