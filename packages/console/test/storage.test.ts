import { randomBytes } from 'node:crypto'
import { execFile } from 'node:child_process'
import { open, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { uploadByApi } from './support/file-api.ts'

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

it('shows the receipt of a file, to be copied whole', async () => {
  const file = await uploadByApi(server, { 'receipt.txt': 'held' })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go(`/files/${file.id}`, 'receipt.txt')
  const receipt = page.getByRole('heading', { name: 'Receipt' }).locator('xpath=ancestor::section')
  await receipt.getByText('1 on disk').waitFor()
  await receipt.getByText('as it came in; it will be read back').waitFor()
  await receipt.getByRole('button', { name: 'Copy the signed receipt' }).waitFor()
  const coming = page.waitForEvent('download')
  await receipt.getByRole('button', { name: 'Download the signed receipt' }).click()
  const saved = join(server.dataDir, 'receipt.json')
  await (await coming).saveAs(saved)
  await receipt.getByText('How to check it').click()
  const program = await receipt.getByLabel('with Node.js and jose', { exact: true }).innerText()
  const script = join(server.dataDir, 'check.mjs')
  await writeFile(script, program.replaceAll(`receipt-${file.id}.json`, saved))
  await symlink(fileURLToPath(new URL('../../../node_modules', import.meta.url)), join(server.dataDir, 'node_modules'))
  const { stdout } = await promisify(execFile)(process.execPath, [script])
  expect(stdout).toContain(file.id)
  expect(stdout).not.toContain('not what was signed')
  await receipt.getByRole('button', { name: 'As API call' }).click()
  await page.getByRole('dialog').getByText(`/pinyon/v1/files/${file.id}/receipt`).waitFor()
  await page.keyboard.press('Escape')
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})

it('shows what files take, and to operators what all take together', async () => {
  await uploadByApi(server, { 'usage.txt': 'used' })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/usage', 'Usage')
  const own = page.getByRole('table', { name: 'Storage of this account' })
  await own.getByRole('row', { name: /^Logical \d+ B \d+ \d+ files?; what is charged/ }).waitFor()
  await own.getByRole('row', { name: /^Reclaimable \d+ B \d+ / }).waitFor()
  await page.getByText('So it is now.').first().waitFor()
  await page
    .getByRole('table', { name: 'Storage of the installation' })
    .getByRole('row', { name: /^Unique \d+ B/ })
    .waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})

it.each(['light', 'dark'] as const)('names what is damaged, and whose it is, %s', async (theme) => {
  const bytes = randomBytes(5_000).toString('hex')
  const file = await uploadByApi(server, { [`hurt-${theme}.txt`]: bytes })
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 700 })
  await go('/operator/health', 'Health')
  const health = page.getByRole('status', { name: 'Storage health' })
  await health.getByText(/^(No block is known to be damaged|1 block is damaged)/).waitFor()
  await damage(bytes)
  await page.getByRole('button', { name: 'Read everything back now' }).click()
  await page.getByText(/^1 pack to be read\./).waitFor()
  await page
    .getByRole('table', { name: 'Damaged blocks' })
    .getByText(file.cid, { exact: true })
    .waitFor({ timeout: 40_000 })
  expect(await findBarriers(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  await go(`/files/${file.id}`, `hurt-${theme}.txt`)
  await page.getByText('1 block of it cannot be read whole').waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  // The preview cannot be read, and the browser says so.
  expect(complaints.all.filter((words) => !words.includes('503'))).toEqual([])
  await askApi(server, 'DELETE', `/v3/files/${file.network}/${file.id}`)
  await close()
})

/** Changes a byte of this text where it lies in a pack. */
async function damage(text: string): Promise<void> {
  const dir = join(server.dataDir, 'packs')
  for (const name of (await readdir(dir)).filter((each) => each.endsWith('.car'))) {
    const pack = await open(join(dir, name), 'r+')
    const at = (await pack.readFile()).indexOf(text)
    if (at >= 0) await pack.write('#', at + 10)
    await pack.close()
  }
}
