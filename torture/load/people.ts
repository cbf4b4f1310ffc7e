import type { Action } from './action.ts'
import type { Driver } from './driver.ts'
import { certain, type Thing } from './history.ts'

/** Accounts and sessions. All of it by the operator, who is the first account. */
export const people: readonly Action[] = [
  { covers: ['accountsCreate'], weight: 1, run: createAccount },
  { covers: ['accountsUpdate'], weight: 1, run: updateAccount },
  { covers: ['signIn'], weight: 1, run: signIn },
  { covers: ['signOut', 'sessionEnd'], weight: 1, run: signOut },
  { covers: ['accountUpdate', 'signingKeysRotate', 'storageScrub'], weight: 1, run: operate },
]

const operator = 0

/** Of the owner that set-up made. */
export const ownerPassword = 'correct horse battery'

async function createAccount(driver: Driver): Promise<void> {
  if (driver.history.ofKind('account').length > 40) return
  const name = `account-${driver.random.hex(12)}`
  const account = driver.history.add({ kind: 'account', account: operator, name })
  const json = { name, email: `${name}@example.test`, quotaBytes: 1_000 }
  const next = { name, quotaBytes: 1_000, disabled: false }
  const answer = await driver.change(account, next, { method: 'POST', path: '/pinyon/v1/accounts', json }, [201])
  if (answer === undefined) return
  account.id = answer.body.account.id
  driver.history.secrets.add(answer.body.invite.token)
}

async function updateAccount(driver: Driver): Promise<void> {
  const account = pick(driver, 'account')
  const state = account && certain(account)
  if (account === undefined || state === undefined) return
  const change = driver.random.pick([
    { quotaBytes: driver.random.below(1e9) },
    { disabled: state['disabled'] !== true },
  ])
  const ask = { method: 'PATCH', path: `/pinyon/v1/accounts/${account.id}`, json: change }
  await driver.change(account, { ...state, ...change }, ask)
}

async function signIn(driver: Driver): Promise<void> {
  if (driver.history.settled('session').length > 5) return
  const session = driver.history.add({ kind: 'session', account: operator, name: `session-${driver.random.hex(12)}` })
  const json = { email: driver.accounts[operator]!.email, password: ownerPassword } // set-up made it
  const ask = { method: 'POST', path: '/pinyon/v1/sessions', json, as: 'none', headers: browser(driver) } as const
  const answer = await driver.change(session, { signedIn: true }, ask, [200, 201])
  if (answer === undefined) return
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
  session.facts.cookie = cookie
  session.id = answer.body.session.id
  driver.history.secrets.add(cookie.slice(cookie.indexOf('=') + 1))
}

async function signOut(driver: Driver): Promise<void> {
  const session = pick(driver, 'session')
  if (session === undefined) return
  const headers = { ...browser(driver), cookie: session.facts.cookie ?? '' }
  const which = driver.random.pick(['current', session.id])
  const ask = { method: 'DELETE', path: `/pinyon/v1/sessions/${which}`, as: 'none', headers } as const
  await driver.change(session, 'absent', ask, [200, 204])
}

/** What a page of the console sends; a cookie counts only with it. */
export function browser({ urls }: Pick<Driver, 'urls'>): Record<string, string> {
  return { 'sec-fetch-site': 'same-origin', origin: urls.apiUrl }
}

/** Rows whose effect the rest of the load shows: nothing else may change by them. */
async function operate(driver: Driver): Promise<void> {
  const asks = [
    { method: 'PATCH', path: '/pinyon/v1/account', json: { name: 'the first account' } },
    { method: 'POST', path: '/pinyon/v1/operator/signing-keys' },
    { method: 'POST', path: '/pinyon/v1/operator/storage/scrub' },
  ]
  const ask = driver.random.pick(asks)
  const answer = await driver.ask(ask)
  if (answer !== undefined) driver.accepts(ask, answer, [200, 201, 202])
}

function pick({ history, random }: Driver, kind: 'account' | 'session'): Thing | undefined {
  const found = history.settled(kind)
  return found.length === 0 ? undefined : random.pick(found)
}
