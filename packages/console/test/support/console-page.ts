import type { Browser, Page } from 'playwright-core'
import { setUp, startServer, type KeyValues, type TestServer } from '../../../../acceptance/support/server.ts'
import { collectComplaints, type Complaints, type Look, openContext } from './browser.ts'

/** The owner that set-up makes. */
export const owner = { email: 'owner@example.test', password: 'correct horse battery' } as const

/** A server that was set up, with its owner's first key. */
export interface ReadyServer extends TestServer {
  readonly key: KeyValues
}

/** Starts a server of its own for a test file, and sets it up by the API. */
export async function startReadyServer(env: Record<string, string> = {}): Promise<ReadyServer> {
  const server = await startServer({ env })
  return Object.assign(server, { key: await setUp(server) })
}

/** A page of somebody signed in, in a profile of its own. */
export interface ConsolePage {
  readonly page: Page
  readonly complaints: Complaints
  /** Goes to a path of the console and waits until its heading stands there. */
  readonly go: (path: string, heading: string | RegExp) => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens the console in a profile of its own; signed in as the owner unless `as` says otherwise. */
export async function openConsole(
  browser: Browser,
  server: Pick<TestServer, 'apiUrl'>,
  options: Look & { as?: { email: string; password: string } | null } = {},
): Promise<ConsolePage> {
  const context = await openContext(browser, options)
  const page = await context.newPage()
  const complaints = collectComplaints(page)
  const as = options.as === undefined ? owner : options.as
  if (as !== null) {
    const answer = await context.request.post(`${server.apiUrl}/pinyon/v1/sessions`, { data: as })
    if (!answer.ok()) throw new Error(`signing in answered ${answer.status()}: ${await answer.text()}`)
  }
  return {
    page,
    complaints,
    async go(path, heading) {
      await page.goto(`${server.apiUrl}${path}`)
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
    },
    close: () => context.close(),
  }
}
