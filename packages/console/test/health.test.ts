import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { sampleFindings, showSampleHealth } from '../scripts/sample-health.ts'
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

it('says in its first line that all is well, or what is not and what to do', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  const health = page.getByRole('status', { name: 'Health', exact: true })
  await showSampleHealth(page)
  await go('/operator', 'Operator')
  await health.getByText('All is well.').waitFor()
  await health.getByText(/Pinyon \d+\.\d+\.\d+/).waitFor()
  await showSampleHealth(page, sampleFindings)
  await page.getByRole('link', { name: 'Disks, scrub, queue and node' }).click()
  await page.getByRole('heading', { name: 'Health', level: 1 }).waitFor()
  await page.reload()
  await health.getByText('2 things are not well.').waitFor()
  await health.getByText('uploads are refused').waitFor()
  await health.getByText('Unpin what is not needed').waitFor()
  expect(complaints.all).toEqual([])
  await page.route('**/pinyon/v1/operator/health', (route) =>
    route.fulfill({ status: 503, json: { error: { code: 503, message: 'Recovering.', reason: 'UNAVAILABLE' } } }),
  )
  await page.reload()
  await health.getByText('it serves no requests yet').waitFor()
  await close()
})

it('shows disk, queue and node of this very server', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/operator/health', 'Health')
  await page.getByRole('progressbar', { name: `Used of ${server.dataDir}` }).waitFor()
  await page.getByRole('cell', { name: 'plan-scrub' }).waitFor()
  await page.getByText('nobody reaches it').waitFor()
  expect(complaints.all).toEqual([])
  await close()
})
