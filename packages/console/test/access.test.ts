import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { removeData, startServer, type TestServer } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, owner, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { inviteTo } from './support/invite-to.ts'
import { joinAsMember } from './support/join-as-member.ts'
import { findSecrets } from './support/leftovers.ts'

let browser: Browser
let server: ReadyServer

beforeAll(async () => {
  browser = await launchBrowser()
  server = await startReadyServer({ PINYON_RATE_LIMITS: 'sign-in=3/900' })
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

it('leads from the link of the first start to the first key and into the files', async () => {
  const { fresh, token } = await startFresh()
  const { page, complaints, go, close } = await openConsole(browser, fresh, { as: null })
  await go(`/setup#token=${token}`, 'Set up')
  expect(page.url()).toBe(`${fresh.apiUrl}/setup`)
  await fillSetUp(page)
  await page.getByRole('textbox', { name: 'Account name' }).fill('Pine & Söhne')
  await page.getByRole('radio', { name: /^Refused/ }).check()
  await page.getByRole('button', { name: 'Set up' }).click()
  const dialog = page.getByRole('dialog', { name: 'API key Set-up key' })
  const values = {
    key: await dialog.getByRole('textbox', { name: 'Pinata API Key' }).inputValue(),
    secret: await dialog.getByRole('textbox', { name: 'Pinata API Secret' }).inputValue(),
    jwt: await dialog.getByRole('textbox', { name: 'JWT' }).inputValue(),
  }
  // A search that finds nothing now would find nothing afterwards either.
  expect(await findSecrets(page, Object.values(values))).toContain('fields')
  await dialog.getByRole('button', { name: 'Run' }).click()
  await dialog.getByText('Congratulations! You are communicating with the Pinata API!').waitFor()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await dialog.getByRole('alert').waitFor()
  await page.keyboard.press('Escape')
  await dialog.getByRole('button', { name: 'Back to the key' }).click()
  await dialog.getByRole('button', { name: 'Copy all' }).click()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
  expect(await readClipboard(page, fresh)).toBe(
    `Pinata API Key: ${values.key}\nPinata API Secret: ${values.secret}\nJWT: ${values.jwt}\n`,
  )
  expect(await findSecrets(page, [...Object.values(values), owner.password, token])).toEqual([])
  await page.getByRole('button', { name: 'Account Pine & Söhne' }).waitFor()
  const me = await fetch(`${fresh.apiUrl}/pinyon/v1/whoami`, { headers: { authorization: `Bearer ${values.jwt}` } })
  expect(await me.json()).toMatchObject({ publicContent: 'refused', account: { name: 'Pine & Söhne' } })
  // Neither the link with the token nor the page that showed the key is one step back.
  await page.goBack()
  expect(page.url()).toBe('about:blank')
  expect(complaints.all).toEqual([])
  await close()
})

it('gives the three values and the addresses of the server as a file', async () => {
  const { fresh, token } = await startFresh()
  const { page, go, close } = await openConsole(browser, fresh, { as: null })
  await go(`/setup#token=${token}`, 'Set up')
  await fillSetUp(page)
  const asked = page.waitForResponse((response) => response.url().endsWith('/pinyon/v1/whoami'))
  await page.getByRole('button', { name: 'Set up' }).click()
  await (await asked).finished()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download .env' }).click(),
  ])
  const text = await readFile(await download.path(), 'utf8')
  const jwt = await page.getByRole('textbox', { name: 'JWT' }).inputValue()
  expect(text).toMatch(
    /^PINATA_API_KEY=\S+\nPINATA_API_SECRET=\S+\nPINATA_JWT=\S+\nPINYON_API=\S+\nPINYON_GATEWAY=\S+\n$/,
  )
  expect(text).toContain(`PINATA_JWT=${jwt}\nPINYON_API=${fresh.apiUrl}\nPINYON_GATEWAY=${fresh.gatewayUrl}\n`)
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
  await close()
})

