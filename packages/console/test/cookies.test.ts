import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { launchBrowser } from './support/browser.ts'
import { type ConsolePage, openConsole, owner, type ReadyServer, startReadyServer } from './support/console-page.ts'

let browser: Browser
let server: ReadyServer
let elsewhere: Server
let uploaded: string

/** The attacker's page; what it does is done below, in its own world. */
const page = '<!doctype html><title>Elsewhere</title><script>window.ran = true</script><h1>Elsewhere</h1>'

beforeAll(async () => {
  browser = await launchBrowser()
  server = await startReadyServer()
  elsewhere = createServer((_request, response) => {
    // As a window that wants to stay in touch with those it opens would be sent.
    response.writeHead(200, { 'content-type': 'text/html', 'cross-origin-opener-policy': 'unsafe-none' }).end(page)
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, resolve))
  const form = new FormData()
  form.append('network', 'public')
  form.append('file', new Blob([page], { type: 'text/html' }), 'page.html')
  const answer = await fetch(`${server.apiUrl}/v3/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key.JWT}` },
    body: form,
  })
  const { data } = (await answer.json()) as { data: { cid: string } } // what an upload answers
  uploaded = `${server.gatewayUrl}/ipfs/${data.cid}?filename=page.html`
})

afterAll(async () => {
  await browser.close()
  elsewhere.close()
  await server.stop()
  await removeData(server)
})

const attackers = [
  ['the origin of the gateway, in a file of somebody', () => uploaded],
  ['another port of the same host', () => `http://127.0.0.1:${portOf(elsewhere)}/`],
  ['a sibling host', () => `http://localhost:${portOf(elsewhere)}/`],
] as const

