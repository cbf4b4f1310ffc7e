import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { inject } from 'vitest'

/**
 * Nothing that would falsify a test of CORS, cookies or the page's policy: the arguments that come with the package turn
 * the browser's own protections off, so they are not used.
 */
const args = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

/** A real Chromium without a window. */
export function launchBrowser(executablePath = inject('chromiumPath'), more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...args, ...more], headless: true })
}

/** What a page complained about: errors on its console, exceptions, and violations of its policy. */
export interface Complaints {
  readonly all: string[]
}

/** How a page is looked at. */
export interface Look {
  readonly theme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

/** A browser profile of its own: no cookie or storage is shared with another. */
export async function openContext(
  browser: Browser,
  { theme = 'light', width = 1280, height = 800 }: Look = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: 'en-GB',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  context.setDefaultTimeout(15_000)
  return context
}

/** Collects what a page complains about from now on. Failing requests are named by their status, so they are left out. */
export function collectComplaints(page: Page): Complaints {
  const all: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) all.push(message.text())
  })
  page.on('pageerror', (error) => all.push(String(error)))
  return { all }
}

let axeSource: Promise<string> | undefined

/** What axe finds wrong with the page as it stands, a line for each rule and place. */
export async function findBarriers(page: Page): Promise<string[]> {
  axeSource ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(await axeSource)
  const results = await page.evaluate(
    () => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(), // what the source above defines
  )
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  )
}
