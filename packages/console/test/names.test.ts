import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, owner, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { joinAsMember } from './support/join-as-member.ts'

const evil = `<img src=x onerror="document.title='pwned'">`
const unknown = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'

let server: ReadyServer
let browser: Browser

beforeAll(async () => {
  server = await startReadyServer({ PINYON_DNSLINK: 'off' })
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

async function upload(name: string, text: string): Promise<{ id: string; cid: string }> {
  const form = new FormData()
  form.append('network', 'public')
  form.append('file', new Blob([text]), name)
  const headers = { authorization: `Bearer ${server.key.JWT}` }
  const uploaded = await fetch(`${server.apiUrl}/v3/files`, { method: 'POST', headers, body: form })
  return ((await uploaded.json()) as { data: { id: string; cid: string } }).data // what an upload answers
}

it(
  'makes a name, publishes a file under it, rolls it back, and says when what it leads to is gone',
  { timeout: 120_000 },
  async () => {
    const [one, two] = [await upload('one.txt', 'the first'), await upload('two.txt', 'the second')]
    const { page, go, complaints, close } = await openConsole(browser, server)
    const dialog = page.getByRole('dialog')
    await go('/names', 'Names')
    await page.getByRole('heading', { name: 'No names yet' }).waitFor()
    await page.getByRole('button', { name: 'New name' }).first().click()
    await dialog.getByLabel('Label').fill(evil)
    await dialog.getByLabel('Readers keep it').selectOption('1 minute')
    expect(await findBarriers(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Make name' }).click()
    await page.getByRole('heading', { name: evil, level: 1 }).waitFor()
    await page.getByText('Nothing yet: publish a file or a CID.').waitFor()
    const path = new URL(page.url()).pathname
    const id = path.split('/').at(-1) ?? ''
    const publish = page.getByRole('button', { name: 'Publish', exact: true })
    for (const [file, name] of [
      [one, 'one.txt'],
      [two, 'two.txt'],
    ] as const) {
      await publish.click()
      await dialog.getByLabel('Find a public file').fill(name.slice(0, 3))
      await dialog.getByRole('radio', { name }).check()
      expect(await findBarriers(page)).toEqual([])
      await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
      await dialog.waitFor({ state: 'detached' })
      await page.getByText(`/ipfs/${file.cid}`, { exact: true }).first().waitFor()
    }
    const { name } = await askApi<{ name: string }>(server, 'GET', `/pinyon/v1/names/${id}`)
    const read = async () => (await fetch(`${server.gatewayUrl}/ipns/${name}`)).text()
    await expect.poll(read, { timeout: 15_000 }).toBe('the second')
    await page.getByRole('button', { name: 'Roll back to number 1' }).click()
    await dialog.getByRole('button', { name: 'Roll back', exact: true }).click()
    await page.getByText('back to number 1').waitFor()
    await expect.poll(read, { timeout: 15_000 }).toBe('the first')

    await go(`/files/${one.id}`, 'one.txt')
    await page.getByRole('button', { name: 'Unpin' }).first().click()
    await dialog.getByText(/leads to it, and then to nothing/).waitFor()
    await dialog.getByRole('button', { name: 'Unpin', exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    await go('/names', 'Names')
    await page.getByRole('table', { name: 'Names' }).getByRole('cell', { name: 'not kept here' }).waitFor()
    await page.getByRole('link', { name: evil }).click()
    await page.getByText(/so nobody here keeps it/).waitFor()

    await publish.click()
    await dialog.getByText('A CID', { exact: true }).click()
    await dialog.getByLabel('CID', { exact: true }).fill(unknown)
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
    await dialog.getByText('CONFIRMATION_NEEDED').waitFor()
    await dialog.getByRole('button', { name: 'Publish all the same' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText(`/ipfs/${unknown}`, { exact: true }).first().waitFor()
    expect(await page.title()).toBe(`${evil} · Pinyon`)
    expect(complaints.all).toEqual([])
    await close()
  },
)

it('gives the key for the password alone, and takes it back in', async () => {
  const made = await askApi<{ id: string; name: string }>(server, 'POST', '/pinyon/v1/names', { label: 'moved' })
  const { page, go, complaints, close } = await openConsole(browser, server)
  const dialog = page.getByRole('dialog')
  await go(`/names/${made.id}`, 'moved')
  await page.getByRole('textbox', { name: 'Domain' }).fill('www.example.org')
  await page.getByRole('button', { name: 'Check' }).click()
  await page.getByRole('status').getByText('This server looks no domains up').waitFor()
  expect(await page.getByLabel('Host of the TXT record', { exact: true }).inputValue()).toBe('_dnslink.www.example.org')
  expect(await page.getByLabel('Value of the TXT record', { exact: true }).inputValue()).toBe(
    `dnslink=/ipns/${made.name}`,
  )
  await page.getByRole('button', { name: 'Export key' }).click()
  await dialog.getByLabel('Your password').fill(owner.password)
  await dialog.getByRole('button', { name: 'Export key' }).click()
  const key = await dialog.getByLabel('Key in base64', { exact: true }).inputValue()
  expect(await findBarriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Done' }).click()
  expect(await page.content()).not.toContain(key)
  await page.getByText('Exported', { exact: false }).first().waitFor()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await dialog.getByRole('button', { name: 'Remove name' }).click()
  await page.getByRole('heading', { name: 'Names', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Import key' }).click()
  await dialog.getByLabel('Label').fill('moved back')
  await dialog.getByLabel('Private key').fill(made.name)
  await dialog.getByRole('button', { name: 'Import key' }).click()
  await dialog.getByText(/this is a name/).waitFor()
  await dialog.getByLabel('Private key').fill(key)
  await dialog.getByRole('button', { name: 'Import key' }).click()
  await page.getByRole('heading', { name: 'moved back', level: 1 }).waitFor()
  await page.getByText(made.name, { exact: true }).first().waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it.each(['light', 'dark'] as const)('shuts nobody out, at 320 px and with long labels too, %s', async (theme) => {
  const label = `${theme} ${'Kiefernzapfensammlung'.repeat(4)}`
  const { id } = await askApi<{ id: string }>(server, 'POST', '/pinyon/v1/names', { label })
  const { cid } = await upload(`${theme}.txt`, theme)
  await askApi(server, 'POST', `/pinyon/v1/names/${id}/publish`, { cid })
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 640 })
  for (const [path, heading, table] of [
    ['/names', 'Names', 'Names'],
    [`/names/${id}`, label, 'History'],
  ] as const) {
    await go(path, heading)
    await page.getByRole('table', { name: table }).waitFor()
    expect(await findBarriers(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  }
  expect(complaints.all).toEqual([])
  await close()
})

it('lets members publish, and leaves keys to owners', async () => {
  const { id } = await askApi<{ id: string }>(server, 'POST', '/pinyon/v1/names', { label: 'shared' })
  const member = await joinAsMember(server, 'member-of-names@example.test')
  const { page, go, complaints, close } = await openConsole(browser, server, { as: member })
  await go(`/names/${id}`, 'shared')
  await page.getByTitle('Only owners export keys; ask one of them.').waitFor()
  expect(complaints.all).toEqual([])
  await close()
})
