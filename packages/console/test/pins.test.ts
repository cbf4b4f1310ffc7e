import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { samplePin, showSamplePins } from '../scripts/sample-pins.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { uploadByApi } from './support/file-api.ts'
import { joinAsMember } from './support/join-as-member.ts'
import { copied } from './support/keys.ts'
import { type ApiPin, brokenCid, identityCid, listPinsByApi, pinByApi, unknownCid } from './support/pin-api.ts'

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

const table = (page: Page) => page.getByRole('table', { name: 'Pins' })
const row = (page: Page, name: string) => table(page).getByRole('row').filter({ hasText: name })
const statusOf = (page: Page, name: string, status: string) =>
  row(page, name).getByRole('cell', { name: status, exact: true })
const chip = (page: Page, name: string) => page.getByRole('group', { name: 'Show only' }).getByRole('button', { name })

async function chooseFromMenu(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `More for ${name}`, exact: true }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

it('says what the page is for, and pins the first CID, saying what was understood', async () => {
  const { cid } = await uploadByApi(server, { 'pines.txt': 'pines' })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/pins', 'Pins')
  await page.getByRole('heading', { name: 'No pins by CID yet' }).waitFor()
  await page.getByText(`curl -X POST '${server.apiUrl}/v3/files/public/pin_by_cid'`).waitFor()
  await page.getByRole('link', { name: 'Pin by CID' }).click()
  const dialog = page.getByRole('dialog', { name: 'Pin by CID' })
  await dialog.getByText('Anyone on the IPFS network can read this.').waitFor()
  const pin = dialog.getByRole('button', { name: 'Pin', exact: true })
  const field = dialog.getByLabel('CID', { exact: true })
  expect(await pin.getAttribute('aria-disabled')).toBe('true')
  expect(await pin.getAttribute('title')).toBe('Give a CID first.')
  await field.fill('ipns://example.org')
  await dialog.getByRole('alert').getByText('IPNS name').waitFor()
  expect(await pin.getAttribute('aria-disabled')).toBe('true')
  await field.fill(`${server.gatewayUrl}/ipfs/${cid}/a/b.txt`)
  await dialog.getByText('Understood as the URL of a gateway').getByText(cid).waitFor()
  await dialog.getByText('/a/b.txt is left out').waitFor()
  await dialog.getByLabel('Name').fill('first of all')
  await dialog.getByLabel('Origins').fill('node.example.org')
  await dialog.getByRole('alert').getByText('node.example.org is not an address').waitFor()
  const origins = ['/ip4/203.0.113.7/tcp/4001', '/dns4/node.example.org/tcp/4001']
  await dialog.getByLabel('Origins').fill(origins.join('\n'))
  await dialog.getByRole('button', { name: 'Add a key-value' }).click()
  await dialog.getByRole('textbox', { name: 'Key 1' }).fill('kind')
  await dialog.getByRole('textbox', { name: 'Value 1' }).fill('tree')
  await dialog.getByText('As API call').click()
  const curl = await dialog.getByLabel('command', { exact: true }).innerText()
  for (const part of [cid, 'first of all', ...origins, '"kind"']) expect(curl).toContain(part)
  await pin.click()
  await dialog.waitFor({ state: 'detached' })
  await statusOf(page, 'first of all', 'Pinned').waitFor()
  await expect.poll(() => chip(page, 'Pinned').innerText()).toMatch(/1$/)
  expect(await listPinsByApi(server, 'first of all')).toMatchObject([
    { cid, status: 'pinned', keyvalues: { kind: 'tree' } },
  ])
  expect(new URL(page.url()).search).toBe('')
  expect(complaints.all).toEqual([])
  await close()
})

