import type { Action } from './action.ts'
import type { Driver } from './driver.ts'
import { certain, type Thing } from './history.ts'
import { anyAccount } from './uploads.ts'

/** Groups, on v3 and on the legacy routes. */
export const groups: readonly Action[] = [
  { covers: ['groupsCreate'], weight: 1, run: create },
  { covers: ['legacyGroupsCreate'], weight: 1, run: createLegacy },
  { covers: ['groupsUpdate'], weight: 1, run: update },
  { covers: ['legacyGroupsUpdate'], weight: 1, run: updateLegacy },
  { covers: ['groupsDelete', 'legacyGroupsDelete'], weight: 1, run: remove },
]

const maxGroups = 20

function newGroup(driver: Driver): Thing | undefined {
  if (driver.history.settled('group').length >= maxGroups) return undefined
  return driver.history.add({ kind: 'group', account: anyAccount(driver), name: `group-${driver.random.hex(12)}` })
}

async function create(driver: Driver): Promise<void> {
  const group = newGroup(driver)
  if (group === undefined) return
  const { name } = group
  const network = driver.random.pick(['public', 'private'])
  const ask = { method: 'POST', path: `/v3/groups/${network}`, json: { name } }
  const answer = await driver.change(group, { network, name }, ask)
  if (answer !== undefined) group.id = answer.body.data.id
}

async function createLegacy(driver: Driver): Promise<void> {
  const group = newGroup(driver)
  if (group === undefined) return
  const { name } = group
  const answer = await driver.change(
    group,
    { network: 'public', name },
    { method: 'POST', path: '/groups', json: { name } },
  )
  if (answer !== undefined) group.id = answer.body.id
}

async function update(driver: Driver): Promise<void> {
  const group = pick(driver)
  const state = group && certain(group)
  if (state === undefined || group === undefined) return
  const name = `${group.name}~${driver.random.hex(4)}`
  const path = `/v3/groups/${String(state['network'])}/${group.id}`
  await driver.change(group, { ...state, name }, { method: 'PUT', path, json: { name } })
}

async function updateLegacy(driver: Driver): Promise<void> {
  const group = pick(driver, 'public')
  const state = group && certain(group)
  if (state === undefined || group === undefined) return
  const name = `${group.name}~${driver.random.hex(4)}`
  await driver.change(group, { ...state, name }, { method: 'PUT', path: `/groups/${group.id}`, json: { name } })
}

/** Only one that no file is, or may be, in: what becomes of those is a promise of its own. */
async function remove(driver: Driver): Promise<void> {
  const group = pick(driver)
  if (group === undefined) return
  const state = certain(group)
  const isUsed = driver.history
    .ofKind('file')
    .some(({ possible }) => possible.some((one) => one !== 'absent' && one['group'] === group.id))
  if (state === undefined || isUsed) return
  const isLegacy = state['network'] === 'public' && driver.random.below(2) === 0
  const path = isLegacy ? `/groups/${group.id}` : `/v3/groups/${String(state['network'])}/${group.id}`
  await driver.change(group, 'absent', { method: 'DELETE', path })
}

function pick({ history, random }: Driver, network?: string): Thing | undefined {
  const found = history.settled('group', (_group, state) => network === undefined || state['network'] === network)
  return found.length === 0 ? undefined : random.pick(found)
}
