import { endpoints } from '@pinyon/contract/permissions.ts'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { askApi } from './support/ask-api.ts'
import { openConsole, owner, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { joinAsMember } from './support/join-as-member.ts'
import { getKeyByName, makeKey, runSdk, statusOf } from './support/keys.ts'

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

it('revokes a key from the list, after saying who used it last; the SDK is refused in words', async () => {
  const { JWT } = await makeKey(server, 'stolen', { permissions: { admin: true } })
  const before = await runSdk(server, JWT)
  expect(before['uploadPublic']?.error).toBeUndefined()
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/keys', 'API keys')
  await page.getByRole('button', { name: 'What to do with stolen' }).click()
  await page.getByRole('menuitem', { name: 'Revoke…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Revoke stolen' })
  await dialog.getByText(/Used (now|.* ago) by 127\.0\.0\.1, filesGet\./).waitFor()
  await dialog.getByText('The next request with this key is refused everywhere.').waitFor()
  await dialog.getByRole('button', { name: 'Revoke key' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page
    .getByRole('row', { name: /stolen/ })
    .getByText('revoked')
    .filter({ visible: true })
    .waitFor()

  const after = await runSdk(server, JWT)
  expect(after['uploadPublic']).toMatchObject({
    status: 401,
    message: expect.stringMatching(/This key was revoked on/),
  })
  await page.getByRole('button', { name: 'What to do with stolen' }).click()
  for (const deed of ['Regenerate…', 'Revoke…']) {
    const item = page.getByRole('menuitem', { name: deed })
    expect(await item.getAttribute('aria-disabled')).toBe('true')
    expect(await item.getAttribute('title')).toMatch(/revoked/)
  }
  expect(complaints.all).toEqual([])
  await close()
})

it('shows one key: what it may do, what became of it, its public part to copy', async () => {
  const made = await makeKey(server, 'one key', { maxUses: 5 })
  await fetch(`${server.apiUrl}/v3/files/public`, { headers: { authorization: `Bearer ${made.JWT}` } })
  const { page, go, close } = await openConsole(browser, server)
  await go('/keys?name=one', 'API keys')
  const row = page.getByRole('row', { name: /one key/ })
  expect(await row.innerText()).toMatch(/list files\s+1 of 5\s+(now|.*ago)\s+filesList/)
  await row.getByRole('link', { name: 'one key' }).click()
  await page.getByRole('heading', { name: 'one key', level: 1 }).waitFor()
  const fact = (term: string) =>
    page
      .locator('dt', { hasText: new RegExp(`^${term}$`) })
      .locator('xpath=..')
      .innerText()
  expect(await fact('State')).toContain('Active')
  expect(await fact('Uses')).toContain('1 of 5')
  expect(await fact('Last used')).toMatch(/filesList, from 127\.0\.0\.1/)
  expect(await fact('Pinata API Key')).toContain(made.pinata_api_key)
  expect(await fact('Expires')).toContain('never')
  await page.getByRole('region', { name: 'It can', exact: true }).getByText('list files (Files)').waitFor()
  await page.getByRole('button', { name: `Files 1 of ${endpoints.files.length}` }).click()
  const files = page.getByRole('list', { name: 'Files' })
  expect(await files.getByRole('listitem').filter({ hasText: 'GET /v3/files/:network' }).first().innerText()).toMatch(
    /^Allowed:\s+list/,
  )
  await expect.poll(() => files.getByRole('switch').count()).toBe(0)

  await page.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await fact('State')).toContain('Revoked')
  const regenerate = page.getByRole('button', { name: 'Regenerate' })
  expect(await regenerate.getAttribute('aria-disabled')).toBe('true')
  expect(await regenerate.getAttribute('title')).toMatch(/revoked/)
  expect(await statusOf(server, made.JWT)).toBe(401)
  await close()
})

it('gives the focus back to what opened a dialog, also through a menu and from one dialog to the next', async () => {
  await makeKey(server, 'focussed')
  const { page, go, close } = await openConsole(browser, server)
  await go('/keys?name=focussed', 'API keys')
  const hasFocus = (target: Locator) => target.evaluate((element) => element === document.activeElement)
  const leave = async (opener: Locator) => {
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(() => hasFocus(opener)).toBe(true)
  }
  const call = page.getByRole('button', { name: 'As API call' })
  await call.press('Enter')
  await page.getByRole('dialog', { name: 'As API call' }).waitFor()
  await leave(call)
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Go to or do' }).waitFor()
  await leave(call)
  const menu = page.getByRole('button', { name: 'What to do with focussed' })
  for (const deed of ['Revoke…', 'Regenerate…']) {
    await menu.press('Enter')
    await page.getByRole('menuitem', { name: deed }).press('Enter')
    await page.getByRole('dialog').waitFor()
    await leave(menu)
  }
  await menu.press('Enter')
  await page.getByRole('menuitem', { name: 'Regenerate…' }).press('Enter')
  await page.getByRole('button', { name: 'Regenerate key' }).press('Enter')
  await page.getByRole('button', { name: 'Copy JWT' }).press('Enter')
  await page.getByRole('status').getByText('JWT copied').waitFor({ state: 'attached' })
  await leave(menu)
  await close()
})

it('says that a key is not here, and leads to those that are', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/keys/none', 'API key')
  expect(await page.getByRole('alert').innerText()).toContain('This account has no such key.')
  await page.getByRole('link', { name: 'All API keys' }).click()
  await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor()
  await close()
})

it('keeps the filters in the address, also when it is loaded again', async () => {
  await makeKey(server, 'filter limited', { maxUses: 3 })
  const used = await makeKey(server, 'filter exhausted', { maxUses: 1 })
  await fetch(`${server.apiUrl}/v3/files/public`, { headers: { authorization: `Bearer ${used.JWT}` } })
  await makeKey(server, 'filter plain')
  const { page, go, close } = await openConsole(browser, server)
  const names = () => page.getByRole('rowheader').getByRole('link').allInnerTexts()
  await go('/keys', 'API keys')
  await page.getByRole('searchbox', { name: 'Search by name' }).fill('FILTER')
  await page.waitForURL('**/keys?name=FILTER')
  await expect.poll(names).toEqual(['filter plain', 'filter exhausted', 'filter limited'])
  await page.getByRole('button', { name: 'limited', exact: true }).click()
  await expect.poll(names).toEqual(['filter exhausted', 'filter limited'])
  await page.getByRole('button', { name: 'exhausted', exact: true }).click()
  await expect.poll(names).toEqual(['filter exhausted'])
  await page.reload()
  await expect.poll(names).toEqual(['filter exhausted'])
  for (const chip of ['limited', 'exhausted']) {
    expect(await page.getByRole('button', { name: chip, exact: true }).getAttribute('aria-pressed')).toBe('true')
  }
  expect(await page.getByRole('searchbox', { name: 'Search by name' }).inputValue()).toBe('FILTER')
  await page.getByRole('button', { name: 'active', exact: true }).click()
  await expect.poll(names).toEqual(['filter limited'])
  await page.goBack()
  await expect.poll(names).toEqual(['filter exhausted'])
  await page.getByRole('button', { name: 'revoked', exact: true }).click()
  await page.getByRole('button', { name: 'Show all keys' }).click()
  await expect.poll(names).toContain('Set-up key')
  expect(new URL(page.url()).search).toBe('')
  expect(await page.getByRole('searchbox', { name: 'Search by name' }).inputValue()).toBe('')
  await go('/keys?state=lost&limited=perhaps&name=filter', 'API keys')
  await expect.poll(names).toHaveLength(3)
  await close()
})

it('tells members which permission is missing and who can give it', async () => {
  const as = await joinAsMember(server, 'member@example.test')
  const { page, go, close } = await openConsole(browser, server, { as })
  for (const [path, heading, permission] of [
    ['/keys', 'API keys', 'keys.list'],
    ['/keys/new', 'New API Key', 'keys.create'],
    [`/keys/${(await getKeyByName(server, 'Set-up key')).id}`, 'API key', 'keys.get'],
  ] as const) {
    await go(path, heading)
    const words = await page.getByRole('main').innerText()
    expect(words).toContain(`It takes the permission ${permission}`)
    expect(words).toContain('An owner of this account can make you an owner too.')
  }
  await close()
})

it('lets only operators give the scope operator', async () => {
  const as = { email: 'other@example.test', password: owner.password }
  const made = { name: 'Another', email: as.email }
  const { invite } = await askApi<{ invite: { token: string } }>(server, 'POST', '/pinyon/v1/accounts', made)
  await askApi(server, 'POST', '/pinyon/v1/invites/accept', { token: invite.token, password: as.password })
  const { page, go, close } = await openConsole(browser, server, { as })
  await go('/keys/new', 'New API Key')
  expect(await page.getByRole('switch', { name: 'Operator' }).isDisabled()).toBe(true)
  expect(await page.getByRole('switch', { name: 'Admin' }).isDisabled()).toBe(false)
  await page.getByText('Only operators of this installation can give it.').waitFor()
  await close()
})

it('goes through 250 keys, asking for more where the list ends', async () => {
  for (let made = 0; made < 250; made += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, index) => makeKey(server, `many ${made + index}`)))
  }
  const { page, go, close } = await openConsole(browser, server)
  await go('/keys?name=many', 'API keys')
  const links = page.getByRole('rowheader').getByRole('link')
  await links.first().waitFor()
  await expect.poll(() => links.count()).toBeLessThan(250)
  while ((await links.count()) < 250) {
    const before = await links.count()
    await page.mouse.wheel(0, 100_000)
    await expect.poll(() => links.count(), { timeout: 10_000 }).toBeGreaterThan(before)
  }
  expect(new Set(await links.allInnerTexts()).size).toBe(250)
  await expect.poll(() => page.getByRole('button', { name: 'Show more' }).count()).toBe(0)
  await close()
})

