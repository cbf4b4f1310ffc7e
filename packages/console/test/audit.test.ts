import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { wordsOf } from '../src/api/audit-actions.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { joinAsMember } from './support/join-as-member.ts'

const evil = `<img src=x onerror="document.title='pwned'">`

let server: ReadyServer
let browser: Browser

beforeAll(async () => {
  server = await startReadyServer()
  browser = await launchBrowser()
  // More lines than stand on one page; one of them tries to be HTML.
  await askApi(server, 'POST', '/v3/pinata/keys', { keyName: evil, permissions: { admin: true } })
  for (let i = 0; i < 120; i++) {
    await askApi(server, 'PATCH', '/pinyon/v1/account', { name: `Grove ${i}` })
  }
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

it('knows every action that the server writes in words', () => {
  const sources = fileURLToPath(new URL('../../server/src', import.meta.url))
  const written = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(test|suite)\.ts$/.test(name))
    .flatMap((name) => [...readFileSync(join(sources, name), 'utf8').matchAll(/action: ([^\n]*)/g)])
    .flatMap(([, rest = '']) => [...rest.matchAll(/'([a-z_]+\.[a-z_]+)'/g)].map(([, action = '']) => action))
  expect(written).toContain('session.signed_in')
  expect(written.filter((action) => wordsOf(action) === action)).toEqual([])
})

it('lists who did what, goes on at its end, and shows what names try to be as text', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/audit', 'Audit')
  const rows = page.getByRole('table', { name: 'Audit log' }).getByRole('row')
  await rows.filter({ hasText: 'Signed in' }).first().waitFor()
  await page.getByRole('button', { name: 'Show more' }).scrollIntoViewIfNeeded()
  const made = rows.filter({ hasText: evil })
  await made.waitFor()
  expect(await made.innerText()).toContain('key.created')
  await expect.poll(() => rows.filter({ hasText: 'Grove 0' }).count()).toBeGreaterThan(0)
  expect(await page.title()).toBe('Audit · Pinyon')
  await expect.poll(() => page.getByText('user owner@example.test').count()).toBeGreaterThan(0)
  expect(complaints.all).toEqual([])
  await close()
})

it('keeps the chosen action in the address', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/audit', 'Audit')
  await page.getByLabel('Action').selectOption('Key made')
  const rows = page.getByRole('table', { name: 'Audit log' }).getByRole('row')
  await expect.poll(() => rows.count()).toBe(3) // its head, the first key and the one above
  expect(new URL(page.url()).search).toBe('?action=key.created')
  await page.reload()
  await expect.poll(() => rows.count()).toBe(3)
  await go('/audit?action=tree.felled', 'Audit')
  await page.getByRole('heading', { name: 'No such line' }).waitFor()
  expect(await page.getByLabel('Action').inputValue()).toBe('tree.felled')
  await page.getByRole('button', { name: 'Show all' }).click()
  await rows.first().waitFor()
  await close()
})

it('keeps every filter in the address, as a chip that takes it off', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/audit?action=key.created&result=ok', 'Audit')
  const chips = page.getByRole('group', { name: 'Filters' })
  await chips.getByRole('button', { name: 'Take off the filter What: Key made' }).waitFor()
  await page.getByLabel('Find by').selectOption('Who')
  await page.getByLabel('Its id, kind or address').fill('machine')
  await page.getByRole('button', { name: 'Add' }).click()
  await page.getByRole('heading', { name: 'No such line' }).waitFor()
  expect(new URL(page.url()).searchParams.get('actor')).toBe('machine')
  await chips.getByRole('button', { name: 'Take off the filter Who: machine' }).click()
  await page.getByRole('table', { name: 'Audit log' }).waitFor()
  await page.getByLabel('Until').fill('2020-01-01')
  await page.getByRole('heading', { name: 'No such line' }).waitFor()
  await chips.getByRole('button', { name: 'Take off the filter Until: 2020-01-01' }).click()
  await page.getByRole('table', { name: 'Audit log' }).waitFor()
  expect(new URL(page.url()).search).toBe('?action=key.created&result=ok')
  expect(complaints.all).toEqual([])
  await close()
})

it('verifies the log, says what is wrong with it, and exports it', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/audit', 'Audit')
  await page.getByRole('button', { name: 'Verify', exact: true }).click()
  await page.getByRole('status', { name: 'The log of this account' }).getByText('none is missing').waitFor()
  await page.getByRole('button', { name: 'Verify the whole log' }).click()
  await page.getByRole('status', { name: 'The whole log' }).getByText('none is missing').waitFor()
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Export', exact: true }).click()
  const file = await (await download).path()
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { action: string }) // prettier-ignore
  expect(lines.filter(({ action }) => action === 'account.renamed').length).toBeGreaterThan(100)
  await page.route('**/pinyon/v1/operator/audit/verify*', (route) =>
    route.fulfill({
      json: {
        lines: 7,
        next: null,
        fault: { problem: 'changed', entryId: 'e8', number: 8, message: 'Line e8 is not as it was sealed.' },
      },
    }),
  )
  await page.getByRole('button', { name: 'Verify the whole log' }).click()
  await page.getByRole('alert').getByText('Line e8 is not as it was sealed. 7 lines before it').waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})

it('tells members which permission it takes, and asks the server for nothing', async () => {
  const member = await joinAsMember(server, 'ana@example.test')
  const { page, go, complaints, close } = await openConsole(browser, server, { as: member })
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await go('/audit', 'Audit')
  await page.getByRole('heading', { name: 'You may not see this' }).waitFor()
  await page.getByText('account.audit', { exact: true }).waitFor()
  expect(asked).not.toContain('/pinyon/v1/audit')
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})

it('says in words that the server does not answer', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await page.route('**/pinyon/v1/audit**', (route) =>
    route.fulfill({ status: 503, json: { error: { reason: 'UNAVAILABLE', message: 'Stopping.' } } }),
  )
  await go('/audit', 'Audit')
  await page.getByRole('alert').getByText('UNAVAILABLE').waitFor()
  await page.unroute('**/pinyon/v1/audit**')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('table', { name: 'Audit log' }).waitFor()
  await expect.poll(() => page.getByRole('alert').count()).toBe(0)
  await close()
})

it.each(['light', 'dark'] as const)('shuts nobody out, %s', async (theme) => {
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 640 })
  await go('/audit?action=key.created', 'Audit')
  await page.getByRole('table', { name: 'Audit log' }).waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  expect(await findBarriers(page)).toEqual([])
  await page.getByRole('button', { name: 'As API call' }).click()
  await page.getByRole('dialog').getByText('/pinyon/v1/audit?action=key.created').waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})
