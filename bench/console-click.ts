// How soon a click is answered: `node bench/console-click.ts`. A real Chromium against a real server whose every answer is
// 50 ms late. From the press to the first frame that shows what was asked for: the page's heading, a dialog, a menu. Each
// median of ten, after one that is not counted, as somebody has it who uses the console.
import { removeData } from '../acceptance/support/server.ts'
import { launchBrowser } from '../packages/console/test/support/browser.ts'
import { unpackChromium } from '../packages/console/test/support/chromium-path.ts'
import { type ConsolePage, openConsole, startReadyServer } from '../packages/console/test/support/console-page.ts'
import { seedSamples } from '../packages/console/scripts/seed-samples.ts'

type Page = ConsolePage['page']

const runs = 10
const delayMs = 50
const boundMs = 100

interface Click {
  readonly name: string
  /** Where it begins. */
  readonly at: string
  readonly press: (page: Page) => ReturnType<Page['getByRole']>
  /** What answers it: a selector, and the text that it then has. */
  readonly answer: readonly [selector: string, text: string]
}

const rail = (label: string, heading = label): Click => ({
  name: `rail: ${label}`,
  at: label === 'Connect' ? '/links' : '/connect',
  press: (page) => page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: label, exact: true }),
  answer: ['h1', heading],
})
const button = (at: string, name: string, answer: Click['answer']): Click => ({
  name: `${at}: ${name}`,
  at,
  press: (page) => page.getByRole('button', { name, exact: true }),
  answer,
})

const clicks: readonly Click[] = [
  rail('Files'),
  rail('Groups'),
  rail('Pins'),
  rail('Links'),
  rail('Gateways'),
  rail('Usage'),
  rail('Keys', 'API keys'),
  rail('Connect'),
  rail('Webhooks'),
  rail('Audit'),
  rail('Account'),
  rail('Health'),
  rail('Operator'),
  {
    name: 'a file of the list',
    at: '/files',
    press: (page) => page.getByRole('link', { name: 'pines.jpg' }),
    answer: ['h1', 'pines.jpg'],
  },
  button('/files', 'More for pines.jpg', ['[role=menuitem]', 'Open']),
  button('/files', 'Upload', ['[role=dialog] h2', 'Upload']),
  button('/files', 'Views', ['[role=menu]', 'Save this view']),
  button('/groups', 'New group', ['[role=dialog] h2', 'New group']),
  button('/keys', 'As API call', ['[role=dialog] h2', 'As API call']),
  button('/webhooks', 'New webhook', ['[role=dialog] h2', 'New webhook']),
  button('/operator', 'New account', ['[role=dialog] h2', 'New account']),
]

const server = await startReadyServer()
const browser = await launchBrowser(await unpackChromium())
try {
  await seedSamples(server)
  const { page } = await openConsole(browser, server, { width: 1440, height: 900 })
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: delayMs,
    downloadThroughput: -1,
    uploadThroughput: -1,
  })
  console.log(`a click is answered, every answer of the server ${delayMs} ms late, bound ${boundMs} ms:`)
  for (const click of clicks) {
    const times: number[] = []
    for (let run = 0; run <= runs; run++) times.push(await measure(page, click))
    const counted = times.slice(1).toSorted((a, b) => a - b)
    const median = Math.round(counted[runs >> 1] ?? 0)
    console.log(
      `  ${click.name.padEnd(34)} ${median} ms${median > boundMs ? ' OVER' : ''}, slowest ${Math.round(counted.at(-1) ?? 0)} ms`,
    )
  }
} finally {
  await browser.close()
  await server.stop()
  await removeData(server)
}

/** Milliseconds from the press to the frame that shows the answer, as the page itself takes them. */
async function measure(page: Page, { at, press, answer }: Click): Promise<number> {
  await page.keyboard.press('Escape')
  // Within the page, as somebody has it who came from elsewhere in the console; loaded ahead as it is then.
  if (page.url() === 'about:blank') await page.goto(`${server.apiUrl}${at}`)
  else
    await page.evaluate((path) => {
      history.pushState({}, '', path)
      dispatchEvent(new PopStateEvent('popstate'))
    }, at)
  const target = press(page)
  await target.waitFor()
  await target.hover()
  // What pointing at it began is not waited for by anybody who clicks at once; a hand takes 100 ms and more to press.
  const [selector, text] = answer
  const answered = page.evaluate(
    ([wanted, words]) =>
      new Promise<number>((resolve) => {
        addEventListener(
          'pointerdown',
          ({ timeStamp }) => {
            const look = () => {
              const is = [...document.querySelectorAll(wanted)].some(({ textContent }) => textContent.includes(words))
              if (is) requestAnimationFrame((now) => resolve(now - timeStamp))
              else requestAnimationFrame(look)
            }
            requestAnimationFrame(look)
          },
          { once: true, capture: true },
        )
      }),
    [selector, text] as const,
  )
  await target.click()
  return answered
}