it('opens the dialog from the palette, and keeps what the server refuses in it', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Go to or do' }).fill('pin by')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Pin by CID' })
  await dialog.getByLabel('CID', { exact: true }).fill(identityCid('from the palette'))
  await dialog.getByLabel('Name').fill('from the palette')
  await page.route('**/pin_by_cid', (route) =>
    route.fulfill({
      status: 403,
      json: { error: { code: 403, message: 'The quota is reached.', reason: 'QUOTA_REACHED' } },
    }),
  )
  await dialog.getByRole('button', { name: 'Pin', exact: true }).click()
  await dialog.getByRole('alert').getByText('The quota is reached.').waitFor()
  await dialog.getByRole('alert').getByText('QUOTA_REACHED').waitFor()
  await page.unroute('**/pin_by_cid')
  await dialog.getByRole('button', { name: 'Pin', exact: true }).click()
  await statusOf(page, 'from the palette', 'Pinned').waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('finds pins by status, name and CID, and keeps that in the address', async () => {
  const cid = unknownCid()
  await pinByApi(server, cid, 'nobody has this')
  await pinByApi(server, identityCid('a fern'), 'fern in itself')
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/pins', 'Pins')
  await row(page, 'fern in itself').waitFor()
  await chip(page, 'Queued').click()
  await chip(page, 'Pinning').click()
  await row(page, 'fern in itself').waitFor({ state: 'detached' })
  await row(page, 'nobody has this').waitFor()
  expect(new URL(page.url()).searchParams.get('status')).toBe('queued,pinning')
  await page.reload()
  await row(page, 'nobody has this').waitFor()
  expect(await chip(page, 'Pinning').getAttribute('aria-pressed')).toBe('true')
  await chip(page, 'Queued').click()
  await chip(page, 'Pinning').click()
  const search = page.getByRole('searchbox', { name: 'Search by name or CID' })
  await search.fill('FERN')
  await row(page, 'nobody has this').waitFor({ state: 'detached' })
  await row(page, 'fern in itself').waitFor()
  await search.fill(`ipfs://${cid}`)
  await row(page, 'nobody has this').waitFor()
  await expect.poll(() => table(page).getByRole('link').count()).toBe(1)
  await search.fill('nothing like it')
  await page.getByRole('link', { name: 'Show all pins' }).click()
  await row(page, 'fern in itself').waitFor()
  await page.getByRole('button', { name: 'As API call' }).click()
  await page.getByText(`curl '${server.apiUrl}/pinyon/v1/pins'`).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('shows what happens elsewhere while something is under way, and asks for nothing while the tab is hidden', async () => {
  const id = await pinByApi(server, unknownCid(), 'waits and waits')
  const { page, go, close } = await openConsole(browser, server)
  await page.clock.install()
  await go('/pins?q=waits', 'Pins')
  await row(page, 'waits and waits').waitFor()
  await pinByApi(server, unknownCid(), 'waits beside it')
  await expect
    .poll(async () => {
      await page.clock.runFor(2_000)
      return row(page, 'waits beside it').count()
    })
    .toBe(1)
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  let asked = 0
  page.on('request', (request) => (asked += request.url().includes('/pinyon/v1/pins') ? 1 : 0))
  await askApi(server, 'DELETE', `/psa/pins/${id}`)
  await page.clock.runFor(20_000)
  expect(asked).toBe(0)
  await expect.poll(() => row(page, 'waits and waits').count()).toBe(1)
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'visible' })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await row(page, 'waits and waits').waitFor({ state: 'detached' })
  await close()
})

it('shows a pin that somebody asks for elsewhere though nothing is under way here, and nothing tells of it yet', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await page.clock.install()
  await go('/pins?q=begun', 'Pins')
  await page.getByRole('heading', { name: 'No pin matches' }).waitFor()
  const id = await pinByApi(server, unknownCid(), 'begun elsewhere')
  await expect
    .poll(async () => {
      await page.clock.runFor(10_000)
      return row(page, 'begun elsewhere').count()
    })
    .toBe(1)
  await askApi(server, 'DELETE', `/psa/pins/${id}`)
  await close()
})