it('is no dead end when the page is loaded again: before, it asks for the token; afterwards, it leads to signing in', async () => {
  const { fresh, token } = await startFresh()
  const { page, go, close } = await openConsole(browser, fresh, { as: null })
  // Whether the server is set up is heard after that nobody is signed in: neither answer may undo the other.
  const isKnown = page.waitForResponse(`${fresh.apiUrl}/pinyon/v1/sessions/current`)
  await page.route('**/pinyon/v1/setup', async (route) => {
    await (await isKnown).finished()
    await route.continue()
  })
  await go('/sign-in', 'Sign in')
  await page.getByRole('link', { name: 'Set it up' }).click()
  await page.unroute('**/pinyon/v1/setup')
  await go(`/setup#token=${token}`, 'Set up')
  await page.reload()
  await page.getByRole('textbox', { name: 'Set-up token' }).fill(`pnset_wrong`)
  await fillSetUp(page)
  await page.getByLabel('Password', { exact: true }).fill('too short')
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByText('The password must be at least 10 characters; this has 9.').waitFor()
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByText('This is not the set-up token.').waitFor()
  await page.getByRole('textbox', { name: 'Set-up token' }).fill(` ${token} `)
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByRole('dialog', { name: 'API key Set-up key' }).waitFor()
  // The browser asks before the key is left behind uncopied.
  const asking = page.waitForEvent('dialog')
  const reloading = page.reload()
  const asked = await asking
  expect(asked.type()).toBe('beforeunload')
  await asked.accept()
  await reloading
  await page.getByRole('heading', { name: 'Set up already', level: 1 }).waitFor()
  await page.getByRole('link', { name: 'Sign in' }).click()
  // Signed in by set-up already.
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
  await close()
})

it('signs in with a password manager’s fields and goes on to where one was going', async () => {
  const { page, complaints, close } = await openConsole(browser, server, { as: null })
  await page.goto(`${server.apiUrl}/keys?name=a%26b#top`)
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
  expect(await page.getByRole('textbox', { name: 'E-mail' }).getAttribute('autocomplete')).toBe('username')
  expect(await page.getByLabel('Password', { exact: true }).getAttribute('autocomplete')).toBe('current-password')
  await signInAs(page, owner)
  await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor()
  expect(new URL(page.url()).searchParams.get('name')).toBe('a&b')
  expect(await findSecrets(page, [owner.password])).toEqual([])
  await page.goto(`${server.apiUrl}/sign-in`)
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it.each([
  '//evil.example/files',
  '/\\evil.example',
  'https://evil.example/',
  'javascript:alert(1)',
  '/files/../..//evil.example',
  '/%09/evil.example',
  '\t//evil.example',
])('follows no way out of the console: %j', async (from) => {
  const { page, close } = await openConsole(browser, server, { as: null })
  const elsewhere: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== server.apiUrl) elsewhere.push(request.url())
  })
  await page.goto(`${server.apiUrl}/sign-in?from=${encodeURIComponent(from)}`)
  await signInAs(page, owner)
  await page.getByRole('heading', { name: /^(Files|There is no such page)$/, level: 1 }).waitFor()
  expect(new URL(page.url()).origin).toBe(server.apiUrl)
  expect(elsewhere).toEqual([])
  await close()
})

it('says the same of a wrong password and an unknown address, and how long to wait after too many', async () => {
  const { page, go, close } = await openConsole(browser, server, { as: null })
  await go('/sign-in', 'Sign in')
  const words: string[] = []
  for (const email of ['throttled@example.test', 'nobody@example.test']) {
    await signInAs(page, { email, password: 'wrong password' })
    words.push(await page.getByRole('alert').innerText())
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
  }
  expect(words[0]).toBe(words[1])
  const answers = page.context().request
  for (let i = 0; i < 2; i++) {
    await answers.post(`${server.apiUrl}/pinyon/v1/sessions`, {
      data: { email: 'throttled@example.test', password: 'wrong password' },
    })
  }
  await signInAs(page, { email: 'throttled@example.test', password: 'wrong password' })
  await page.getByText(/^Too many tries: wait 1[45] min \d+ s\.$/).waitFor()
  const button = page.getByRole('button', { name: 'Sign in' })
  expect(await button.getAttribute('aria-disabled')).toBe('true')
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await button.click({ force: true })
  await page.getByLabel('Password', { exact: true }).press('Enter')
  expect(asked).toEqual([])
  await page.clock.install()
  await page.clock.fastForward(16 * 60_000)
  await expect.poll(() => button.getAttribute('aria-disabled')).toBeNull()
  await close()
})

it('says on plain http that is not this machine what signing in needs', async () => {
  const plain = await launchBrowser(undefined, ['--host-resolver-rules=MAP console.test 127.0.0.1'])
  onTestFinished(() => plain.close())
  const { page, go, close } = await openConsole(
    plain,
    { apiUrl: `http://console.test:${new URL(server.apiUrl).port}` },
    { as: null },
  )
  await go('/sign-in', 'Sign in')
  await page.getByText('Signing in needs https').waitFor()
  await page.getByText('PINYON_TLS=local').waitFor()
  expect(await page.evaluate(() => isSecureContext)).toBe(false)
  await close()
})

