import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, owner, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { joinAsMember } from './support/join-as-member.ts'

const evil = `<img src=x onerror="document.title='pwned'">`
const gib = 1024 ** 3

interface Account {
  readonly id: string
  readonly name: string
  readonly quotaBytes: number | null
  readonly publicContent: string
  readonly disabledAt: string | null
}

let server: ReadyServer
let browser: Browser

beforeAll(async () => {
  server = await startReadyServer()
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

async function findAccount(name: string): Promise<Account> {
  const query = `/pinyon/v1/accounts?name=${encodeURIComponent(name)}`
  const { accounts } = await askApi<{ accounts: Account[] }>(server, 'GET', query)
  return accounts[0] ?? expect.fail(`there is no account ${name}`)
}

it('makes an account and shows the link for its owner once', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/operator', 'Operator')
  await page.getByRole('button', { name: 'New account' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('E-mail of its owner').fill('studio@example.test')
  await dialog.getByLabel('Name').fill(evil)
  await dialog.getByLabel('Quota in GiB').fill('ten')
  await dialog.getByRole('alert').getByText('A number of GiB').waitFor()
  await dialog.getByLabel('Quota in GiB').fill('0.5')
  await dialog.getByLabel(/^Refused/).check()
  await dialog.getByRole('button', { name: 'Make account' }).click()
  const url = await dialog.getByLabel('Invite link', { exact: true }).inputValue()
  expect(url).toContain(`${server.apiUrl}/invite#token=`)
  expect(await findBarriers(page)).toEqual([])
  // Not to be lost by a slip of the hand.
  await page.keyboard.press('Escape')
  await dialog.getByText('The link was not copied').waitFor()
  await dialog.getByRole('button', { name: 'Copy Invite link' }).click()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await dialog.waitFor({ state: 'hidden' })
  expect(await page.content()).not.toContain(url.split('#')[1])
  await page.getByRole('row').filter({ hasText: evil }).getByText('0 B of 512.0 MiB').waitFor()
  expect(await findAccount(evil)).toMatchObject({ quotaBytes: gib / 2, publicContent: 'refused' })
  const accepted = await fetch(`${server.apiUrl}/pinyon/v1/invites/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: url.split('#token=')[1], password: owner.password }),
  })
  expect(accepted.status).toBe(201)
  expect(await page.title()).toBe('Operator · Pinyon')
  expect(complaints.all).toEqual([])
  await close()
})

it('refuses what the server refuses, in its words', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/operator', 'Operator')
  await page.getByRole('button', { name: 'New account' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('E-mail of its owner').fill('nobody@example.test')
  await dialog.getByLabel('Name').fill('Nobody')
  await dialog.getByLabel('Quota in GiB').fill('9999999')
  await dialog.getByRole('button', { name: 'Make account' }).click()
  await dialog
    .getByRole('alert')
    .getByText(/quotaBytes/)
    .waitFor()
  expect(await dialog.getByLabel('Name').inputValue()).toBe('Nobody')
  await close()
})

it('changes name, quota and public content, and nothing that was not touched', async () => {
  await askApi(server, 'POST', '/pinyon/v1/accounts', {
    name: 'Larch',
    email: 'larch@example.test',
    quotaBytes: 12_345_678_901,
  })
  const { page, go, close } = await openConsole(browser, server)
  await go('/operator?name=larch', 'Operator')
  const change = async (name: string, label: string, value: string) => {
    await page.getByRole('button', { name: `Change ${name}` }).click()
    await page.getByRole('menuitem', { name: 'Change name, quota, public content' }).click()
    await page.getByRole('dialog').getByLabel(label).fill(value)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
  }
  await change('Larch', 'Name', 'Larch & Larch')
  await page.getByRole('button', { name: 'Change Larch & Larch' }).waitFor()
  expect(await findAccount('Larch')).toMatchObject({ name: 'Larch & Larch', quotaBytes: 12_345_678_901 })
  await change('Larch & Larch', 'Quota in GiB', '')
  await page.getByText('0 B, no quota').waitFor()
  expect(await findAccount('Larch')).toMatchObject({ quotaBytes: null, publicContent: 'allowed' })
  await close()
})

it('disables an account after a warning and lets it in again, but never the one acted from', async () => {
  await askApi(server, 'POST', '/pinyon/v1/accounts', { name: 'Cedar', email: 'cedar@example.test' })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/operator?name=cedar', 'Operator')
  await page.getByRole('button', { name: 'Change Cedar' }).click()
  await page.getByRole('menuitem', { name: 'Disable' }).click()
  await page.getByRole('dialog').getByText('refused everywhere at once').waitFor()
  expect(await findBarriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByRole('table').getByText('disabled').waitFor()
  expect((await findAccount('Cedar')).disabledAt).not.toBeNull()
  await page.getByRole('button', { name: 'Change Cedar' }).click()
  await page.getByRole('menuitem', { name: 'Enable' }).click()
  await page.getByRole('button', { name: 'Enable' }).click()
  await page.getByRole('table').getByText('active').waitFor()

  const { name } = await askApi<Account>(server, 'GET', '/pinyon/v1/account')
  await page.getByLabel('Name contains').fill(name)
  await page.getByRole('button', { name: `Change ${name}` }).click()
  const own = page.getByRole('menuitem', { name: 'Disable' })
  expect(await own.getAttribute('aria-disabled')).toBe('true')
  expect(await own.getAttribute('title')).toContain('lock you out')
  expect(complaints.all).toEqual([])
  await close()
})

it('keeps search and state in the address', async () => {
  const { id } = await askApi<{ account: Account }>(server, 'POST', '/pinyon/v1/accounts', {
    name: 'Juniper',
    email: 'juniper@example.test',
  }).then(({ account }) => account)
  await askApi(server, 'PATCH', `/pinyon/v1/accounts/${id}`, { disabled: true })
  const { page, go, close } = await openConsole(browser, server)
  await go('/operator', 'Operator')
  await page.getByLabel('Name contains').fill('juni')
  await page.getByLabel('State').selectOption('Disabled')
  await expect.poll(() => new URL(page.url()).search).toBe('?name=juni&state=disabled')
  await page.getByRole('button', { name: 'Change Juniper' }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Change Juniper' }).waitFor()
  expect(await page.getByLabel('Name contains').inputValue()).toBe('juni')
  await page.getByLabel('State').selectOption('Active')
  await page.getByRole('heading', { name: 'No such account' }).waitFor()
  await close()
})

it('rotates the signing key, and JWTs already given stay valid', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/operator', 'Operator')
  await page.getByRole('button', { name: 'Rotate the signing key' }).click()
  await page.getByRole('dialog').getByText('JWTs already given stay valid').waitFor()
  await page.getByRole('button', { name: 'Rotate', exact: true }).click()
  await page.getByText(/^Rotated\./).waitFor()
  expect(await findAccount('')).toBeDefined() // asked with the key of before
  const jwks = await askApi<{ keys: unknown[] }>(server, 'GET', '/.well-known/jwks.json')
  expect(jwks.keys).toHaveLength(2)
  await close()
})

it('tells everybody else which permission it takes', async () => {
  const member = await joinAsMember(server, 'ana@example.test')
  const { page, go, complaints, close } = await openConsole(browser, server, { as: member })
  await go('/operator', 'Operator')
  await page.getByRole('heading', { name: 'You may not see this' }).waitFor()
  await expect.poll(() => page.getByRole('link', { name: 'Operator' }).count()).toBe(0)
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})

it.each(['light', 'dark'] as const)('shuts nobody out, %s', async (theme) => {
  const long = { name: `${'Fichte'.repeat(30)} ${theme}`, email: `${'f'.repeat(60)}@example.test` }
  await askApi(server, 'POST', '/pinyon/v1/accounts', long)
  await askApi(server, 'POST', '/pinyon/v1/accounts', { name: 'صنوبر', email: 'rtl@example.test', quotaBytes: 0 })
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 640 })
  await go('/operator', 'Operator')
  await page.getByText(long.name).waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  expect(await findBarriers(page)).toEqual([])
  await page.getByRole('button', { name: 'New account' }).click()
  await page.getByRole('dialog').waitFor()
  expect(await findBarriers(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'As API call' }).first().click()
  await page.getByRole('dialog').getByText('/pinyon/v1/accounts').waitFor()
  expect(complaints.all).toEqual([])
  await close()
})