it('shows what happens elsewhere at once, without asking, and what it missed while the tab was hidden', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  let asked = 0
  page.on('request', (request) => (asked += request.url().includes('/pinyon/v1/pins?') ? 1 : 0))
  await go('/pins?q=told', 'Pins')
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByRole('heading', { name: 'No pin matches' }).waitFor()
  await pinByApi(server, identityCid('told at once'), 'told at once')
  await statusOf(page, 'told at once', 'Pinned').waitFor()
  // Once for the page, once when it was live, once or twice for what came.
  expect(asked).toBeLessThan(6)
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await page.getByText('Not live').waitFor()
  await pinByApi(server, identityCid('told later'), 'told later')
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'visible' })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await statusOf(page, 'told later', 'Pinned').waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('tries again from the list, and copies a CID', async () => {
  const cid = unknownCid()
  await pinByApi(server, cid, 'once more')
  await pinByApi(server, identityCid('here'), 'here already')
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/pins', 'Pins')
  await chooseFromMenu(page, 'once more', 'Retry now')
  await page.getByRole('status').getByText('once more is tried again now').waitFor()
  expect(await copied(page, 'Copy CID of once more')).toBe(cid)
  await page.getByRole('button', { name: 'More for here already' }).click()
  expect(await page.getByRole('menuitem', { name: 'Retry now' }).getAttribute('title')).toBe('It is pinned already.')
  const gateway = page.getByRole('menuitem', { name: 'Open in gateway' })
  expect(await gateway.getAttribute('href')).toBe(`${server.gatewayUrl}/ipfs/${identityCid('here')}`)
  await page.keyboard.press('Escape')
  await page.route('**/pins/*/retry', (route) =>
    route.fulfill({ status: 404, json: { error: { code: 404, message: 'It is not there.', reason: 'NOT_FOUND' } } }),
  )
  await chooseFromMenu(page, 'once more', 'Retry now')
  await page.getByRole('alert').getByText('was not tried again. It is not there.').waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('cancels, unpins and removes, one and many, and names what could not be removed', async () => {
  for (const name of ['cut one', 'cut two']) await pinByApi(server, unknownCid(), name)
  await pinByApi(server, identityCid('cut three'), 'cut three')
  const four = await pinByApi(server, identityCid('cut four'), 'cut four')
  const { page, go, complaints, close } = await openConsole(browser, server)
  const dialog = page.getByRole('dialog')
  await go('/pins?q=cut', 'Pins')
  await chooseFromMenu(page, 'cut one', 'Cancel…')
  await dialog.getByText('leaves the list').waitFor()
  await dialog.getByText('It can be asked for again.').waitFor()
  await dialog.getByRole('button', { name: 'Cancel the pin' }).click()
  await row(page, 'cut one').waitFor({ state: 'detached' })
  for (const name of ['cut two', 'cut three', 'cut four'])
    await page.getByRole('checkbox', { name: `Select ${name}` }).click()
  await page.getByRole('group', { name: 'Selected pins' }).getByRole('button', { name: 'Remove' }).click()
  await dialog.getByText('2 pinned: We stop keeping them.').waitFor()
  await dialog.getByText('Copies that others already made stay out there.').waitFor()
  await dialog.getByLabel('Type remove 3 to go on').fill('remove 3')
  await page.route(`**/psa/pins/${four}`, (route) =>
    route.fulfill({ status: 500, json: { error: { reason: 'INTERNAL', details: 'The disk did not answer.' } } }),
  )
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await dialog.getByRole('alert').getByText('1 of 3 could not be removed').waitFor()
  await dialog.getByRole('alert').getByText('cut four: The disk did not answer.').waitFor()
  expect((await listPinsByApi(server, 'cut')).map(({ name }) => name)).toEqual(['cut four'])
  await page.unroute(`**/psa/pins/${four}`)
  await dialog.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { name: 'No pin matches' }).waitFor()
  expect(await listPinsByApi(server, 'cut')).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})

it('tries several again that were chosen, and names each that could not be', async () => {
  const names = ['anew one', 'anew two', 'anew three', 'anew four']
  const ids = new Map<string, string>()
  for (const name of names) ids.set(name, await pinByApi(server, brokenCid(name), name))
  const look = (name: string) => askApi<ApiPin>(server, 'GET', `/pinyon/v1/pins/${ids.get(name)}`)
  for (const name of names) await expect.poll(async () => (await look(name)).status).toBe('failed')
  const kept = ['anew one', 'anew three']
  const before = await Promise.all(kept.map(look))
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/pins?q=anew', 'Pins')
  for (const name of names) await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).click()
  await page.getByRole('group', { name: 'Selected pins' }).getByRole('button', { name: 'Retry' }).click()
  const dialog = page.getByRole('dialog', { name: 'Try 4 pins again now?' })
  await dialog.waitFor()
  // Somebody else removes two of them meanwhile.
  const gone = ['anew two', 'anew four']
  for (const name of gone) await askApi(server, 'DELETE', `/psa/pins/${ids.get(name)}`)
  await dialog.getByRole('button', { name: 'Retry 4 pins' }).click()
  await dialog.getByText('2 tried again.').waitFor()
  await dialog.getByText('2 could not be:').waitFor()
  for (const name of gone)
    await dialog
      .getByRole('listitem')
      .filter({ hasText: `${name} ${ids.get(name)}: ` })
      .waitFor()
  expect(await dialog.getByRole('listitem').count()).toBe(2)
  // One that had failed has all of its time before it again.
  const times = async () => Promise.all(kept.map(async (name) => (await look(name)).deadlineAt))
  for (const [at, { deadlineAt }] of before.entries())
    await expect.poll(async () => (await times())[at]).not.toBe(deadlineAt)
  expect(complaints.all).toEqual([])
  await close()
})

