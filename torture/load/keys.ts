import type { Action } from './action.ts'
import type { Answer, Ask, Driver } from './driver.ts'
import { certain, type Credential, type Thing } from './history.ts'
import { anyAccount } from './uploads.ts'

/** Keys. Each credential that a key ever had is remembered; the state says which of them work. */
export const keys: readonly Action[] = [
  { covers: ['keysCreate'], weight: 1, run: (driver) => create(driver, '/v3/pinata/keys') },
  { covers: ['generateApiKey'], weight: 1, run: (driver) => create(driver, '/users/generateApiKey') },
  { covers: ['keysCreateChild'], weight: 1, run: createChild },
  { covers: ['keysRegenerate'], weight: 1, run: regenerate },
  { covers: ['keysRevoke', 'keysDelete', 'revokeApiKey'], weight: 2, run: revoke },
  { covers: ['keysCreate'], weight: 1, run: createLimited },
  { covers: [], weight: 4, run: useLimited },
]

const body = (name: string) => ({ keyName: name, permissions: { admin: true } })

async function make(driver: Driver, key: Thing, ask: Ask): Promise<Answer | undefined> {
  const answer = await driver.change(key, { working: [0] }, ask)
  if (answer === undefined) return undefined
  remember(driver, key, answer)
  return answer
}

function remember(driver: Driver, key: Thing, answer: Answer): void {
  const credential = answer.body as Credential // the shape of a created key
  driver.history.secrets.add(credential.JWT).add(credential.pinata_api_secret)
  key.facts.credentials = [...credentialsOf(key), credential]
  key.id ??= credential.pinata_api_key
}

/** Every credential that the key ever had, the latest last. */
export function credentialsOf(key: Thing): readonly Credential[] {
  return key.facts.credentials ?? []
}

function newKey(driver: Driver, account = anyAccount(driver)): Thing {
  return driver.history.add({ kind: 'key', account, name: `key-${driver.random.hex(12)}` })
}

async function create(driver: Driver, path: string): Promise<void> {
  if (driver.history.settled('key').length > 30) return
  const key = newKey(driver)
  await make(driver, key, { method: 'POST', path, json: body(key.name) })
}

/** Our own routes name keys by our ids. */
async function idOf(driver: Driver, key: Thing): Promise<string | undefined> {
  const [credential] = credentialsOf(key)
  if (credential === undefined) return undefined
  const ask = { method: 'GET', path: `/pinyon/v1/keys?name=${key.name}`, as: key.account }
  const answer = await driver.ask(ask)
  if (answer === undefined || !driver.accepts(ask, answer)) return undefined
  return (answer.body.keys as { id: string }[])[0]?.id
}

async function createChild(driver: Driver): Promise<void> {
  const parent = pick(driver)
  // A child ends with its parent: none is made of one that is a child.
  if (parent === undefined || parent.facts.parent !== undefined) return
  parent.busy = true
  try {
    const id = await idOf(driver, parent)
    if (id === undefined) return
    const child = newKey(driver, parent.account)
    child.facts.parent = parent
    parent.facts.children = [...childrenOf(parent), child]
    await make(driver, child, { method: 'POST', path: `/pinyon/v1/keys/${id}/children`, json: body(child.name) })
  } finally {
    parent.busy = false
  }
}

async function regenerate(driver: Driver): Promise<void> {
  const key = pick(driver)
  if (key === undefined || childrenOf(key).length > 0) return
  key.busy = true
  const id = await idOf(driver, key)
  key.busy = false
  if (id === undefined) return
  const count = credentialsOf(key).length
  const ask = { method: 'POST', path: `/pinyon/v1/keys/${id}/regenerate`, json: {} }
  // The new one is the next; when its answer is lost nobody has it, and none works.
  const answer = await driver.change(key, { working: [count] }, ask)
  if (answer !== undefined) remember(driver, key, answer)
  else if (key.possible.length > 1) key.possible = [...key.possible.slice(0, -1), { working: [] }]
}

async function revoke(driver: Driver): Promise<void> {
  const key = pick(driver)
  if (key === undefined) return
  const children = childrenOf(key)
  // One that is being changed would be refused that, for a key that has ended.
  if (children.some(({ busy }) => busy)) return
  // What ends with it ends in the same step.
  const before = children.map((child) => ({ child, possible: child.possible }))
  for (const { child, possible } of before) {
    child.possible = [...possible, { working: [] }]
    child.busy = true
  }
  const asks: Ask[] = [
    { method: 'PUT', path: `/v3/pinata/keys/${key.id}` },
    { method: 'DELETE', path: `/v3/api_keys/${key.id}` },
    { method: 'PUT', path: '/users/revokeApiKey', json: { apiKey: key.id } },
  ]
  const answer = await driver.change(key, { working: [] }, driver.random.pick(asks))
  for (const { child } of before) {
    child.busy = false
    child.isChecked = false
    if (answer !== undefined) child.possible = [{ working: [] }]
  }
}

function childrenOf(key: Thing): readonly Thing[] {
  return key.facts.children ?? []
}

function pick({ history, random }: Driver): Thing | undefined {
  const found = history.settled('key', (_key, { working }) => (working as number[]).length > 0)
  return found.length === 0 ? undefined : random.pick(found)
}

async function createLimited(driver: Driver): Promise<void> {
  if (driver.history.settled('limited-key', ({ facts }) => (facts.used ?? 0) < 20).length > 5) return
  const name = `limited-${driver.random.hex(12)}`
  const key = driver.history.add({
    kind: 'limited-key',
    account: anyAccount(driver),
    name,
    facts: { used: 0, tried: 0 },
  })
  await make(driver, key, { method: 'POST', path: '/v3/pinata/keys', json: { ...body(name), maxUses: 20 } })
}

/** Uses a key that may be used so often: how many were let in is counted here, and compared by the checker. */
async function useLimited(driver: Driver): Promise<void> {
  const found = driver.history.settled('limited-key', ({ facts }) => (facts.tried ?? 0) < 25)
  if (found.length === 0) return
  const key = driver.random.pick(found)
  if (certain(key) === undefined) return
  const [credential] = credentialsOf(key)
  if (credential === undefined) return
  key.facts.tried = (key.facts.tried ?? 0) + 1
  const ask = { method: 'GET', path: '/v3/files/private?limit=1', as: credential }
  const answer = await driver.ask(ask)
  if (answer === undefined) return
  if (driver.accepts(ask, answer, [200, 403]) && answer.status === 200) key.facts.used = (key.facts.used ?? 0) + 1
}
