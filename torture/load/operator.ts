import type { Action } from './action.ts'
import { unknownCid } from './cids.ts'
import type { Driver } from './driver.ts'
import { certain, type Kind, type Thing } from './history.ts'

/** What the operator decides over all accounts: content that is denied, and how people join. */
export const operatorsWork: readonly Action[] = [
  { covers: ['denialsAdd'], weight: 1, run: deny },
  { covers: ['denialsRemove'], weight: 1, run: allow },
  { covers: ['signUpLinksMake'], weight: 1, run: makeLink },
  { covers: ['signUpLinksRevoke'], weight: 1, run: revokeLink },
  { covers: ['signUpRequest'], weight: 1, run: askForAccount },
  { covers: ['signUpRequestsRefuse'], weight: 1, run: refuse },
]

/** The first account is the operator's. */
const account = 0

/** Content that nobody has, so that what the load reads stays readable. */
async function deny(driver: Driver): Promise<void> {
  const denial = begin(driver, 'denial')
  if (denial === undefined) return
  const cid = unknownCid(driver.random)
  denial.id = cid
  const ask = { method: 'POST', path: '/pinyon/v1/denials', json: { cid, reason: denial.name } }
  await driver.change(denial, { denied: true }, ask, [200, 201])
}

async function allow(driver: Driver): Promise<void> {
  const denial = pick(driver, 'denial')
  if (denial === undefined) return
  await driver.change(denial, 'absent', { method: 'DELETE', path: `/pinyon/v1/denials/${denial.id}` }, [200, 204])
}

async function makeLink(driver: Driver): Promise<void> {
  const link = begin(driver, 'sign-up-link')
  if (link === undefined) return
  const ask = { method: 'POST', path: '/pinyon/v1/operator/sign-ups/links', json: { note: link.name } }
  const answer = await driver.change(link, { revoked: false }, ask, [200, 201])
  if (answer === undefined) return
  link.id = answer.body.link.id
  driver.history.secrets.add(answer.body.token)
}

async function revokeLink(driver: Driver): Promise<void> {
  const link = pick(driver, 'sign-up-link')
  if (link === undefined || certain(link)?.['revoked'] === true) return
  const ask = { method: 'DELETE', path: `/pinyon/v1/operator/sign-ups/links/${link.id}` }
  await driver.change(link, { revoked: true }, ask, [200, 204])
}

/** Nobody is told the id: the checker finds it. */
async function askForAccount(driver: Driver): Promise<void> {
  const request = begin(driver, 'sign-up-request')
  if (request === undefined) return
  const json = { email: `${request.name}@example.test` }
  const ask = { method: 'POST', path: '/pinyon/v1/sign-up/requests', json, as: 'none' } as const
  await driver.change(request, { waits: true }, ask, [202])
}

async function refuse(driver: Driver): Promise<void> {
  const request = pick(driver, 'sign-up-request')
  if (request === undefined) return
  const ask = { method: 'DELETE', path: `/pinyon/v1/operator/sign-ups/requests/${request.id}` }
  await driver.change(request, 'absent', ask, [200, 204])
}

type OperatorsKind = Extract<Kind, 'denial' | 'sign-up-link' | 'sign-up-request'>

/** A new one, unless there are enough. */
function begin({ history, random }: Driver, kind: OperatorsKind): Thing | undefined {
  if (history.settled(kind).length > 8) return undefined
  return history.add({ kind, account, name: `${kind}-${random.hex(12)}` })
}

function pick({ history, random }: Driver, kind: OperatorsKind): Thing | undefined {
  const found = history.settled(kind)
  return found.length === 0 ? undefined : random.pick(found)
}
