import type { Action } from './action.ts'
import type { Driver } from './driver.ts'
import type { State, Thing } from './history.ts'
import { ownerPassword } from './people.ts'

/** People of the first account, from their invite on. One is known by the part of the mail address before the @. */
export const members: readonly Action[] = [
  { covers: ['membersInvite'], weight: 1, run: invite },
  { covers: ['inviteWithdraw'], weight: 1, run: withdraw },
  { covers: ['inviteAccept'], weight: 1, run: accept },
  { covers: ['membersUpdate'], weight: 1, run: changeRole },
  { covers: ['membersRemove'], weight: 1, run: remove },
]

const membersPath = '/pinyon/v1/members'

/** The one that the operator's key is of. */
const account = 0

async function invite(driver: Driver): Promise<void> {
  if (driver.history.settled('person', isWaiting).length > 10) return
  const name = `person-${driver.random.hex(12)}`
  const person = driver.history.add({ kind: 'person', account, name, id: name })
  const json = { email: `${name}@example.test`, role: 'member' }
  const ask = { method: 'POST', path: membersPath, json }
  const answer = await driver.change(person, { role: 'member', joined: false }, ask, [201])
  if (answer === undefined) return
  person.facts.token = answer.body.invite.token
  driver.history.secrets.add(answer.body.invite.token)
}

async function withdraw(driver: Driver): Promise<void> {
  const person = pick(driver, isWaiting)
  const id = person && (await lookUp(driver, person, 'id'))
  if (person === undefined || id === undefined) return
  await driver.change(person, 'absent', { method: 'DELETE', path: `/pinyon/v1/invites/${id}` }, [200, 204])
}

/** A password is hashed for each, so there are few. */
async function accept(driver: Driver): Promise<void> {
  if (driver.history.settled('person', hasJoined).length > 2) return
  const person = pick(driver, (thing, state) => isWaiting(thing, state) && thing.facts.token !== undefined)
  if (person === undefined) return
  const json = { token: person.facts.token, password: ownerPassword }
  const ask = { method: 'POST', path: '/pinyon/v1/invites/accept', json, as: 'none' } as const
  await driver.change(person, { role: 'member', joined: true }, ask, [200, 201])
}

async function changeRole(driver: Driver): Promise<void> {
  const person = pick(driver, hasJoined)
  const userId = person && (await lookUp(driver, person, 'userId'))
  if (person === undefined || userId === undefined) return
  const role = driver.random.pick(['owner', 'member'])
  const ask = { method: 'PATCH', path: `${membersPath}/${userId}`, json: { role } }
  await driver.change(person, { role, joined: true }, ask)
}

async function remove(driver: Driver): Promise<void> {
  const person = pick(driver, hasJoined)
  const userId = person && (await lookUp(driver, person, 'userId'))
  if (person === undefined || userId === undefined) return
  const ask = { method: 'DELETE', path: `${membersPath}/${userId}?revokeKeys=true` }
  await driver.change(person, 'absent', ask)
}

type There = Exclude<State, 'absent'>

const isWaiting = (_person: Thing, { joined }: There) => joined === false
const hasJoined = (_person: Thing, { joined }: There) => joined === true

function pick({ history, random }: Driver, where: (thing: Thing, state: There) => boolean): Thing | undefined {
  const found = history.settled('person', where)
  return found.length === 0 ? undefined : random.pick(found)
}

/** What the list names somebody by, who is kept from others until the change that follows; undefined when there is none. */
async function lookUp(driver: Driver, person: Thing, by: 'id' | 'userId'): Promise<string | undefined> {
  person.busy = true
  const read = await driver.ask({ method: 'GET', path: membersPath, as: account })
  const all = read?.status === 200 ? peopleOf(read.body) : []
  const found = all.find(({ email }) => nameOf(email) === person.name)?.[by]
  if (found === undefined) person.busy = false
  return found
}

interface Shown {
  readonly email: string
  readonly role: string
  /** Of an invite that waits. */
  readonly id?: string
  /** Of somebody who has joined. */
  readonly userId?: string
}

/** Everybody whom the list shows, invited and joined. */
export function peopleOf({ members: joined, invites }: { members: Shown[]; invites: Shown[] }): Shown[] {
  return [...joined, ...invites]
}

/** Whom the load knows by an address. */
export function nameOf(email: string): string {
  return email.split('@', 1)[0] ?? ''
}