it('leads from a pin that is here to its file, and unpins it', async () => {
  const { cid } = await uploadByApi(server, { 'larch.txt': 'larch' })
  const id = await pinByApi(server, cid, 'larch', { keyvalues: { kind: 'conifer' } })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/pins', 'Pins')
  await table(page).getByRole('link', { name: 'larch', exact: true }).click()
  await page.getByRole('heading', { name: 'larch', level: 1 }).waitFor()
  await page.getByRole('status').getByText('Pinned', { exact: true }).waitFor()
  await page.getByRole('definition').getByText(cid, { exact: true }).waitFor()
  await page.getByRole('definition').getByText('conifer').waitFor()
  expect(await page.getByRole('link', { name: 'Open in gateway' }).getAttribute('href')).toContain(`/ipfs/${cid}`)
  expect(await page.getByRole('button', { name: 'Retry now' }).getAttribute('title')).toBe('It is pinned already.')
  await page.getByRole('button', { name: 'As API call' }).click()
  await page.getByText(`curl '${server.apiUrl}/pinyon/v1/pins/${id}'`).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'Open the file' }).click()
  await page.waitForURL(`${server.apiUrl}/files/${id}`)
  await page.getByRole('heading', { name: 'larch', level: 1 }).waitFor()
  await page.goBack()
  await page.getByRole('button', { name: 'Unpin' }).click()
  await page.getByRole('dialog', { name: 'Unpin larch?' }).getByRole('button', { name: 'Unpin' }).click()
  await page.getByRole('heading', { name: 'Pins', level: 1 }).waitFor()
  await row(page, 'larch').waitFor({ state: 'detached' })
  expect(complaints.all).toEqual([])
  await close()
})