it('lets a new person in by an invite, with a password of their choice', async () => {
  const { token } = await inviteTo(server, 'new@example.test', 'member')
  const { page, complaints, go, close } = await openConsole(browser, server, { as: null })
  await go(`/invite#token=${token}`, 'Accept invite')
  expect(page.url()).toBe(`${server.apiUrl}/invite`)
  await page.getByText('as a member').waitFor()
  await page.getByLabel('Password', { exact: true }).fill('another horse battery')
  await page.getByRole('button', { name: /^Join/ }).click()
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
  expect(complaints.all).toEqual([])
  await go(`/invite#token=${token}`, 'Accept invite')
  await page.getByText('This invite is unknown, used or over. Ask for a new one.').waitFor()
  await page.goto(`${server.apiUrl}/invite`)
  await page.getByText('The token of the invite is missing.').waitFor()
  await close()
})

it('gives the first owner of a new account its first key, and a known person their second account', async () => {
  const made = await askApi<{ invite: { token: string } }>(server, 'POST', '/pinyon/v1/accounts', {
    name: 'Second',
    email: owner.email,
  })
  const { page, go, close } = await openConsole(browser, server, { as: null })
  await go(`/invite#token=${made.invite.token}`, 'Accept invite')
  await page.getByText('its first owner').waitFor()
  const password = page.getByLabel('Password', { exact: true })
  await password.fill('not my password')
  await page.getByRole('button', { name: 'Join Second' }).click()
  await page.getByRole('alert').waitFor()
  await password.fill(owner.password)
  await page.getByRole('button', { name: 'Join Second' }).click()
  const dialog = page.getByRole('dialog', { name: 'API key First key' })
  const jwt = await dialog.getByRole('textbox', { name: 'JWT' }).inputValue()
  await dialog.getByRole('button', { name: 'Copy JWT' }).click()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: 'Account Second' }).waitFor()
  expect(await findSecrets(page, [jwt, owner.password, made.invite.token])).toEqual([])
  await close()
})

it('sets a new password by the link that an administrator printed, once', async () => {
  const email = 'forgetful@example.test'
  await joinAsMember(server, email)
  const url = await printResetLink(server, email)
  const { page, close } = await openConsole(browser, server, { as: null })
  await page.goto(url)
  await page.getByLabel('New password', { exact: true }).fill('remembered horse battery')
  expect(page.url()).toBe(`${server.apiUrl}/reset-password`)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByRole('link', { name: 'Sign in' }).click()
  await signInAs(page, { email, password: 'remembered horse battery' })
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
  await page.goto(url)
  await page.getByLabel('New password', { exact: true }).fill('remembered horse battery')
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByText('This link is unknown, used or over.').waitFor()
  await close()
})

it.each(['light', 'dark'] as const)('shuts nobody out on the way in, at 320 px, %s', async (theme) => {
  const { fresh, token } = await startFresh()
  const opened = await openConsole(browser, fresh, { as: null, theme, width: 320, height: 640 })
  const { page, go, complaints } = opened
  const check = async () => {
    expect(await findBarriers(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  }
  await go('/sign-in', 'Sign in')
  await page.getByRole('link', { name: 'Set it up' }).waitFor()
  await check()
  await go('/setup', 'Set up')
  await page.getByRole('textbox', { name: 'Set-up token' }).fill(token)
  await fillSetUp(page)
  await check()
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click()
  await page.getByRole('region', { name: 'Answer' }).or(page.getByLabel('Answer')).first().waitFor()
  await page.getByRole('button', { name: 'Done' }).click()
  await check()
  await page.getByRole('button', { name: 'Close without it' }).click()
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
  await go('/reset-password#token=some', 'New password')
  await check()
  await page.goto((await inviteTo(server, `${'long'.repeat(15)}@example.test`, 'owner')).url)
  await page.getByLabel('Password', { exact: true }).waitFor()
  await check()
  await go('/invite#token=unknown', 'Accept invite')
  await page.getByRole('alert').waitFor()
  await check()
  expect(complaints.all).toEqual([])
  await opened.close()
})

async function startFresh(): Promise<{ fresh: TestServer; token: string }> {
  const fresh = await startServer()
  onTestFinished(async () => {
    await fresh.stop()
    await removeData(fresh)
  })
  return { fresh, token: (await readFile(join(fresh.dataDir, 'setup-token'), 'utf8')).trim() }
}

async function printResetLink({ dataDir, apiUrl }: TestServer, email: string): Promise<string> {
  const program = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, 'admin', 'reset-password', email, '--json', '--data-dir', dataDir],
    { env: { PATH: process.env['PATH'], HOME: dataDir, PINYON_API: apiUrl } },
  )
  return (JSON.parse(stdout) as { url: string }).url // what the command prints
}

/** The console's own pages may not read it. */
async function readClipboard(page: Page, { apiUrl }: TestServer): Promise<string> {
  const other = await page.context().newPage()
  await other.goto(`${apiUrl}/openapi.json`)
  const text = await other.evaluate(() => navigator.clipboard.readText())
  await other.close()
  return text
}

async function fillSetUp(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail' }).fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
}

async function signInAs(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail' }).fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
