import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { askApi } from './support/ask-api.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { getKeyByName, makeKey } from './support/keys.ts'

let server: ReadyServer
let browser: Browser

/** Names that somebody may give a key to do harm, or by writing from right to left. */
const names = [
  `<img src=x onerror="globalThis.harmed=true">`,
  `"><script>globalThis.harmed=true</script>`,
  `javascript:globalThis.harmed=true//{{constructor}}\${1}`,
  'مفتاح الرفع للموقع',
  'W'.repeat(1_024),
]

beforeAll(async () => {
  server = await startReadyServer()
  browser = await launchBrowser()
  for (const name of names) await makeKey(server, name, { maxUses: 1_000_000 })
  await makeKey(server, 'soon over', { expiresIn: 3_600 })
  const over = await makeKey(server, 'revoked', { permissions: { resources: ['org:files:read'] } })
  await askApi(server, 'PUT', `/v3/pinata/keys/${over.pinata_api_key}`)
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

/** Every page and dialog of the keys, each gone to in its turn. */
async function visitAll(
  { page, go }: { page: Page; go: (path: string, heading: string | RegExp) => Promise<void> },
  look: (where: string) => Promise<void>,
): Promise<void> {
  const dialog = page.getByRole('dialog')
  await go('/keys', 'API keys')
  await page.getByRole('row', { name: /Set-up key/ }).waitFor()
  await look('list')
  await page.getByRole('button', { name: 'What to do with soon over' }).click()
  await page.getByRole('menu').waitFor()
  await look('menu')
  await page.getByRole('menuitem', { name: 'Revoke…' }).click()
  await dialog.waitFor()
  await look('revoke')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'As API call' }).click()
  await dialog.waitFor()
  await look('as API call')
  await go('/keys?name=nothing', 'API keys')
  await page.getByRole('heading', { name: 'No key is like that' }).waitFor()
  await look('empty')
  await go('/keys/new', 'New API Key')
  await page.getByRole('textbox', { name: 'Max Uses' }).fill('none')
  await page.getByRole('button', { name: 'Create key' }).click()
  await page.getByText(/Give the key a name/).waitFor()
  for (const parent of await page.getByRole('button', { name: /^[\w ()]+ 0 of \d+$/ }).all()) await parent.click()
  await page.getByRole('switch', { name: 'pinList' }).click()
  await look('form with its tree open and its errors')
  await page.getByRole('textbox', { name: 'Max Uses' }).fill('')
  await page.getByRole('textbox', { name: 'Key Name' }).fill('M'.repeat(1_024))
  await page.getByRole('button', { name: 'Create key' }).click()
  await page.getByRole('textbox', { name: 'JWT' }).waitFor()
  await look('values')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Back to the key' }).waitFor()
  await look('values left behind')
  await page.getByRole('button', { name: 'Close without it' }).click()
  await page.getByRole('link', { name: 'soon over' }).click()
  await page.getByRole('heading', { name: 'soon over', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Data 0 of 3' }).click()
  await look('one key')
  await page.getByRole('button', { name: 'Regenerate' }).click()
  await dialog.waitFor()
  await look('regenerate')
  await go('/keys/none', 'API key')
  await page.getByRole('alert').waitFor()
  await look('unknown')
}

it.each(['light', 'dark'] as const)('shuts nobody out and keeps to the policy of the page, %s', async (theme) => {
  const opened = await openConsole(browser, server, { theme })
  await visitAll(opened, async (where) => {
    expect(await findBarriers(opened.page), where).toEqual([])
  })
  expect(opened.complaints.all).toEqual([])
  await opened.close()
})

it('fits on a screen 320 pixels wide', async () => {
  const opened = await openConsole(browser, server, { width: 320, height: 640 })
  await visitAll(opened, async (where) => {
    const wide = await opened.page.evaluate(() => {
      const dialog = document.querySelector('[role=dialog]')
      const isDialogWide = dialog !== null && dialog.scrollWidth > dialog.clientWidth
      return [document.documentElement.scrollWidth, isDialogWide]
    })
    expect(wide, where).toEqual([320, false])
  })
  await opened.close()
})

it('shows names as they are written, whoever wrote them', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server, { width: 320, height: 640 })
  for (const name of names) {
    const { id } = await getKeyByName(server, name)
    await go('/keys', 'API keys')
    const link = page.getByRole('link', { name, exact: true })
    await link.waitFor()
    expect(await link.getAttribute('title')).toBe(name)
    await page.getByRole('button', { name: `What to do with ${name}`, exact: true }).click()
    await page.getByRole('menuitem', { name: 'Revoke…' }).click()
    await page.getByRole('dialog', { name: `Revoke ${name}` }).waitFor()
    await go(`/keys/${id}`, name)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBe(320)
    await page.getByRole('button', { name: 'Regenerate' }).click()
    await page.getByRole('dialog', { name: `Regenerate ${name}` }).waitFor()
  }
  expect(await page.evaluate(() => 'harmed' in globalThis)).toBe(false)
  const arabic = await getKeyByName(server, names[3] ?? '')
  await go(`/keys/${arabic.id}`, arabic.name)
  const direction = await page
    .getByRole('heading', { level: 1 })
    .evaluate((element) => getComputedStyle(element).direction)
  expect(direction).toBe('rtl')
  expect(complaints.all).toEqual([])
  await close()
})
