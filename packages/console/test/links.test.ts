import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { uploadByApi } from './support/file-api.ts'
import { joinAsMember } from './support/join-as-member.ts'

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

const row = (page: Page, name: string) =>
  page.getByRole('table', { name: 'Links' }).getByRole('row').filter({ hasText: name })
const signByApi = async (body: object) =>
  (await askApi<{ data: string }>(server, 'POST', '/v3/files/sign', { expires: 3_600, ...body })).data

it('shares a private file for a while and so many downloads, and ends it in one click', async () => {
  const { id } = await uploadByApi(server, { 'report.txt': 'what is shared' }, { network: 'private' })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go(`/files/${id}`, 'report.txt')
  await page.getByRole('button', { name: 'Share' }).click()
  const dialog = page.getByRole('dialog', { name: 'Share report.txt' })
  await dialog.getByLabel('Good for').selectOption('7 days')
  await dialog.getByLabel('Downloads').fill('none')
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  await dialog.getByText('Write a whole number from 1 on, or nothing.').waitFor()
  await dialog.getByLabel('Downloads').fill('3')
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue()
  await dialog.getByRole('button', { name: 'Copy Link' }).click()
  await dialog.getByRole('status').getByText('Link copied').waitFor({ state: 'attached' })
  expect(await (await fetch(link)).text()).toBe('what is shared')
  await dialog.getByRole('button', { name: 'Done' }).click()
  expect(await page.content()).not.toContain('X-Signature')

  await page.getByRole('link', { name: 'Links to this file' }).click()
  await page.getByRole('heading', { name: 'Links', level: 1 }).waitFor()
  expect(await row(page, 'report.txt').innerText()).toMatch(/report\.txt\s+Reads a private file[\s\S]*1 of 3/)
  await page.getByRole('button', { name: 'Revoke the link to report.txt' }).click()
  await page.getByText('No link is like that').waitFor()
  expect((await fetch(link)).status).toBe(401)
  await page.getByRole('button', { name: 'with those that ended' }).click()
  await row(page, 'report.txt').getByText('revoked').filter({ visible: true }).waitFor()
  const revoke = page.getByRole('button', { name: 'Revoke the link to report.txt' })
  expect(await revoke.getAttribute('title')).toBe('It has ended already.')
  expect(complaints.all).toEqual([])
  await close()
})

it('makes upload links within bounds, and shows what came of them', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/links?kind=upload', 'Links')
  await page.getByRole('button', { name: 'New upload link' }).click()
  const dialog = page.getByRole('dialog', { name: 'New upload link' })
  await dialog.getByLabel('File name').fill('inbox.txt')
  await dialog.getByLabel('Largest size in MiB').fill('much')
  await dialog.getByLabel('Types').fill('text')
  await dialog.getByText('Write a number such as 10 or 0.5.').waitFor()
  await dialog.getByText('text is not a type.').waitFor()
  await dialog.getByLabel('Largest size in MiB').fill('0.5')
  await dialog.getByLabel('Types').fill('text/*, application/pdf')
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue()
  await dialog.getByRole('button', { name: 'Done' }).click()
  expect(await row(page, 'inbox.txt').innerText()).toContain('at most 512')
  expect(await row(page, 'inbox.txt').innerText()).toContain('text/*, application/pdf')

  const form = new FormData()
  form.append('file', new Blob(['by link']), 'x.txt')
  expect((await fetch(link, { method: 'POST', body: form })).status).toBe(200)
  await go('/links?ended=true', 'Links')
  await row(page, 'inbox.txt').getByText('used up').filter({ visible: true }).waitFor()
  await row(page, 'inbox.txt').getByRole('link', { name: 'inbox.txt' }).click()
  await page.getByRole('heading', { name: 'inbox.txt', level: 1 }).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('says what links are for where there are none, and lets members make them', async () => {
  const member = await joinAsMember(server, 'links-member@example.test')
  const { page, go, complaints, close } = await openConsole(browser, server, { as: member })
  await go('/links?file=none', 'Links')
  await page.getByRole('heading', { name: 'No link is like that' }).waitFor()
  await page.getByRole('button', { name: 'Show all that can be used' }).click()
  await page.getByRole('button', { name: 'New upload link' }).first().click()
  await page.getByRole('dialog').getByRole('button', { name: 'Make the link' }).click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Link' }).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it.each(['light', 'dark'] as const)('shuts nobody out and runs nothing of what files are called, %s', async (theme) => {
  const names = ['<img src=x onerror="globalThis.harmed=true">', 'ספר היערות, מהדורה שנייה', 'W'.repeat(255)]
  for (const name of names) await signByApi({ filename: name, allow_mime_types: ['image/*'] })
  const { id } = await uploadByApi(server, { 'plain.txt': `plain in ${theme}` }, { network: 'private' })
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 700 })
  const look = async () => {
    expect(await findBarriers(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  }
  await go('/links', 'Links')
  await row(page, names[0] ?? '')
    .first()
    .waitFor()
  await look()
  await page.getByRole('button', { name: 'New upload link' }).click()
  await page.getByRole('dialog').waitFor()
  await look()
  await go(`/files/${id}`, 'plain.txt')
  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByRole('dialog').waitFor()
  await look()
  expect(await page.evaluate(() => 'harmed' in globalThis)).toBe(false)
  expect(complaints.all).toEqual([])
  await close()
})
