import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { totpCode } from './support/totp-code.ts'
import { openConsole, owner, type ReadyServer, startReadyServer } from './support/console-page.ts'

const evil = `<img src=x onerror="document.title='pwned'">`

let server: ReadyServer
let browser: Browser

beforeAll(async () => {
  server = await startReadyServer({ PINYON_SIGNUP: 'request', PINYON_DEFAULT_QUOTA: '5000', PINYON_RATE_LIMITS: 'off' })
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

it(
  'turns a second step on with a picture made here, signs in with it, and turns it off',
  { timeout: 120_000 },
  async () => {
    const { page, go, complaints, close } = await openConsole(browser, server)
    const elsewhere: string[] = []
    page.on('request', (request) => {
      if (!request.url().startsWith(server.apiUrl) && !request.url().startsWith('data:')) elsewhere.push(request.url())
    })
    await go('/account', 'Account')
    await page.getByRole('button', { name: 'Use an authenticator app' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Password', { exact: true }).fill('not the password')
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await dialog.getByRole('alert').getByText('SIGN_IN_FAILED').waitFor()
    await dialog.getByLabel('Password', { exact: true }).fill(owner.password)
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await dialog.getByRole('img', { name: /Picture for the authenticator app/ }).waitFor()
    const secret = await dialog.getByLabel('Secret', { exact: true }).inputValue()
    expect(await findBarriers(page)).toEqual([])
    await dialog.getByLabel('Code').fill('000000')
    await dialog.getByRole('button', { name: 'Turn on' }).click()
    await dialog.getByRole('alert').getByText('The code is wrong').waitFor()
    await dialog.getByLabel('Code').fill(totpCode(secret))
    await dialog.getByRole('button', { name: 'Turn on' }).click()
    const shown = await dialog.getByLabel('recovery codes', { exact: true }).innerText()
    const codes = shown.trim().split('\n')
    expect(codes).toHaveLength(10)
    await dialog.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByText('10 of 10 recovery codes are left').waitFor()
    expect(await page.content()).not.toContain(codes[0])
    // Elsewhere: password, then a recovery code.
    const other = await openConsole(browser, server, { as: null })
    await other.go('/sign-in', 'Sign in')
    await other.page.getByLabel('E-mail').fill(owner.email)
    await other.page.getByLabel('Password', { exact: true }).fill(owner.password)
    await other.page.getByRole('button', { name: 'Sign in' }).click()
    await other.page.getByText('Now the code of your authenticator app').waitFor()
    expect(await findBarriers(other.page)).toEqual([])
    await other.page.getByLabel('Code').fill('123456')
    await other.page.getByRole('button', { name: 'Sign in' }).click()
    await other.page.getByRole('alert').getByText('The code is wrong').waitFor()
    await other.page.getByLabel('Code').fill(codes[0] ?? '')
    await other.page.getByRole('button', { name: 'Sign in' }).click()
    await other.page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
    await other.close()
    await page.getByRole('button', { name: 'New recovery codes' }).click()
    await dialog.getByLabel('Password', { exact: true }).fill(owner.password)
    await dialog.getByLabel('Code').fill(codes[1] ?? '')
    await dialog.getByRole('button', { name: 'Make new codes' }).click()
    const fresh = (await dialog.getByLabel('recovery codes', { exact: true }).innerText()).trim().split('\n')
    await dialog.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByRole('button', { name: 'Turn off' }).click()
    await dialog.getByLabel('Password', { exact: true }).fill(owner.password)
    await dialog.getByLabel('Code').fill(fresh[0] ?? '')
    await dialog.getByRole('button', { name: 'Turn off' }).click()
    await page.getByText('Off. The password alone signs you in.').waitFor()
    expect(elsewhere).toEqual([])
    expect(complaints.all).toEqual([])
    await close()
  },
)

it('lets people ask for an account, and the operator accept or refuse', async () => {
  const visitor = await openConsole(browser, server, { as: null })
  await visitor.go('/sign-in', 'Sign in')
  await visitor.page.getByRole('link', { name: 'Ask for one' }).click()
  await visitor.page.getByRole('heading', { name: 'Ask for an account', level: 1 }).waitFor()
  expect(await findBarriers(visitor.page)).toEqual([])
  await visitor.page.getByLabel('E-mail').fill('ann@example.test')
  await visitor.page.getByLabel(/^Your name/).fill(evil)
  await visitor.page.getByLabel('What you would keep here').fill('photos')
  await visitor.page.getByRole('button', { name: 'Ask for an account' }).click()
  await visitor.page.getByRole('heading', { name: 'Asked', level: 1 }).waitFor()
  await fetch(`${server.apiUrl}/pinyon/v1/sign-up/requests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'spam@example.test' }),
  })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/operator', 'Operator')
  const requests = page.getByRole('table', { name: 'Requests for accounts' })
  await requests.getByText(evil).waitFor()
  expect(await page.title()).toBe('Operator · Pinyon')
  await requests.getByRole('button', { name: 'Accept ann@example.test' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Make account' }).click()
  const url = await dialog.getByLabel('Invite link', { exact: true }).inputValue()
  expect(await findBarriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Done' }).click()
  await requests.getByRole('button', { name: 'Refuse spam@example.test' }).click()
  await dialog.getByRole('button', { name: 'Refuse' }).click()
  await requests.waitFor({ state: 'hidden' })
  expect(url).toContain('/invite#token=')
  const { accounts } = await askApi<{ accounts: { email: string; quotaBytes: number }[] }>(
    server,
    'GET',
    '/pinyon/v1/accounts',
  )
  expect(accounts.find(({ email }) => email === 'ann@example.test')?.quotaBytes).toBe(5_000_000_000)
  expect([...complaints.all, ...visitor.complaints.all]).toEqual([])
  await visitor.close()
  await close()
})

it('makes a link for joining, by which somebody joins and signs in, and ends it', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/operator', 'Operator')
  await page.getByRole('button', { name: 'New link' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Accounts that it makes').fill('3')
  await dialog.getByLabel('Note').fill('the club')
  await dialog.getByRole('button', { name: 'Make link' }).click()
  const url = await dialog.getByLabel('Link for joining', { exact: true }).inputValue()
  await dialog.getByRole('button', { name: 'Done' }).click()
  const visitor = await openConsole(browser, server, { as: null })
  await visitor.page.goto(url)
  await visitor.page.getByText('5.0 GB').or(visitor.page.getByText('4.7 GiB')).waitFor()
  expect(visitor.page.url()).not.toContain('token')
  await visitor.page.getByLabel('E-mail').fill('bob@example.test')
  await visitor.page.getByLabel('Password', { exact: true }).fill('short')
  await visitor.page.getByRole('button', { name: 'Join' }).click()
  await visitor.page.getByRole('alert').getByText('at least 10').waitFor()
  await visitor.page.getByLabel('Password', { exact: true }).fill('a password of mine')
  await visitor.page.getByLabel('Name of your account').fill('Bob')
  await visitor.page.getByRole('button', { name: 'Join' }).click()
  await visitor.page.getByRole('link', { name: 'Sign in' }).click()
  await visitor.page.getByLabel('E-mail').fill('bob@example.test')
  await visitor.page.getByLabel('Password', { exact: true }).fill('a password of mine')
  await visitor.page.getByRole('button', { name: 'Sign in' }).click()
  await visitor.page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
  await go('/operator', 'Operator')
  await page.getByRole('table', { name: 'Links for joining' }).getByText('1 of 3').waitFor()
  await page.getByRole('button', { name: 'End the link the club' }).click()
  await dialog.getByRole('button', { name: 'End link' }).click()
  await page.getByRole('table', { name: 'Links for joining' }).getByText('ended').waitFor()
  await visitor.page.goto(url)
  await visitor.page.reload()
  await visitor.page.goto(`${server.apiUrl}/sign-in`)
  await visitor.page.goto(url)
  await visitor.page.getByRole('alert').getByText('unknown, used up or over').waitFor()
  expect(complaints.all).toEqual([])
  await visitor.close()
  await close()
})

it('takes content down after asking again, and allows it', async () => {
  const form = new FormData()
  form.append('network', 'public')
  form.append('file', new Blob(['to be taken down']), 'bad.txt')
  const uploaded = await fetch(`${server.apiUrl}/v3/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key.JWT}` },
    body: form,
  })
  const { cid } = ((await uploaded.json()) as { data: { cid: string } }).data
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/operator', 'Operator')
  await page.getByText('Nothing is taken down').waitFor()
  await page.getByRole('button', { name: 'Take content down' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('CID').fill('/ipfs/')
  await dialog.getByLabel('Reason').fill(evil)
  await dialog.getByRole('button', { name: 'Take down' }).click()
  await dialog.getByRole('alert').getByText('INVALID_CID').waitFor()
  await dialog.getByLabel('CID').fill(cid)
  await dialog.getByRole('button', { name: 'Take down' }).click()
  await dialog.getByText('Your own account holds it').waitFor()
  expect(await findBarriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Take it down all the same' }).click()
  const table = page.getByRole('table', { name: 'Taken down' })
  await table.getByText(evil).waitFor()
  expect((await fetch(`${server.gatewayUrl}/ipfs/${cid}`)).status).toBe(410)
  await table.getByRole('button', { name: `Allow again ${cid}` }).click()
  await dialog.getByRole('button', { name: 'Allow again' }).click()
  await page.getByText('Nothing is taken down').waitFor()
  expect((await fetch(`${server.gatewayUrl}/ipfs/${cid}`)).status).toBe(200)
  await page.getByRole('table', { name: 'Settings in force' }).getByText('PINYON_SIGNUP').waitFor()
  expect(await page.title()).toBe('Operator · Pinyon')
  expect(complaints.all).toEqual([])
  await close()
})

it.each(['light', 'dark'] as const)('shuts nobody out, %s', { timeout: 120_000 }, async (theme) => {
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 640 })
  for (const [path, heading] of [
    ['/operator', 'Operator'],
    ['/account', 'Account'],
  ] as const) {
    // prettier-ignore
    await go(path, heading)
    await page.getByRole('heading', { name: path === '/operator' ? 'Settings in force' : 'Second step' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
    expect(await findBarriers(page)).toEqual([])
  }
  expect(complaints.all).toEqual([])
  await close()
  const visitor = await openConsole(browser, server, { theme, width: 320, height: 640, as: null })
  await visitor.go('/sign-up', 'Ask for an account')
  await visitor.page.getByLabel('E-mail').waitFor()
  expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  expect(await findBarriers(visitor.page)).toEqual([])
  expect(visitor.complaints.all).toEqual([])
  await visitor.close()
})
