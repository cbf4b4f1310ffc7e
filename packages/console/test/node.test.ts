import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { type NodeSample, nodeSamples, showSampleNode } from '../scripts/sample-node.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { uploadByApi } from './support/file-api.ts'
import { joinAsMember } from './support/join-as-member.ts'

/** A node on a free port of loopback, where others of this machine reach it. */
const embedded = { PINYON_IPFS: 'embedded', PINYON_IPFS_LISTEN: '/ip4/127.0.0.1/tcp/0' }

let server: ReadyServer
let browser: Browser

beforeAll(async () => {
  server = await startReadyServer(embedded)
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

interface ApiNode {
  readonly peerId: string
  readonly listens: readonly string[]
  readonly delegates: readonly string[]
}

const fact = (page: Page, text: string) => page.getByRole('definition').getByText(text)

it('shows what the server says of its node, to be copied', async () => {
  const node = await askApi<ApiNode>(server, 'GET', '/pinyon/v1/node')
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  await page.getByRole('link', { name: 'Node' }).click()
  await page.getByRole('heading', { name: 'Node', level: 1 }).waitFor()
  await fact(page, 'This installation talks to no one but the peers you name.').waitFor()
  for (const address of [node.peerId, ...node.listens, ...node.delegates])
    await page.getByRole('definition').getByText(address, { exact: true }).first().waitFor()
  await page.getByRole('button', { name: 'Copy peer id' }).click()
  await page.getByRole('status').getByText('Copied').waitFor()
  await page.getByRole('button', { name: 'As API call' }).click()
  await page.getByText(`curl '${server.apiUrl}/pinyon/v1/node'`).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('says that the node is off where it is', async () => {
  const own = await startReadyServer()
  const { page, go, complaints, close } = await openConsole(browser, own)
  await go('/node', 'Node')
  const status = page.getByRole('status', { name: 'Reachability' })
  await status.getByText('Other nodes cannot reach this one: it is off.').waitFor()
  await fact(page, 'Nothing: the node is off.').waitFor()
  expect(complaints.all).toEqual([])
  await close()
  await own.stop()
  await removeData(own)
})

it('pins what only another node has, once its address is named', async () => {
  const other = await startReadyServer(embedded)
  const { cid } = await uploadByApi(other, { 'only-there.txt': 'only there' })
  const { delegates } = await askApi<ApiNode>(other, 'GET', '/pinyon/v1/node')
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/pins', 'Pins')
  await page.getByRole('button', { name: 'Pin by CID' }).click()
  const dialog = page.getByRole('dialog', { name: 'Pin by CID' })
  await dialog.getByText('this installation talks to no one but the peers you name').waitFor()
  await dialog.getByLabel('CID', { exact: true }).fill(`ipfs://${cid}`)
  await dialog.getByLabel('Name').fill('only there')
  await dialog.getByLabel('Origins').fill(delegates.join('\n'))
  await dialog.getByRole('button', { name: 'Pin', exact: true }).click()
  const row = page.getByRole('table', { name: 'Pins' }).getByRole('row').filter({ hasText: 'only there' })
  await row.getByRole('cell', { name: 'Pinned', exact: true }).waitFor()
  await row.getByText('10 B').first().waitFor({ state: 'attached' })
  expect(complaints.all).toEqual([])
  await close()
  await other.stop()
  await removeData(other)
})

it.each([
  ['reachable', 'Other nodes can reach this one.', 'somebody from outside has connected'],
  ['unproven', 'Other nodes may be able to reach this one.', 'answers from here'],
  ['local', 'Other nodes cannot reach this one: its network is local.', 'PINYON_IPFS_NETWORK=public'],
  ['private', 'Other nodes cannot reach this one: it announces private addresses.', 'PINYON_IPFS_ANNOUNCE'],
  [
    'closed',
    'Other nodes cannot reach this one: nobody answers at what it announces.',
    'Open the port in the firewall',
  ],
] as const)('says whether others can reach it, and what to do: %s', async (sample: NodeSample, words, advice) => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await showSampleNode(page, sample)
  await go('/node', 'Node')
  const status = page.getByRole('status', { name: 'Reachability' })
  await status.getByText(words).waitFor()
  await status.getByText(advice).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('tells members under Connect how to reach the node, and keeps the page for operators', async () => {
  const node = await askApi<ApiNode>(server, 'GET', '/pinyon/v1/node')
  const member = await joinAsMember(server, 'node-member@example.test')
  const { page, go, complaints, close } = await openConsole(browser, server, { as: member })
  await go('/node', 'Node')
  await page.getByRole('heading', { name: 'You may not see this' }).waitFor()
  await expect.poll(() => page.getByRole('link', { name: 'Node', exact: true }).count()).toBe(0)
  await go('/connect?tool=kubo', 'Connect')
  expect(await page.getByRole('textbox', { name: 'Peer id' }).inputValue()).toBe(node.peerId)
  const delegate = page.getByRole('textbox', { name: /^Delegate/ }).first()
  expect(await delegate.inputValue()).toBe(node.delegates[0])
  expect(complaints.all).toEqual([])
  await close()
})

it.each(['light', 'dark'] as const)('shuts nobody out, %s', async (theme) => {
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 700 })
  for (const sample of Object.keys(nodeSamples) as NodeSample[]) {
    await showSampleNode(page, sample)
    await go('/node', 'Node')
    await page.getByRole('status', { name: 'Reachability' }).waitFor()
    expect(await findBarriers(page), sample).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth), sample).toBe(320)
  }
  await go('/connect?tool=desktop', 'Connect')
  await page.getByRole('textbox', { name: 'Peer id' }).waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  expect(complaints.all).toEqual([])
  await close()
})