it('is what the console itself reads and changes things with', async () => {
  const { page: own, go, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  expect((await tryFetches(own, server.apiUrl)).filter((line) => line.includes(owner.email))).not.toEqual([])
  await close()
})

describe.each(attackers)('the session cookie, tried from %s', (_where, address) => {
  let opened: ConsolePage
  let before: unknown

  beforeAll(async () => {
    opened = await openConsole(browser, server)
    before = await stateOf()
    await opened.page.goto(address())
  })

  afterAll(() => opened.close())

  it('lets nothing be read by fetch, and changes nothing', async () => {
    const lines = await tryFetches(opened.page, server.apiUrl)
    expect(lines.filter((line) => !/^(401|blocked|opaque)/.test(line))).toEqual([])
    expect(await stateOf()).toEqual(before)
  })

  it('changes nothing by a form', async () => {
    const paths = [
      '/pinyon/v1/members',
      '/v3/pinata/keys',
      '/users/generateApiKey',
      '/pinning/pinJSONToIPFS',
      '/v3/files',
    ]
    for (const path of paths) {
      for (const enctype of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
        await opened.page.goto(address())
        const url = server.apiUrl + path
        const [answer] = await Promise.all([
          opened.page.waitForResponse(url),
          opened.page.waitForURL(url),
          opened.page.evaluate(submitForm, { action: url, enctype }),
        ])
        expect([path, enctype, answer.status()]).toEqual([path, enctype, 401])
      }
    }
    expect(await stateOf()).toEqual(before)
    await opened.page.goto(address())
  })

  it('shows nothing in a picture, a script or a frame', async () => {
    const found = await opened.page.evaluate(async (apiUrl) => {
      const outcome = (element: HTMLElement) =>
        new Promise<string>((resolve) => {
          element.addEventListener('load', () => resolve('loaded'))
          element.addEventListener('error', () => resolve('refused'))
          // A policy that forbids the element says so and sends no other event.
          document.addEventListener('securitypolicyviolation', () => resolve('refused'))
          document.body.append(element)
        })
      const paths = ['/pinyon/v1/account', '/pinyon/v1/sessions/current', '/v3/files/public', '/account']
      const lines: string[] = []
      for (const path of paths) {
        const image = document.createElement('img')
        image.src = apiUrl + path
        lines.push(`img ${path} ${await outcome(image)}`)
        const script = document.createElement('script')
        script.src = apiUrl + path
        lines.push(`script ${path} ${await outcome(script)}`)
      }
      return lines
    }, server.apiUrl)
    expect(found.filter((line) => !line.endsWith('refused'))).toEqual([])
  })

  it('cannot frame the console', async () => {
    await opened.page.evaluate((url) => {
      const frame = document.createElement('iframe')
      frame.src = url
      document.body.append(frame)
    }, `${server.apiUrl}/account`)
    await expect.poll(() => opened.page.frames().length).toBe(2)
    const [, frame] = opened.page.frames()
    await expect.poll(() => frame?.url()).toMatch(/^(chrome-error:|about:blank)/)
    await expect.poll(() => frame?.getByRole('heading', { name: 'Account' }).count()).toBe(0)
  })

  it('holds no window of the console that it opens', async () => {
    const [popup] = await Promise.all([
      opened.page
        .context()
        .waitForEvent('page', { timeout: 5_000 })
        .catch(() => undefined),
      opened.page.evaluate((url) => {
        const held = window as unknown as { held: Window | null }
        held.held = window.open(url, 'console')
      }, `${server.apiUrl}/account`),
    ])
    // A sandbox opens none.
    if (popup === undefined) {
      expect(await opened.page.evaluate(() => (window as unknown as { held: Window | null }).held)).toBeNull()
      return
    }
    await popup.getByRole('heading', { level: 1 }).waitFor()
    const read = await opened.page.evaluate(() => {
      const { held } = window as unknown as { held: Window }
      try {
        return held.document.body.innerText
      } catch (error) {
        return error instanceof DOMException ? error.name : String(error)
      }
    })
    expect(read === 'SecurityError' || read === '').toBe(true)
    expect(await opened.page.evaluate(() => (window as unknown as { held: Window }).held.closed)).toBe(true)
    await popup.close()
  })

  it('goes on afterwards, as the same person', async () => {
    await opened.go('/account', 'Account')
    await opened.page.getByText(owner.email).first().waitFor()
    expect(await stateOf()).toEqual(before)
  })
})

it('is attached by the browser to what another port asks, so that only the server keeps it from counting', async () => {
  const { page: other, close } = await openConsole(browser, server)
  await other.goto(`http://127.0.0.1:${portOf(elsewhere)}/`)
  const [request] = await Promise.all([
    other.waitForRequest((each) => each.url() === `${server.apiUrl}/pinyon/v1/whoami`),
    other.evaluate(
      (url) => fetch(url, { credentials: 'include' }).catch(() => undefined),
      `${server.apiUrl}/pinyon/v1/whoami`,
    ),
  ])
  expect((await request.allHeaders())['cookie']).toContain('__Host-pinyon=')
  await close()
})

it('runs no script of a file on the origin of the gateway', async () => {
  const { page: shown, close } = await openConsole(browser, server)
  await shown.goto(uploaded)
  await shown.getByRole('heading', { name: 'Elsewhere' }).waitFor()
  expect(await shown.evaluate(() => self.origin)).toBe('null')
  await close()
})

/** Everything a script might try with the cookie; a line for each: `blocked`, or the status and what could be read. */
function tryFetches(from: Page, apiUrl: string): Promise<string[]> {
  return from.evaluate(async (api) => {
    const json = { 'content-type': 'application/json' }
    const plain = { 'content-type': 'text/plain' }
    const member = JSON.stringify({ email: 'mallory@example.test', role: 'owner' })
    const key = JSON.stringify({ keyName: 'mallory', permissions: { admin: true } })
    const tries: [string, RequestInit][] = [
      ['/pinyon/v1/sessions/current', {}],
      ['/pinyon/v1/whoami', {}],
      ['/pinyon/v1/account', {}],
      ['/pinyon/v1/members', {}],
      ['/v3/files/public', {}],
      ['/data/pinList', {}],
      ['/pinyon/v1/account', { mode: 'no-cors' }],
      ...(api === location.origin
        ? []
        : ([
            ['/pinyon/v1/account', { method: 'PATCH', headers: json, body: '{"name":"Mallory"}' }],
            ['/pinyon/v1/members', { method: 'POST', headers: json, body: member }],
            ['/pinyon/v1/members', { method: 'POST', headers: plain, body: member }],
            ['/pinyon/v1/members', { method: 'POST', mode: 'no-cors', headers: plain, body: member }],
            ['/v3/pinata/keys', { method: 'POST', headers: json, body: key }],
            ['/users/generateApiKey', { method: 'POST', mode: 'no-cors', headers: plain, body: key }],
            ['/pinyon/v1/sessions/current', { method: 'DELETE' }],
            ['/pinyon/v1/password', { method: 'PUT', headers: json, body: '{}' }],
          ] satisfies [string, RequestInit][])),
    ]
    const lines: string[] = []
    for (const [path, init] of tries) {
      try {
        const answer = await fetch(api + path, { ...init, credentials: 'include' })
        const text = await answer.text()
        lines.push(`${answer.type === 'opaque' ? 'opaque' : answer.status} ${init.method ?? 'GET'} ${path} ${text}`)
      } catch {
        lines.push(`blocked ${init.method ?? 'GET'} ${path}`)
      }
    }
    return lines
  }, apiUrl)
}

/** In the page: a form whose plain text reads as JSON. */
function submitForm({ action, enctype }: { action: string; enctype: string }): void {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = action
  form.enctype = enctype
  const field = document.createElement('input')
  field.name = '{"email":"mallory@example.test","role":"owner","keyName":"mallory","permissions":{"admin":true},"x":"'
  field.value = '"}'
  form.append(field)
  document.body.append(form)
  form.submit()
}

/** What an attack would have changed. */
async function stateOf(): Promise<unknown> {
  const account = await askApi<object>(server, 'GET', '/pinyon/v1/account')
  const people = await askApi<object>(server, 'GET', '/pinyon/v1/members')
  const { keys } = await askApi<{ keys: { name: string }[] }>(server, 'GET', '/pinyon/v1/keys')
  return { account, people, keys: keys.map(({ name }) => name) }
}

function portOf(listening: Server): number {
  return (listening.address() as AddressInfo).port // it listens on TCP
}
