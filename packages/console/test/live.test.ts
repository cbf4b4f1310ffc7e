import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { identityCid, pinByApi } from './support/pin-api.ts'

let server: ReadyServer
let browser: Browser

/** More than a page of the list has. */
const rows = 110

beforeAll(async () => {
  server = await startReadyServer()
  browser = await launchBrowser()
  for (let n = 0; n < rows; n += 10) await Promise.all(Array.from({ length: 10 }, (_, k) => pin(`row ${n + k}`)))
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

const pin = (name: string) => pinByApi(server, identityCid(name), name)
const shown = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).waitFor({ timeout: 60_000 })
const live = (page: Page) => page.getByText('Live', { exact: true }).waitFor({ timeout: 60_000 })

it('keeps no page of a list that rows coming in on top have put another in place of', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/pins', 'Pins')
  await live(page)
  await shown(page, `row ${rows - 1}`)
  for (let n = 0; n < 8; n++) {
    await pin(`came in ${n}`)
    await shown(page, `came in ${n}`)
  }
  const devtools = await page.context().newCDPSession(page)
  // Two in use, and what React keeps of the drawing before; each that came in would leave one more, for a minute.
  await expect.poll(() => pagesHeld(devtools), { timeout: 30_000 }).toBeLessThanOrEqual(4)
  expect(complaints.all).toEqual([])
  await close()
})

/** Pages of the list that the script still reaches when everything that nobody holds was collected. */
async function pagesHeld(devtools: CDPSession): Promise<number> {
  const { result } = await devtools.send('Runtime.evaluate', { expression: 'Object.prototype', objectGroup: 'held' })
  const { objects } = await devtools.send('Runtime.queryObjects', {
    prototypeObjectId: result.objectId ?? '',
    objectGroup: 'held',
  })
  const counted = await devtools.send('Runtime.callFunctionOn', {
    objectId: objects.objectId ?? '',
    functionDeclaration: `function () {
      return this.filter((each) => ['rows', 'counts', 'next'].every((name) => Object.hasOwn(each, name))).length
    }`,
    returnByValue: true,
  })
  await devtools.send('Runtime.releaseObjectGroup', { objectGroup: 'held' })
  return Number(counted.result.value)
}
