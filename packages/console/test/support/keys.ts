import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import { run } from '../../../../acceptance/support/run.ts'
import type { KeyValues } from '../../../../acceptance/support/server.ts'
import { askApi } from './ask-api.ts'
import type { ReadyServer } from './console-page.ts'

/** What the tests read of a key. */
export interface AnsweredKey {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly permissions: unknown
  readonly maxUses: number | null
  readonly expiresAt: string | null
}

/** Makes a key by the API. */
export async function makeKey(server: ReadyServer, keyName: string, more: object = {}): Promise<KeyValues> {
  const body = { keyName, permissions: { endpoints: { files: { list: true } } }, ...more }
  return askApi<KeyValues>(server, 'POST', '/v3/pinata/keys', body)
}

/** The newest key of this name. */
export async function getKeyByName(server: ReadyServer, name: string): Promise<AnsweredKey> {
  const { keys } = await askApi<{ keys: AnsweredKey[] }>(
    server,
    'GET',
    `/pinyon/v1/keys?name=${encodeURIComponent(name)}`,
  )
  const key = keys.find((each) => each.name === name)
  if (key === undefined) throw new Error(`there is no key ${name}`)
  return key
}

/** What whoami answers to a JWT. */
export async function statusOf(server: ReadyServer, jwt: string): Promise<number> {
  const answer = await fetch(`${server.apiUrl}/pinyon/v1/whoami`, { headers: { authorization: `Bearer ${jwt}` } })
  return answer.status
}

/** What came of the steps of a program written for Pinata's SDK (npm `pinata`), run with this JWT. */
export async function runSdk(server: ReadyServer, jwt: string): Promise<Record<string, SdkStep | undefined>> {
  const program = fileURLToPath(new URL('../../../../acceptance/programs/pinata-sdk.mjs', import.meta.url))
  const ran = await run(process.execPath, [program], {
    env: { PINYON_API: server.apiUrl, PINYON_GATEWAY: server.gatewayUrl, PINATA_JWT: jwt },
  })
  if (ran.code !== 0) throw new Error(ran.stderr)
  return JSON.parse(ran.stdout) as Record<string, SdkStep> // printed by the program
}

/** The answer of one step, or the words of its refusal. */
export interface SdkStep {
  readonly error?: string
  readonly status?: number
  readonly message?: string
}

/** Goes forward by the tabulator until this has the focus. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 100; presses++) {
    await page.keyboard.press('Tab')
    if (await target.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error('the tabulator does not lead there')
}

/** Presses the button that copies a value, and answers what the clipboard holds then, as another page has it pasted. */
export async function copied(page: Page, label: string): Promise<string> {
  await page.getByRole('button', { name: label, exact: true }).click()
  const words = `${label.replace(/^Copy /, '')} copied`
  await page.getByRole('status').getByText(words, { exact: true }).waitFor({ state: 'attached' })
  const other = await page.context().newPage()
  await other.setContent('<textarea aria-label="paste here"></textarea>')
  const field = other.getByRole('textbox', { name: 'paste here' })
  await field.press('ControlOrMeta+v')
  const text = await field.inputValue()
  await other.close()
  await page.bringToFront()
  return text
}
