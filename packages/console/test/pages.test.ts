import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { type ConsolePage, openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { uploadByApi } from './support/file-api.ts'
import { identityCid, pinByApi, unknownCid } from './support/pin-api.ts'
import { readPagePaths } from './support/page-paths.ts'

/** What others can write into an account, and what would run if a page took it for more than text. */
const harmful = `"><img src=x onerror="globalThis.harmed=true"><svg onload="globalThis.harmed=true">`
const long = `${'W'.repeat(500)}زمن طويل`

let server: ReadyServer
let browser: Browser
/** Every page of the map by its path in the route table of the console, and an address of it. */
let addresses: Readonly<Record<string, string>>

beforeAll(async () => {
  server = await startReadyServer()
  browser = await launchBrowser()
  addresses = await fill(server)
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

/** Puts what is harmful and what is long into every field that somebody else than the reader may fill. */
async function fill(of: ReadyServer): Promise<Readonly<Record<string, string>>> {
  const post = <T>(path: string, body: object) => askApi<T>(of, 'POST', path, body)
  const group = await post<{ data: { id: string } }>('/v3/groups/public', { name: harmful })
  const keyvalues = JSON.stringify({ [harmful]: harmful, long })
  const file = await uploadByApi(
    of,
    { [harmful]: '<script>globalThis.harmed=true</script>' },
    { keyvalues, group_id: group.data.id },
  )
  await uploadByApi(of, { 'long.txt': 'long' }, { name: long })
  const pin = await pinByApi(of, identityCid('harm'), harmful, { keyvalues: { [harmful]: harmful } })
  await post('/v3/pinata/keys', { keyName: harmful, permissions: { admin: true } })
  await post('/v3/pinata/keys', {
    keyName: long.slice(0, 200),
    permissions: { endpoints: { files: { upload: true } } },
  })
  const { keys } = await askApi<{ keys: { id: string; name: string }[] }>(of, 'GET', '/pinyon/v1/keys')
  const { webhook } = await post<{ webhook: { id: string } }>('/pinyon/v1/webhooks', {
    url: 'https://shop.example.org/hooks',
    name: harmful,
  })
  const gateway = await post<{ data: { id: string } }>('/v3/gateways', { domain: 'harmless' })
  await post('/pinyon/v1/accounts', { name: harmful, email: 'harm@example.test' })
  const name = await post<{ id: string }>('/pinyon/v1/names', { label: harmful })
  await post('/pinyon/v1/denials', { cid: unknownCid(), reason: harmful })
  return {
    '/files': '/files',
    '/files/$id': `/files/${file.id}`,
    '/groups': '/groups',
    '/groups/$network/$id': `/groups/public/${group.data.id}`,
    '/pins': '/pins',
    '/pins/$id': `/pins/${pin}`,
    '/links': '/links',
    '/gateways': '/gateways',
    '/gateways/$id': `/gateways/${gateway.data.id}`,
    '/keys': '/keys',
    '/keys/new': '/keys/new',
    '/keys/$id': `/keys/${keys.find(({ name }) => name === harmful)?.id}`,
    '/connect': '/connect',
    '/webhooks': '/webhooks',
    '/webhooks/$id': `/webhooks/${webhook.id}`,
    '/usage': '/usage',
    '/audit': '/audit',
    '/account': '/account',
    '/node': '/node',
    '/operator': '/operator',
    '/operator/health': '/operator/health',
    '/names': '/names',
    '/names/$id': `/names/${name.id}`,
  }
}

const paths = readPagePaths()

/** Goes to a page and waits until nothing on it is on its way any more. */
async function visit({ page }: ConsolePage, path: string): Promise<void> {
  const address = addresses[path] ?? expect.fail(`say in this test how to come to the page ${path}`)
  await page.goto(`${server.apiUrl}${address}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
}

const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth)

describe.each([
  { theme: 'light', width: 1440 },
  { theme: 'dark', width: 320 },
] as const)('every page, $theme, $width pixels wide, without motion', ({ theme, width }) => {
  let opened: ConsolePage
  beforeAll(async () => {
    opened = await openConsole(browser, server, { theme, width, height: 800 })
    await opened.page.emulateMedia({ reducedMotion: 'reduce', colorScheme: theme })
  })
  afterAll(() => opened.close())

  it.each(paths)('%s shuts nobody out, fits, runs nothing of what others wrote, and stands still', async (path) => {
    const { page, complaints } = opened
    await visit(opened, path)
    expect(await findBarriers(page)).toEqual([])
    expect(await widthOf(page)).toBe(width)
    expect(await page.evaluate(() => 'harmed' in globalThis)).toBe(false)
    const moving = await page.evaluate(
      () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
    )
    expect(moving).toBe(0)
    expect(complaints.all.splice(0)).toEqual([])
  })
})

it('shows itself in no frame of somebody else, whatever the page', async () => {
  for (const path of paths) {
    const answer = await fetch(`${server.apiUrl}${addresses[path]}`, { headers: { accept: 'text/html' } })
    expect(answer.headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'")
  }
  const { page, close } = await openConsole(browser, server)
  await page.route('https://evil.example/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<iframe src="${server.apiUrl}/account" onload="done = true"></iframe>`,
    }),
  )
  await page.goto('https://evil.example/')
  await page.waitForFunction(() => 'done' in globalThis)
  expect(await page.frameLocator('iframe').getByRole('heading').count()).toBe(0)
  await close()
})
