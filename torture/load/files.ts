import type { Action } from './action.ts'
import type { Ask, Driver } from './driver.ts'
import { certain, type State, type Thing } from './history.ts'

/** Changes of files that are there. */
export const files: readonly Action[] = [
  { covers: ['filesUpdate'], weight: 3, run: update },
  { covers: ['hashMetadata'], weight: 2, run: updateByCid },
  { covers: ['filesDelete'], weight: 3, run: remove },
  { covers: ['unpin'], weight: 3, run: unpin },
  { covers: ['hashPinPolicy', 'userPinPolicy'], weight: 1, run: setPolicy },
  { covers: ['groupsAddFile', 'groupsRemoveFile'], weight: 2, run: moveOne },
  { covers: ['legacyGroupsAddCids', 'legacyGroupsRemoveCids'], weight: 1, run: moveCid },
  { covers: ['bulkUpdate'], weight: 1, run: updateMany },
  { covers: ['bulkMove'], weight: 1, run: moveMany },
  { covers: ['bulkUnpin'], weight: 1, run: removeMany },
]

type There = Exclude<State, 'absent'>

/** A file whose state is known, so that what a change makes of it is known too. */
function pickFile(driver: Driver, where: (state: There, file: Thing) => boolean = () => true) {
  const found = driver.history.settled('file', (file, state) => where(state, file))
  if (found.length === 0) return undefined
  const file = driver.random.pick(found)
  return { file, state: certain(file)! } // settled
}

/** All of this are known by their CIDs. */
const isPublic = (state: There, { facts }: Thing) => state['network'] === 'public' && facts.cid !== undefined

const pathOf = (file: Thing, state: There) => `/v3/files/${String(state['network'])}/${file.id}`

function renamed(driver: Driver, state: There): { name: string; keyvalues: Record<string, string>; next: State } {
  const name = `${String(state['name']).split('~', 1)[0]}~${driver.random.hex(4)}`
  const keyvalues = { changed: driver.random.hex(4) }
  return { name, keyvalues, next: { ...state, name, keyvalues: { ...(state['keyvalues'] as object), ...keyvalues } } }
}

async function update(driver: Driver): Promise<void> {
  const picked = pickFile(driver)
  if (picked === undefined) return
  const { next, ...json } = renamed(driver, picked.state)
  await driver.change(picked.file, next, { method: 'PUT', path: pathOf(picked.file, picked.state), json })
}

async function updateByCid(driver: Driver): Promise<void> {
  const picked = pickFile(driver, isPublic)
  if (picked === undefined) return
  const { next, ...changes } = renamed(driver, picked.state)
  const json = { ipfsPinHash: picked.file.facts.cid, ...changes }
  await driver.change(picked.file, next, { method: 'PUT', path: '/pinning/hashMetadata', json })
}

async function remove(driver: Driver): Promise<void> {
  const picked = pickFile(driver)
  if (picked === undefined) return
  await driver.change(picked.file, 'absent', { method: 'DELETE', path: pathOf(picked.file, picked.state) })
}

async function unpin(driver: Driver): Promise<void> {
  const picked = pickFile(driver, isPublic)
  if (picked === undefined) return
  const path = `/pinning/unpin/${picked.file.facts.cid}`
  await driver.change(picked.file, 'absent', { method: 'DELETE', path })
}

/** What it sets is shown by `pinList` and moves nothing: that the request is answered and breaks nothing is looked at. */
async function setPolicy(driver: Driver): Promise<void> {
  const picked = pickFile(driver, isPublic)
  if (picked === undefined) return
  const newPinPolicy = { regions: [{ id: 'FRA1', desiredReplicationCount: 1 }] }
  const { file, state } = picked
  const json = { ipfsPinHash: file.facts.cid, newPinPolicy }
  const answer = await driver.change(file, state, { method: 'PUT', path: '/pinning/hashPinPolicy', json })
  if (answer === undefined) return
  const ask = {
    method: 'PUT',
    path: '/pinning/userPinPolicy',
    json: { newPinPolicy: { regions: [] } },
    as: file.account,
  }
  const answered = await driver.ask(ask)
  if (answered !== undefined) driver.accepts(ask, answered)
}

