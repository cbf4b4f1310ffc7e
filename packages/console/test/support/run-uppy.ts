import { launchBrowser } from './browser.ts'
import { unpackChromium } from './chromium-path.ts'
import { serveForeignPage } from './foreign-page.ts'
import type { UppyStep } from './uppy-page.ts'

declare const runUppy: (to: { api: string; jwt: string }) => Promise<UppyStep[]>

/** Has Uppy do every operation it has, in a real browser on a page of another origin. */
export async function runUppyInBrowser(to: { api: string; jwt: string }): Promise<readonly UppyStep[]> {
  const page = await serveForeignPage('uppy-page.ts')
  const browser = await launchBrowser(await unpackChromium())
  try {
    // The server's authority is its own; whether browsers trust it is not what is looked at.
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const shown = await context.newPage()
    await shown.goto(page.url)
    return await shown.evaluate((given) => runUppy(given), to)
  } finally {
    await browser.close()
    page.close()
  }
}
