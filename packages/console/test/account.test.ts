import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { collectComplaints, findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, owner, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { inviteTo } from './support/invite-to.ts'
import { joinAsMember } from './support/join-as-member.ts'
import { statusOf } from './support/keys.ts'
import { findSecrets } from './support/leftovers.ts'

let browser: Browser
let server: ReadyServer

beforeAll(async () => {
  browser = await launchBrowser()
  server = await startReadyServer()
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

it('renames the account, and refuses public content once it is told to', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/account', 'Account')
  await page.getByText('0 B in use, no limit').waitFor()
  await page.getByRole('textbox', { name: 'Name' }).fill('Pine Studio')
  await page.getByRole('radio', { name: /^Refused/ }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Account Pine Studio' }).waitFor()
  expect(await uploadPublicly()).toBe(403)
  await page.getByRole('radio', { name: /^Allowed/ }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  expect(await uploadPublicly()).toBe(200)
  await page.reload()
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Pine Studio')
  expect(complaints.all).toEqual([])
  await close()
})

it('shows how much of the room is in use', async () => {
  const { id } = await askApi<{ id: string }>(server, 'GET', '/pinyon/v1/account')
  await askApi(server, 'PATCH', `/pinyon/v1/accounts/${id}`, { quotaBytes: 1_048_576 })
  const { page, go, close } = await openConsole(browser, server)
  await go('/account', 'Account')
  await page.getByText('of 1.0 MiB in use').waitFor()
  expect(await page.getByRole('progressbar', { name: 'Room in use' }).getAttribute('aria-valuenow')).toBe('0')
  await askApi(server, 'PATCH', `/pinyon/v1/accounts/${id}`, { quotaBytes: null })
  await close()
})

it('invites somebody by a link that is shown once, and withdraws it', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/account', 'Account')
  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' })
  await dialog.getByRole('textbox', { name: 'E-mail' }).fill(owner.email)
  await dialog.getByRole('button', { name: 'Make the invite' }).click()
  await dialog.getByText('is in this account already').waitFor()
  await dialog.getByRole('textbox', { name: 'E-mail' }).fill('ana@example.test')
  await dialog.getByRole('button', { name: 'Make the invite' }).click()
  const url = await dialog.getByRole('textbox', { name: 'Link' }).inputValue()
  expect(url.startsWith(`${server.apiUrl}/invite#token=pninv_`)).toBe(true)
  await dialog.getByRole('button', { name: 'Done' }).click()
  const token = url.split('=')[1] ?? ''
  expect(await findSecrets(page, [token])).toEqual([])
  const guest = await openConsole(browser, server, { as: null })
  await guest.page.goto(url)
  await guest.page.getByLabel('Password', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Withdraw the invite of ana@example.test' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Withdraw the invite of ana@example.test' }).waitFor({ state: 'detached' })
  await guest.page.getByLabel('Password', { exact: true }).fill('another horse battery')
  await guest.page.getByRole('button', { name: /^Join/ }).click()
  await guest.page.getByText('This invite is unknown, used or over.').waitFor()
  await guest.close()
  expect(complaints.all).toEqual([])
  await close()
})

it('revokes the keys of somebody who goes, when that is asked for', async () => {
  const dan = await joinAsMember(server, 'dan@example.test')
  const { members } = await askApi<{ members: { userId: string; email: string }[] }>(
    server,
    'GET',
    '/pinyon/v1/members',
  )
  const userId = members.find(({ email }) => email === dan.email)?.userId ?? ''
  await askApi(server, 'PATCH', `/pinyon/v1/members/${userId}`, { role: 'owner' })
  const his = await openConsole(browser, server, { as: dan })
  const made = await his.page.context().request.post(`${server.apiUrl}/v3/pinata/keys`, {
    headers: { 'sec-fetch-site': 'same-origin' },
    data: { keyName: "Dan's", permissions: { admin: true } },
  })
  const { JWT } = (await made.json()) as { JWT: string } // what the creation of a key answers
  expect(await statusOf(server, JWT)).toBe(200)
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/account', 'Account')
  await page.getByRole('button', { name: 'Remove dan@example.test' }).click()
  await page.getByRole('checkbox', { name: 'Revoke the keys that they made' }).click()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  // While the dialog stands there, nothing behind it has a role.
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Remove dan@example.test' }).waitFor({ state: 'detached' })
  expect(await statusOf(server, JWT)).toBe(401)
  await his.close()
  expect(complaints.all).toEqual([])
  await close()
})

it('changes a role and removes somebody, but not the last owner', async () => {
  const ben = await joinAsMember(server, 'ben@example.test')
  const { page, go, close } = await openConsole(browser, server)
  const his = await openConsole(browser, server, { as: ben })
  await his.go('/files', 'Files')
  await go('/account', 'Account')
  await page.getByRole('button', { name: 'Change role of ben@example.test' }).click()
  await page.getByRole('radio', { name: /^Owner/ }).check()
  await page.getByRole('dialog').getByRole('button', { name: 'Change role' }).click()
  await page.getByRole('row', { name: /ben@example\.test Owner/ }).waitFor()
  await page.getByRole('button', { name: 'Change role of ben@example.test' }).click()
  await page.getByRole('radio', { name: /^Member/ }).check()
  await page.getByRole('dialog').getByRole('button', { name: 'Change role' }).click()
  await page.getByRole('row', { name: /ben@example\.test Member/ }).waitFor()
  await page.getByRole('button', { name: 'Remove ben@example.test' }).click()
  await page.getByText('loses this account at once').waitFor()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Remove ben@example.test' }).waitFor({ state: 'detached' })
  await his.page.getByRole('link', { name: 'Account' }).click()
  await his.page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
  await his.close()
  await page.getByRole('button', { name: 'Leave this account' }).click()
  await page.getByRole('button', { name: 'Leave', exact: true }).click()
  await page.getByText('This is the last owner of the account.').waitFor()
  const { members } = await askApi<{ members: object[] }>(server, 'GET', '/pinyon/v1/members')
  expect(members).toMatchObject([{ email: owner.email, role: 'owner' }])
  await close()
})

it('tells a member what they may, and why not the rest', async () => {
  const mia = await joinAsMember(server, 'mia@example.test')
  const { page, go, complaints, close } = await openConsole(browser, server, { as: mia })
  const refused: string[] = []
  page.on('response', (response) => {
    if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`)
  })
  await go('/account', 'Account')
  const invite = page.getByRole('button', { name: 'Invite', exact: true })
  expect(await invite.getAttribute('title')).toBe('Only owners invite; ask one of them.')
  expect(await invite.getAttribute('aria-disabled')).toBe('true')
  await page.getByText('that takes account.membersList, which owners have').waitFor()
  const save = page.getByRole('button', { name: 'Save' })
  expect(await save.getAttribute('title')).toBe('Only owners of the account change this; ask one of them.')
  expect(await page.getByRole('textbox', { name: 'Name' }).getAttribute('readonly')).not.toBeNull()
  expect(await page.getByRole('radio', { name: /^Refused/ }).isDisabled()).toBe(true)
  expect(await findBarriers(page)).toEqual([])
  expect(refused).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})

it('ends sessions: one, all others, and all others with a new password', async () => {
  const me = await joinAsMember(server, 'sam@example.test')
  const { page, go, close } = await openConsole(browser, server, { as: me })
  const others = [await openConsole(browser, server, { as: me }), await openConsole(browser, server, { as: me })]
  await others[1]?.go('/files', 'Files')
  await go('/account', 'Account')
  const rows = page
    .getByRole('table', { name: 'Sessions' })
    .getByRole('row', { name: /Chrome on Linux|node|playwright/i })
  await expect.poll(() => rows.count()).toBe(3)
  const mine = page.getByRole('row', { name: /this one/ })
  expect(await mine.getByRole('button').getAttribute('title')).toBe('This is where you are: sign out instead.')
  await rows.filter({ hasNotText: 'this one' }).first().getByRole('button').click()
  await page.getByRole('dialog').getByRole('button', { name: 'End the session' }).click()
  await expect.poll(() => rows.count()).toBe(2)
  others.push(await openConsole(browser, server, { as: me }))
  await page.reload()
  await expect.poll(() => rows.count()).toBe(3)
  await page.getByRole('button', { name: 'End all others' }).click()
  await page.getByRole('button', { name: 'End 2 sessions' }).click()
  await expect.poll(() => rows.count()).toBe(1)
  const last = await openConsole(browser, server, { as: me })
  others.push(last)
  await last.go('/files', 'Files')
  await page.getByLabel('Current password', { exact: true }).fill('not my password')
  await page.getByLabel('New password', { exact: true }).fill('a new horse battery')
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('The current password is wrong.').waitFor()
  await page.getByLabel('Current password', { exact: true }).fill(me.password)
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('Changed; your other sessions have ended').waitFor()
  expect(await findSecrets(page, [me.password, 'a new horse battery'])).toEqual([])
  // While working: to the sign-in page, and back to where one was.
  await last.page.getByRole('link', { name: 'Account' }).click()
  await last.page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
  expect(new URL(last.page.url()).searchParams.get('from')).toBe('/account')
  await last.page.getByRole('textbox', { name: 'E-mail' }).fill(me.email)
  await last.page.getByLabel('Password', { exact: true }).fill('a new horse battery')
  await last.page.getByRole('button', { name: 'Sign in' }).click()
  await last.page.getByRole('heading', { name: 'Account', level: 1 }).waitFor()
  for (const other of others) await other.close()
  await close()
})

describe('with two tabs of one browser', () => {
  const email = 'both@example.test'

  beforeAll(async () => {
    const { password } = owner
    const { token } = await inviteTo(server, email, 'owner')
    await askApi(server, 'POST', '/pinyon/v1/invites/accept', { token, password })
    const path = '/pinyon/v1/accounts'
    const made = await askApi<{ invite: { token: string } }>(server, 'POST', path, { name: 'Larch', email })
    await askApi(server, 'POST', '/pinyon/v1/invites/accept', { token: made.invite.token, password })
  })

  const open = async () => {
    const first = await openConsole(browser, server, { as: { ...owner, email } })
    const second = await first.page.context().newPage()
    const complaints = collectComplaints(second)
    await first.go('/account', 'Account')
    await first.page.getByRole('textbox', { name: 'Name' }).waitFor()
    const start = (await first.page.getByRole('textbox', { name: 'Name' }).inputValue()) || ''
    await second.goto(`${server.apiUrl}/files`)
    await second.getByRole('button', { name: `Account ${start}` }).click()
    const other = start === 'Larch' ? 'Pine Studio' : 'Larch'
    await second.getByRole('menuitem', { name: other }).click()
    await second.getByRole('button', { name: `Account ${other}` }).waitFor()
    return { ...first, second, complaints, start, other }
  }

  it('changes nothing in the account that another tab went to, and says so', async () => {
    const { page, second, start, other, complaints, close } = await open()
    await page.getByRole('textbox', { name: 'Name' }).fill('Meant for the first')
    await page.getByRole('button', { name: 'Save' }).click()
    const notice = page.getByRole('alert').filter({ hasText: 'this tab began anew' })
    await notice.getByText('If you had just asked for a change here, it was not made.').waitFor()
    await page.getByRole('button', { name: `Account ${other}` }).waitFor()
    expect(await accountNames(second)).toEqual([start, other].toSorted())
    await notice.getByRole('button', { name: 'Understood' }).click()
    await notice.waitFor({ state: 'detached' })
    expect(complaints.all).toEqual([])
    await close()
  })

  it('notices when it is shown again', async () => {
    const { page, other, close } = await open()
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
    await page.getByText('this tab began anew').waitFor()
    await page.getByRole('button', { name: `Account ${other}` }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/files')
    await close()
  })

  it('notices that somebody else signed in', async () => {
    const { page, second, close } = await open()
    await second.getByRole('button', { name: /^Account / }).click()
    await second.getByRole('menuitem', { name: 'Sign out' }).click()
    await second.getByRole('textbox', { name: 'E-mail' }).fill(owner.email)
    await second.getByLabel('Password', { exact: true }).fill(owner.password)
    await second.getByRole('button', { name: 'Sign in' }).click()
    await second.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
    await page.getByRole('textbox', { name: 'Name' }).fill('Meant for the first')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('this tab began anew').waitFor()
    await page.getByRole('alert').getByText(owner.email).waitFor()
    expect(await accountNames(page)).not.toContain('Meant for the first')
    await close()
  })

  it('follows a tab that signed out to the sign-in page', async () => {
    const { page, second, close } = await open()
    await second.getByRole('button', { name: /^Account / }).click()
    await second.getByRole('menuitem', { name: 'Sign out' }).click()
    await second.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
    await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
    expect(new URL(page.url()).searchParams.get('from')).toBe('/account')
    await close()
  })
})

it('runs nothing that stands in a name or an address', async () => {
  const evil = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
  const evilMail = '"><img/src=x/onerror=window.hit=1>@example.test'
  await askApi(server, 'PATCH', '/pinyon/v1/account', { name: evil })
  const { url } = await inviteTo(server, evilMail, 'member')
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/account', 'Account')
  await page.getByRole('cell', { name: evilMail }).first().waitFor()
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe(evil)
  await page.getByRole('button', { name: `Withdraw the invite of ${evilMail}` }).click()
  await page.getByRole('dialog').getByText(evilMail).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  expect(await wasHit(page)).toBe(false)
  await page.goto(url)
  await page.getByText(evil).first().waitFor()
  expect(await wasHit(page)).toBe(false)
  await page.goto(`${server.apiUrl}/invite#token=${encodeURIComponent(evil)}`)
  await page.getByText('This invite is unknown, used or over.').waitFor()
  expect(await wasHit(page)).toBe(false)
  await page.goto(`${server.apiUrl}/sign-in?from=${encodeURIComponent('javascript:window.hit=1')}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  expect(await wasHit(page)).toBe(false)
  expect(complaints.all).toEqual([])
  await close()
})

it('shows what went wrong in its place, and asks again', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await page.route('**/pinyon/v1/members', (route) =>
    route.fulfill({
      status: 500,
      json: { error: { code: 500, reason: 'INTERNAL_SERVER_ERROR', message: 'It broke.' } },
    }),
  )
  await go('/account', 'Account')
  await page.getByRole('alert').getByText('It broke.').waitFor()
  await page.getByText('INTERNAL_SERVER_ERROR').waitFor()
  await page.unroute('**/pinyon/v1/members')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('table', { name: 'Members' }).waitFor()
  await expect.poll(() => page.getByRole('alert').count()).toBe(0)
  await close()
})

it.each(['light', 'dark'] as const)('shuts nobody out, at 320 px and with long names too, %s', async (theme) => {
  await askApi(server, 'PATCH', '/pinyon/v1/account', { name: `حساب الصنوبر ${'صنوبر'.repeat(40)}` })
  await inviteTo(server, `${'x'.repeat(200)}@example.test`, 'owner')
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 640 })
  const check = async () => {
    expect(await findBarriers(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  }
  await go('/account', 'Account')
  await page.getByRole('table', { name: 'Sessions' }).waitFor()
  await page.getByRole('table', { name: 'Members' }).waitFor()
  await page.getByRole('textbox', { name: 'Name' }).waitFor()
  await check()
  const closing = async () => {
    await check()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  await closing()
  await page
    .getByRole('button', { name: /^Withdraw the invite of x/ })
    .first()
    .click()
  await closing()
  await page.getByRole('button', { name: 'Leave this account' }).click()
  await closing()
  await page.getByRole('button', { name: `Change role of ${owner.email}` }).click()
  await closing()
  await page.getByRole('button', { name: 'As API call' }).click()
  await closing()
  expect(complaints.all).toEqual([])
  await close()
})

async function uploadPublicly(): Promise<number> {
  const form = new FormData()
  form.append('network', 'public')
  form.append('file', new Blob(['pines']), 'pines.txt')
  const headers = { authorization: `Bearer ${server.key.JWT}` }
  return (await fetch(`${server.apiUrl}/v3/files`, { method: 'POST', headers, body: form })).status
}

function accountNames(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const answer = await fetch('/pinyon/v1/sessions/current')
    const { accounts } = (await answer.json()) as { accounts: { name: string }[] }
    return accounts.map(({ name }) => name).toSorted()
  })
}

function wasHit(page: Page): Promise<boolean> {
  return page.evaluate(() => 'hit' in window)
}
