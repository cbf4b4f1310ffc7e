import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { identityCid, listPinsByApi, pinByApi, unknownCid } from './support/pin-api.ts'

/** More than one page of the list, and more than the server does before it answers. */
const many = 120

// Many pins take their time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

let server: ReadyServer
let browser: Browser

beforeAll(async () => {
  // Nothing is fetched: what waits goes on waiting.
  server = await startReadyServer({ PINYON_PIN_SLOTS: 'new=0,newest=0,retry=0' })
  browser = await launchBrowser()
  const pins = Array.from({ length: many }, (_, n) => ({ cid: unknownCid(), name: `lost ${n}` }))
  for (let at = 0; at < many; at += 60)
    await askApi(server, 'POST', '/pinyon/v1/bulk/pin', { pins: pins.slice(at, at + 60) })
  await pinByApi(server, identityCid('oak'), 'oak that is here')
  await pinByApi(server, identityCid('elm'), 'elm that is here')
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

const bar = (page: Page) => page.getByRole('group', { name: 'Selected pins' })
async function chooseAll(page: Page, first: string, count: number): Promise<void> {
  await page.getByRole('checkbox', { name: `Select ${first}`, exact: true }).click()
  await bar(page)
    .getByRole('button', { name: `Select all ${count} that match` })
    .click()
  await bar(page).getByText(`All ${count} pins that match selected`).waitFor()
}

it('tries again all that match, saying before how many of them and what happens to each kind', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  page.setDefaultTimeout(60_000)
  await go('/pins', 'Pins')
  await chooseAll(page, 'oak that is here', many + 2)
  await bar(page).getByRole('button', { name: 'Retry' }).click()
  const dialog = page.getByRole('dialog', { name: `Try all ${many} pins that match again now?` })
  await dialog.getByText(`${many} queued or pinning: Their next attempt is at once.`).waitFor()
  await dialog.getByText('2 pinned: They are here already, and stay as they are.').waitFor()
  expect(await findBarriers(page)).toEqual([])
  await dialog.getByRole('button', { name: `Retry ${many} pins` }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('status').getByText(`${many} pins tried again`).waitFor()
  await bar(page).waitFor({ state: 'detached' })
  expect(complaints.all).toEqual([])
  await close()
})

it('names each that could not be removed, with the reason', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  page.setDefaultTimeout(60_000)
  const failed = {
    item: 'id-1',
    state: 'failed',
    name: 'lost 9',
    fileId: null,
    reason: 'CONFLICT',
    message: 'It is pinned by now, which was not meant, and stays as it is.',
  }
  const done = { item: 'id-2', state: 'done', name: null, fileId: null, reason: null, message: null }
  await page.route('**/pinyon/v1/bulk/remove-pins', (route) =>
    route.fulfill({ json: { job: null, results: [failed, done] } }),
  )
  await go('/pins?status=queued', 'Pins')
  await chooseAll(page, `lost ${many - 1}`, many)
  await bar(page).getByRole('button', { name: 'Remove' }).click()
  const dialog = page.getByRole('dialog', { name: `Remove all ${many} pins that match?` })
  await dialog.getByRole('button', { name: `Remove ${many} pins` }).click()
  await dialog.getByText('1 removed.').waitFor()
  await dialog.getByRole('listitem').filter({ hasText: 'lost 9 id-1: It is pinned by now' }).waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})

it('removes all that match and nothing else, far beyond the rows in sight', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  page.setDefaultTimeout(60_000)
  await go('/pins?status=queued&q=LOST', 'Pins')
  // By the keyboard alone.
  await page.getByRole('checkbox', { name: `Select lost ${many - 1}`, exact: true }).press('Space')
  await bar(page)
    .getByRole('button', { name: `Select all ${many} that match` })
    .press('Enter')
  await bar(page).getByRole('button', { name: 'Remove' }).press('Enter')
  const dialog = page.getByRole('dialog', { name: `Remove all ${many} pins that match?` })
  await dialog.getByText('They are not fetched, and leave the list.').waitFor()
  await dialog.getByText('As API call').click()
  expect(await dialog.getByLabel('command', { exact: true }).innerText()).toContain(
    '{"filter":{"status":["queued"],"name":"LOST"}}',
  )
  await dialog.getByRole('button', { name: `Remove ${many} pins` }).press('Enter')
  await page.getByRole('heading', { name: 'No pin matches' }).waitFor()
  await dialog.waitFor({ state: 'detached' })
  const left = await listPinsByApi(server, '')
  expect(left.map(({ name }) => name)).toEqual(['elm that is here', 'oak that is here'])
  expect(complaints.all).toEqual([])
  await close()
})

it('asks for the number to be typed before it unpins more than one', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  page.setDefaultTimeout(60_000)
  await go('/pins?q=here', 'Pins')
  await page.getByRole('checkbox', { name: 'Select oak that is here', exact: true }).click()
  expect(await bar(page).getByRole('button', { name: 'Retry' }).getAttribute('title')).toBe('It is pinned already.')
  await bar(page).getByRole('button', { name: 'Select all 2 that match' }).click()
  await bar(page).getByRole('button', { name: 'Remove' }).click()
  const dialog = page.getByRole('dialog', { name: 'Remove all 2 pins that match?' })
  await dialog.getByText('We stop keeping them.').waitFor()
  const remove = dialog.getByRole('button', { name: 'Remove 2 pins' })
  expect(await remove.getAttribute('title')).toBe('Type remove 2 first.')
  await dialog.getByRole('textbox').fill('remove 2')
  await remove.click()
  await page.getByRole('heading', { name: 'No pin matches' }).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})