/** A group that the file may enter, kept from others meanwhile, so that nobody deletes it. */
async function withGroup(
  driver: Driver,
  where: (state: There, file: Thing) => boolean,
  action: (file: Thing, state: There, group: Thing) => Promise<void>,
): Promise<void> {
  const picked = pickFile(driver, where)
  if (picked === undefined) return
  const { file, state } = picked
  const groups = driver.history.settled(
    'group',
    (group, { network }) => group.account === file.account && network === state['network'],
  )
  if (groups.length === 0) return
  const group = driver.random.pick(groups)
  group.busy = true
  try {
    await action(file, state, group)
  } finally {
    group.busy = false
  }
}

async function moveOne(driver: Driver): Promise<void> {
  await withGroup(
    driver,
    () => true,
    async (file, state, group) => {
      const isIn = state['group'] === group.id
      const path = `/v3/groups/${String(state['network'])}/${group.id}/ids/${file.id}`
      const next = { ...state, group: isIn ? null : group.id }
      await driver.change(file, next, { method: isIn ? 'DELETE' : 'PUT', path })
    },
  )
}

async function moveCid(driver: Driver): Promise<void> {
  await withGroup(driver, isPublic, async (file, state, group) => {
    const isIn = state['group'] === group.id
    const next = { ...state, group: isIn ? null : group.id }
    const ask = { path: `/groups/${group.id}/cids`, json: { cids: [file.facts.cid] } }
    await driver.change(file, next, { method: isIn ? 'DELETE' : 'PUT', ...ask })
  })
}

/** A few files of one account and network, and what one request makes of all of them. */
async function changeMany(
  driver: Driver,
  ask: (files: Thing[], network: string) => Ask,
  next: (state: There) => State,
): Promise<void> {
  const first = pickFile(driver)
  if (first === undefined) return
  const { account } = first.file
  const { network } = first.state
  const alike = driver.history.settled(
    'file',
    (file, state) => file.account === account && state['network'] === network,
  )
  const files = [...new Set([first.file, ...alike.slice(-3)])]
  const before = files.map((file) => ({ file, possible: file.possible, state: certain(file)! })) // settled
  for (const { file, state } of before) {
    file.busy = true
    file.isChecked = false
    file.possible = [state, next(state)]
  }
  try {
    const sent = ask(files, String(network))
    const answer = await driver.ask({ ...sent, as: account })
    if (answer === undefined) return
    const isAccepted = driver.accepts(sent, answer, [200, 202])
    const results = (isAccepted ? answer.body.results : []) as { item: string; state: string }[]
    for (const { file, possible, state } of before) {
      const result = results.find(({ item }) => item === file.id)
      if (result?.state === 'done') file.possible = [next(state)]
      else if (answer.status < 500) file.possible = isAccepted ? [state, next(state)] : possible
    }
  } finally {
    for (const { file } of before) file.busy = false
  }
}

async function updateMany(driver: Driver): Promise<void> {
  const keyvalues = { bulk: driver.random.hex(4) }
  await changeMany(
    driver,
    (chosen, network) => ({
      method: 'POST',
      path: '/pinyon/v1/bulk/update',
      json: { network, ids: chosen.map(({ id }) => id), change: { keyvalues } },
    }),
    (state) => ({ ...state, keyvalues: { ...(state['keyvalues'] as object), ...keyvalues } }),
  )
}

async function moveMany(driver: Driver): Promise<void> {
  await changeMany(
    driver,
    (chosen, network) => ({
      method: 'POST',
      path: '/pinyon/v1/bulk/move',
      json: { network, ids: chosen.map(({ id }) => id), group_id: null },
    }),
    (state) => ({ ...state, group: null }),
  )
}

async function removeMany(driver: Driver): Promise<void> {
  await changeMany(
    driver,
    (chosen, network) => ({
      method: 'POST',
      path: '/pinyon/v1/bulk/unpin',
      json: { network, ids: chosen.map(({ id }) => id) },
    }),
    () => 'absent',
  )
}
