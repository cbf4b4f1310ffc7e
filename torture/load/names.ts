import type { Action } from './action.ts'
import type { Driver } from './driver.ts'
import { certain, type State, type Thing } from './history.ts'
import { anyAccount } from './uploads.ts'

/** IPNS names: what they lead to and their numbers, which are never given twice. */
export const names: readonly Action[] = [
  { covers: ['namesCreate'], weight: 1, run: create },
  { covers: ['namesImport'], weight: 1, run: bring },
  { covers: ['namesUpdate'], weight: 1, run: rename },
  { covers: ['namesPublish'], weight: 3, run: publish },
  { covers: ['namesRollback'], weight: 1, run: rollBack },
  { covers: ['namesExport'], weight: 1, run: give },
  { covers: ['namesDelete'], weight: 1, run: remove },
]

/** Where names are. */
export const namesPath = '/pinyon/v1/names'

/** A PKCS #8 document up to the 32 bytes of an Ed25519 key (RFC 8410 section 7). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

async function create(driver: Driver): Promise<void> {
  const name = begin(driver)
  if (name === undefined) return
  await make(driver, name, { path: namesPath, json: { label: name.name }, sequence: 0 })
}

/** A name that another program published up to some number. */
async function bring(driver: Driver): Promise<void> {
  const name = begin(driver)
  if (name === undefined) return
  const seed = Buffer.from(driver.random.hex(64), 'hex')
  const key = Buffer.concat([pkcs8, seed]).toString('base64')
  driver.history.secrets.add(key).add(seed.toString('base64'))
  name.facts.key = key
  const pem = `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`
  const sequence = driver.random.below(1_000)
  const json = { label: name.name, key: pem, sequence }
  await make(driver, name, { path: `${namesPath}/import`, json, sequence })
}

function begin(driver: Driver): Thing | undefined {
  const account = anyAccount(driver)
  if (driver.history.settled('name', (thing) => thing.account === account).length > 3) return undefined
  const name = `name-${driver.random.hex(12)}`
  return driver.history.add({ kind: 'name', account, name, facts: { records: [] } })
}

async function make(
  driver: Driver,
  name: Thing,
  { path, json, sequence }: { path: string; json: object; sequence: number },
): Promise<void> {
  const state = { label: name.name, value: null, sequence, exported: false }
  const answer = await driver.change(name, state, { method: 'POST', path, json })
  if (answer !== undefined) name.id = answer.body.id
}

async function rename(driver: Driver): Promise<void> {
  const picked = pick(driver)
  if (picked === undefined) return
  const { name, state } = picked
  const label = `${name.name}~${driver.random.hex(4)}`
  await driver.change(name, { ...state, label }, { method: 'PATCH', path: `${namesPath}/${name.id}`, json: { label } })
}

async function publish(driver: Driver): Promise<void> {
  const picked = pick(driver)
  if (picked === undefined) return
  const { name, state } = picked
  const found = driver.history.settled('file', (file, { network }) => {
    return file.account === name.account && network === 'public' && file.facts.cid !== undefined
  })
  if (found.length === 0) return
  const file = driver.random.pick(found)
  const json = driver.random.pick([{ fileId: file.id }, { cid: file.facts.cid, confirm: true }])
  // What somebody publishes nobody makes private or deletes meanwhile.
  file.busy = true
  try {
    await record(driver, name, state, { path: 'publish', json, value: `/ipfs/${file.facts.cid}` })
  } finally {
    file.busy = false
  }
}

/** To a record that was acknowledged, of a file that is public still: it would be refused once that is private. */
async function rollBack(driver: Driver): Promise<void> {
  const picked = pick(driver)
  const earlier = picked?.name.facts.records ?? []
  if (picked === undefined || earlier.length === 0) return
  const { name, state } = picked
  const { sequence, value } = driver.random.pick(earlier)
  const held = driver.history.settled('file', ({ facts, account }, { network }) => {
    return account === name.account && network === 'public' && `/ipfs/${facts.cid}` === value
  })
  const [file] = held
  if (file === undefined) return
  file.busy = true
  try {
    await record(driver, name, state, { path: 'rollback', json: { sequence, confirm: true }, value })
  } finally {
    file.busy = false
  }
}

/** A record gets the number after the last one, and a record that was acknowledged is in the history for good. */
async function record(
  driver: Driver,
  name: Thing,
  state: There,
  { path, json, value }: { path: string; json: object; value: string },
): Promise<void> {
  const sequence = Number(state['sequence']) + 1
  const ask = { method: 'POST', path: `${namesPath}/${name.id}/${path}`, json }
  const answer = await driver.change(name, { ...state, value, sequence }, ask)
  if (answer !== undefined) name.facts.records?.push({ sequence, value })
}

/** The key leaves, and is the one that came, or the one that left before. */
async function give(driver: Driver): Promise<void> {
  const picked = pick(driver)
  if (picked === undefined) return
  const { name, state } = picked
  const ask = { method: 'POST', path: `${namesPath}/${name.id}/export`, json: {} }
  const answer = await driver.change(name, { ...state, exported: true }, ask)
  if (answer === undefined) return
  const key = String(answer.body.pem).replaceAll(/-----[^\n]*|\s/g, '')
  driver.history.secrets.add(key).add(answer.body.protobuf)
  if (name.facts.key !== undefined && name.facts.key !== key)
    driver.history.complaints.push({ request: `POST ${ask.path}`, words: 'gave another key than the name has' })
  name.facts.key = key
}

async function remove(driver: Driver): Promise<void> {
  const picked = pick(driver)
  if (picked === undefined) return
  const ask = { method: 'DELETE', path: `${namesPath}/${picked.name.id}` }
  await driver.change(picked.name, 'absent', ask, [200, 204])
}

type There = Exclude<State, 'absent'>

function pick({ history, random }: Driver): { name: Thing; state: There } | undefined {
  const found = history.settled('name')
  if (found.length === 0) return undefined
  const name = random.pick(found)
  return { name, state: certain(name)! } // settled
}
