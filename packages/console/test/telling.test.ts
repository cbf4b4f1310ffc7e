import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { joinAsMember } from './support/join-as-member.ts'

const evil = `<img src=x onerror="document.title='pwned'">`

let server: ReadyServer
let browser: Browser
/** A program that takes webhooks, and answers 500 below /bad. */
const receiver = createServer((request, response) => {
  request.resume()
  response.writeHead(request.url === '/bad' ? 500 : 204).end()
})
let hookUrl: string

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  hookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}` // it listens on a port
  server = await startReadyServer({ PINYON_DIAL_PRIVATE: '127.0.0.1' })
  browser = await launchBrowser()
})

afterAll(async () => {
  receiver.close()
  await browser.close()
  await server.stop()
  await removeData(server)
})

it('makes a webhook, shows its secret once, tests it and lists what was sent', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/webhooks', 'Webhooks')
  await page.getByRole('heading', { name: 'No webhooks yet' }).waitFor()
  await page.getByRole('button', { name: 'New webhook' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Address').fill(`${hookUrl}/bad`)
  await dialog.getByLabel('Name').fill(evil)
  await dialog.getByLabel('Some kinds').check()
  await dialog.getByLabel('The quota is reached').check()
  await dialog.getByRole('button', { name: 'Make webhook' }).click()
  const secret = await dialog.getByLabel('Secret', { exact: true }).inputValue()
  expect(secret).toMatch(/^whsec_/)
  expect(await findBarriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Done' }).click()
  expect(await page.content()).not.toContain(secret)
  await page.getByRole('table', { name: 'Webhooks' }).getByRole('link', { name: evil }).click()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByRole('status').getByText('It answered 500.').waitFor()
  await page.getByRole('button', { name: 'Change' }).click()
  await page.getByRole('dialog').getByLabel('Address').fill(`${hookUrl}/good`)
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page
    .getByRole('status')
    .getByText(/^Accepted with 204/)
    .waitFor()
  const rows = page.getByRole('table', { name: 'Deliveries' }).getByRole('row')
  await expect.poll(() => rows.count()).toBe(3)
  const failed = rows.filter({ hasText: 'failed' })
  await failed.getByRole('button', { name: 'Show' }).click()
  await page.getByRole('dialog').getByText('"event_type": "webhook.test"').waitFor()
  await page.keyboard.press('Escape')
  await failed.getByRole('button', { name: 'Send again' }).click()
  await expect.poll(() => rows.filter({ hasText: 'delivered' }).count(), { timeout: 30_000 }).toBe(2)
  await page.getByRole('button', { name: 'New secret' }).click()
  await dialog.getByText('For a day messages are signed with the new secret and with the old one').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'New secret' }).click()
  await dialog.getByRole('button', { name: 'Make new secret' }).click()
  const renewed = await dialog.getByLabel('Secret', { exact: true }).inputValue()
  expect(renewed).toMatch(/^whsec_/)
  expect(renewed).not.toBe(secret)
  expect(await findBarriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Done' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await page.content()).not.toContain(renewed)
  await page.getByText('The one before signs too until').waitFor()
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByRole('button', { name: 'Make active again' }).waitFor()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete webhook' }).click()
  await page.getByRole('heading', { name: 'No webhooks yet' }).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('manages a gateway, and says who can read what through it', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/gateways', 'Gateways')
  await page.getByText('A gateway is reached by its name').waitFor()
  await page.getByRole('button', { name: 'New gateway' }).first().click()
  await page.getByRole('dialog').getByLabel('Name').fill('-wrong-')
  await page.getByRole('dialog').getByRole('button', { name: 'Make gateway' }).click()
  await page.getByRole('dialog').getByRole('alert').waitFor()
  await page.getByRole('dialog').getByLabel('Name').fill('my-site')
  await page.getByRole('dialog').getByRole('button', { name: 'Make gateway' }).click()
  await page.getByRole('heading', { name: 'my-site', level: 1 }).waitFor()
  await page.getByText('Anyone can read the public files of this account.').waitFor()
  await page.getByRole('button', { name: 'New access token' }).click()
  await page.getByText('whoever shows one of its access tokens').waitFor()
  await page.getByRole('textbox', { name: 'Host' }).fill('https://app.example.test')
  await page.getByRole('button', { name: 'Add host' }).click()
  await page.getByText('https://app.example.test', { exact: true }).waitFor()
  await page.getByRole('textbox', { name: 'Path' }).fill('/ipfs/bafkqaaa')
  await page.getByRole('button', { name: 'Try it' }).click()
  await page.getByText('It would be refused: 401').waitFor()
  await page.getByText(/ERR_ID:00024/).waitFor()
  await page.getByRole('textbox', { name: 'Address' }).fill('nothing')
  await page.getByRole('button', { name: 'Add address' }).click()
  await page
    .getByRole('alert')
    .getByText(/CIDR range/)
    .waitFor()
  await page.getByRole('textbox', { name: 'Domain' }).fill('ipfs.example.test')
  await page.getByRole('button', { name: 'Add domain' }).click()
  await page.getByText('not served: waits for its record').waitFor()
  await page.getByText('_pinyon.ipfs.example.test', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Check now: ipfs.example.test' }).click()
  await page.getByText(/(There is no TXT record|The DNS did not answer for) _pinyon.ipfs.example.test/).waitFor()
  await page.getByRole('button', { name: 'Remove ipfs.example.test' }).click()
  await page.getByText('No domains.').waitFor()
  await page.getByRole('switch', { name: 'Hot Swaps' }).click()
  await expect.poll(() => page.getByRole('switch', { name: 'Hot Swaps' }).isChecked()).toBe(true)
  await page.getByRole('button', { name: /^Revoke access token/ }).click()
  await page.getByText('No access tokens.').waitFor()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('dialog').getByLabel('Type my-site to go on').fill('my-site')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete gateway' }).click()
  await page.getByRole('heading', { name: 'No gateways yet' }).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('shows what the gateway served, as a chart and as a table, and keeps the choice in the address', async () => {
  const form = new FormData()
  form.append('network', 'public')
  form.append('file', new Blob(['asked for']), evil)
  const uploaded = await fetch(`${server.apiUrl}/v3/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key.JWT}` },
    body: form,
  })
  const { data } = (await uploaded.json()) as { data: { cid: string } } // what an upload answers
  for (let i = 0; i < 3; i++) await (await fetch(`${server.gatewayUrl}/ipfs/${data.cid}`)).text()
  type Series = { data: { total_requests: number } }
  const total = async () =>
    (await askApi<Series>(server, 'GET', '/v3/analytics/gateways/time_series')).data.total_requests
  await expect.poll(total, { timeout: 30_000 }).toBe(3)
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/usage', 'Usage')
  await page.getByRole('img', { name: /^Requests from/ }).waitFor()
  const top = page.getByRole('table', { name: 'Asked for most' })
  expect(await top.getByRole('row').filter({ hasText: evil }).innerText()).toMatch(/\b3\b/)
  await page.getByText('The same as a table').click()
  await page.getByRole('table', { name: 'Requests and bandwidth' }).getByRole('row').nth(30).waitFor()
  await page.getByLabel('By', { exact: true }).selectOption('CID')
  await top.getByText(data.cid).waitFor()
  await page.getByText('Week', { exact: true }).click()
  await page.getByLabel('Time').selectOption('A year')
  await expect.poll(() => new URL(page.url()).search).toBe('?by=week&top=cid&span=year')
  expect(await page.title()).toBe('Usage · Pinyon')
  expect(complaints.all).toEqual([])
  await close()
})

it('tells members what webhooks take', async () => {
  const member = await joinAsMember(server, 'ana@example.test')
  const { page, go, complaints, close } = await openConsole(browser, server, { as: member })
  await go('/webhooks', 'Webhooks')
  await page.getByText('webhooks.list', { exact: true }).waitFor()
  await go('/gateways', 'Gateways')
  await page
    .getByRole('heading', { name: /^(No gateways yet|Gateways)$/ })
    .first()
    .waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it.each(['light', 'dark'] as const)('shuts nobody out, %s', async (theme) => {
  const { data } = await askApi<{ data: { id: string } }>(server, 'POST', '/v3/gateways', { domain: `a-${theme}` })
  await askApi(server, 'POST', `/v3/gateways/${data.id}/access_tokens`)
  await askApi(server, 'POST', `/v3/gateways/${data.id}/custom_domain`, { domain: `ipfs.${theme}.example.test` })
  const made = await askApi<{ webhook: { id: string } }>(server, 'POST', '/pinyon/v1/webhooks', { url: hookUrl })
  await askApi(server, 'POST', `/pinyon/v1/webhooks/${made.webhook.id}/test`)
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 640 })
  for (const [path, heading, what] of [
    ['/webhooks', 'Webhooks', 'Webhooks'],
    [`/webhooks/${made.webhook.id}`, /^127/, 'Deliveries'],
    ['/gateways', 'Gateways', 'Gateways'],
    [`/gateways/${data.id}`, `a-${theme}`, undefined],
    ['/usage', 'Usage', 'Asked for most'],
  ] as const) {
    await go(path, heading)
    if (what === undefined) await page.getByRole('switch', { name: 'Hot Swaps' }).waitFor()
    else await page.getByRole('table', { name: what }).waitFor()
    expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, 320])
    expect([path, await findBarriers(page)]).toEqual([path, []])
  }
  expect(complaints.all).toEqual([])
  await close()
})