it('makes a key with less: what was used, within the same bounds, and what was refused when that is wanted', async () => {
  const { JWT } = await makeKey(server, 'generous', {
    permissions: { endpoints: { files: { list: true, get: true, update: true } } },
    bounds: { own: true, maxFileBytes: 1_000 },
  })
  const ask = (path: string, method = 'GET') =>
    fetch(`${server.apiUrl}${path}`, { method, headers: { authorization: `Bearer ${JWT}` } })
  expect((await ask('/v3/files/public')).status).toBe(200)
  expect((await ask('/v3/groups/public')).status).toBe(403)
  const { id } = await getKeyByName(server, 'generous')
  const told = (what: string) => askApi<Record<string, unknown[]>>(server, 'GET', `/pinyon/v1/keys/${id}/${what}`)
  // Uses and refusals are written down within seconds.
  await expect.poll(async () => (await told('advice'))['used'], { timeout: 60_000 }).toEqual(['files.list'])
  await expect.poll(async () => (await told('refusals'))['refusals'], { timeout: 60_000 }).toHaveLength(1)
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go(`/keys/${id}`, 'generous')
  await page.getByRole('link', { name: 'Make a smaller key' }).click()
  await page.getByText('1 of 3 permissions, within the same bounds').waitFor()
  expect(await page.getByRole('textbox', { name: 'Key Name' }).inputValue()).toBe('generous, smaller')
  expect(await findBarriers(page)).toEqual([])
  await page.getByRole('list', { name: 'Refused' }).getByRole('button', { name: 'Allow groups.list' }).click()
  await page.getByRole('button', { name: 'Create key' }).click()
  await page.getByRole('textbox', { name: 'JWT' }).waitFor()
  expect(await getKeyByName(server, 'generous, smaller')).toMatchObject({
    permissions: { endpoints: { files: { list: true }, groups: { list: true } } },
    bounds: { own: true, maxFileBytes: 1_000 },
  })
  expect(complaints.all).toEqual([])
  await close()
})
