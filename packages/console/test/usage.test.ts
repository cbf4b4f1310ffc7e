import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { showSampleUsage } from '../scripts/sample-usage.ts'
import { launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'

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

async function save(page: Page, at: number): Promise<{ name: string; text: string }> {
  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as CSV' }).nth(at).click()
  const download = await coming
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') }
}

it('adds up by month, and saves what it shows for spreadsheets, without formulas of others', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await showSampleUsage(page)
  await page.route('**/v3/analytics/gateways/top?*', (route) =>
    route.fulfill({ json: { data: [{ value: '=cmd|calc', requests: 7, bandwidth: 70 }] } }),
  )
  await go('/usage?top=referer', 'Usage')
  await page.getByText('The same as a table').click()
  const rows = page.getByRole('table', { name: 'Requests and bandwidth' }).locator('tbody tr')
  await expect.poll(() => rows.count()).toBe(30)
  const days = await save(page, 0)
  expect(days.name).toBe('usage-by-day.csv')
  const requests = (text: string) =>
    text
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => Number(line.split(',')[1]))
  await page.getByText('Month', { exact: true }).click()
  await page.getByRole('columnheader', { name: 'Month from' }).waitFor()
  // Thirty days lie in one month, two, or three with a February between.
  await expect.poll(() => rows.count()).toBeLessThanOrEqual(3)
  const months = await save(page, 0)
  expect(months.name).toBe('usage-by-month.csv')
  const sum = (all: number[]) => all.reduce((total, each) => total + each, 0)
  expect(sum(requests(months.text))).toBe(sum(requests(days.text)))
  expect(new URL(page.url()).searchParams.get('by')).toBe('month')
  expect((await save(page, 1)).text).toContain("\r\n'=cmd|calc,7,70\r\n")
  expect(complaints.all).toEqual([])
  await close()
})

it('prints the table that is folded away, and nothing that is pressed', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await showSampleUsage(page)
  await go('/usage', 'Usage')
  const table = page.getByRole('table', { name: 'Requests and bandwidth' })
  await page.getByText('The same as a table').waitFor()
  expect(await table.isVisible()).toBe(false)
  await page.emulateMedia({ media: 'print' })
  await table.waitFor()
  await expect.poll(() => page.getByRole('navigation').count()).toBe(0)
  await expect.poll(() => page.getByRole('button').count()).toBe(0)
  await close()
})