it('says why a pin failed, what would help, and who was asked', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await showSamplePins(page)
  await go(`/pins/${samplePin('failed')}`, /^Verträge/)
  await page.getByRole('status').getByText('Failed', { exact: true }).waitFor()
  await page.getByText('Given up after 38 attempts.').waitFor()
  await page.getByRole('heading', { name: 'Why it failed' }).waitFor()
  await page.getByText('Nobody was found who has this content').waitFor()
  await page.getByRole('heading', { name: 'What would help' }).waitFor()
  await page.getByText('See that a node which has all of it is online').waitFor()
  const sources = page.getByRole('table', { name: 'Sources tried' })
  await sources.getByRole('row', { name: /192\.168\.1\.20.*Not dialled.*PINYON_DIAL_PRIVATE/ }).waitFor()
  await sources.getByRole('row', { name: /gateway\.example\.org.*Does not have it/ }).waitFor()
  await go(`/pins/${samplePin('pinning')}`, 'cones, all editions')
  await page.getByRole('progressbar', { name: 'Fetching' }).waitFor()
  await page.getByText('812 blocks, 203.4 MiB so far.').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('says that there is no such pin', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/pins/none', 'Pin')
  await page.getByRole('alert').getByText('NOT_FOUND').waitFor()
  await page.getByRole('link', { name: 'All pins' }).click()
  await page.getByRole('heading', { name: 'Pins', level: 1 }).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('runs nothing of what pins are called, and shows names of every length and direction', async () => {
  const names = [
    '<img src=x onerror="globalThis.harmed=true">',
    '"><script>globalThis.harmed=true</script>',
    'ספר היערות, מהדורה שנייה',
    'W'.repeat(255),
  ]
  for (const name of names)
    await pinByApi(server, identityCid(name.slice(0, 50)), name, { keyvalues: { [name.slice(0, 50)]: name } })
  const { page, go, complaints, close } = await openConsole(browser, server, { width: 320, height: 700 })
  await go('/pins', 'Pins')
  for (const name of names) {
    await table(page).getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { name, level: 1, exact: true }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
    await page.goBack()
    await page.getByRole('heading', { name: 'Pins', level: 1 }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  }
  expect(await page.evaluate(() => 'harmed' in globalThis)).toBe(false)
  expect(complaints.all).toEqual([])
  await close()
})

it('lets members pin and remove', async () => {
  const member = await joinAsMember(server, 'pins-member@example.test')
  const { page, go, complaints, close } = await openConsole(browser, server, { as: member })
  await go('/pins', 'Pins')
  await page.getByRole('button', { name: 'Pin by CID' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('CID', { exact: true }).fill(identityCid('of a member'))
  await dialog.getByLabel('Name').fill('of a member')
  await dialog.getByRole('button', { name: 'Pin', exact: true }).click()
  await row(page, 'of a member').waitFor()
  await chooseFromMenu(page, 'of a member', 'Unpin…')
  await dialog.getByRole('button', { name: 'Unpin' }).click()
  await row(page, 'of a member').waitFor({ state: 'detached' })
  expect(complaints.all).toEqual([])
  await close()
})

it('says why nothing can be pinned where the account refuses public content', async () => {
  const own = await startReadyServer()
  await askApi(own, 'PATCH', '/pinyon/v1/account', { publicContent: 'refused' })
  const { page, go, complaints, close } = await openConsole(browser, own)
  const why = 'Pins by CID are public, and this account refuses public content. Its owner can allow it under Account.'
  await go('/pins', 'Pins')
  await page.getByText(why).waitFor()
  for (const button of await page.getByRole('button', { name: 'Pin by CID' }).all()) {
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    expect(await button.getAttribute('title')).toBe(why)
  }
  await page.goto(`${own.apiUrl}/pins?add=true`)
  const dialog = page.getByRole('dialog', { name: 'Pin by CID' })
  await dialog.getByText(why).waitFor()
  await dialog.getByLabel('CID', { exact: true }).fill(identityCid('refused'))
  expect(await dialog.getByRole('button', { name: 'Pin', exact: true }).getAttribute('title')).toBe(why)
  expect(complaints.all).toEqual([])
  await close()
  await own.stop()
  await removeData(own)
})

it('scrolls over 1,100 pins, drawing only those in sight', async () => {
  const own = await startReadyServer()
  for (let n = 0; n < 1_100; n += 20)
    await Promise.all(Array.from({ length: 20 }, (_, k) => pinByApi(own, identityCid(`row ${n + k}`), `row ${n + k}`)))
  const { page, go, complaints, close } = await openConsole(browser, own)
  await go('/pins', 'Pins')
  await table(page).getByRole('row').nth(5).waitFor()
  expect(await table(page).getAttribute('aria-rowcount')).toBe('-1')
  await table(page).hover()
  await expect
    .poll(
      async () => {
        await page.mouse.wheel(0, 6_000)
        return table(page).getAttribute('aria-rowcount')
      },
      { timeout: 20_000 },
    )
    .toBe('1101')
  await table(page).evaluate((frame) => frame.scrollTo(0, frame.scrollHeight))
  const rows = table(page).getByRole('row')
  await expect.poll(() => rows.last().getAttribute('aria-rowindex')).toBe('1101')
  await rows.last().getByRole('link').waitFor()
  await expect.poll(() => rows.count()).toBeLessThan(60)
  await rows.last().getByRole('link').focus()
  await page.keyboard.press('ArrowUp')
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.closest('[role=row]')?.getAttribute('aria-rowindex')))
    .toBe('1100')
  expect(await chip(page, 'Pinned').innerText()).toMatch(/1,100$/)
  expect(complaints.all).toEqual([])
  await close()
  await own.stop()
  await removeData(own)
}, 180_000)

it.each(['light', 'dark'] as const)('shuts nobody out of list, detail and dialogs, %s', async (theme) => {
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 700 })
  const look = async (where: string) => {
    expect(await findBarriers(page), where).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth), where).toBe(320)
  }
  await showSamplePins(page)
  await go('/pins', 'Pins')
  await row(page, 'hello.txt').waitFor()
  await look('list')
  await page.getByRole('button', { name: 'More for hello.txt' }).click()
  await page.getByRole('menu').waitFor()
  await look('menu')
  await page.keyboard.press('Escape')
  await page.getByRole('checkbox', { name: 'Select hello.txt' }).click()
  await page.getByRole('checkbox', { name: /^Select cones/ }).click()
  await page.getByRole('group', { name: 'Selected pins' }).getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog').waitFor()
  await look('remove')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Pin by CID' }).click()
  await page.getByLabel('CID', { exact: true }).fill('nonsense')
  await page.getByRole('button', { name: 'Add a key-value' }).click()
  await page.getByText('As API call').last().click()
  await look('pin by CID')
  await page.keyboard.press('Escape')
  await page.getByRole('searchbox').fill('nothing like it')
  await page.getByRole('heading', { name: 'No pin matches' }).waitFor()
  await look('no match')
  for (const [status, heading] of [
    ['pinning', 'cones, all editions'],
    ['failed', /^Verträge/],
    ['pinned', 'hello.txt'],
  ] as const) {
    await go(`/pins/${samplePin(status)}`, heading)
    await look(status)
  }
  await page.setViewportSize({ width: 1_280, height: 800 })
  await go('/pins', 'Pins')
  await row(page, 'hello.txt').waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})
