import type { Action } from './action.ts'
import { identityCid, unknownCid, unknownPrefix } from './cids.ts'
import type { Driver } from './driver.ts'
import { certain, type State, type Thing } from './history.ts'
import { anyAccount } from './uploads.ts'

/** Pins by CID. Every one has a name of its own, which a replacement takes over: one pin of that name is there until its removal was tried. */
export const pins: readonly Action[] = [
  { covers: ['psaAdd'], weight: 3, run: (driver) => add(driver, 'psa') },
  { covers: ['pinByHash'], weight: 2, run: (driver) => add(driver, 'hash') },
  { covers: ['pinByCid'], weight: 2, run: (driver) => add(driver, 'cid') },
  { covers: ['bulkPin'], weight: 1, run: addMany },
  { covers: ['psaReplace'], weight: 3, run: replace },
  { covers: ['psaRemove'], weight: 2, run: remove },
  { covers: ['pinByCidDelete'], weight: 1, run: cancel },
  { covers: ['pinsRetry'], weight: 1, run: retry },
]

/** An identity CID is pinned at once, the other one waits. */
function drawCid({ random }: Driver): string {
  return random.below(2) === 0 ? unknownCid(random) : identityCid(random)
}

/** Told by the CID that it has now: after an answer that was lost, a replaced pin may have either. */
function waits(_pin: Thing, { cid }: Exclude<State, 'absent'>): boolean {
  return String(cid).startsWith(unknownPrefix)
}

function newPin(driver: Driver, account = anyAccount(driver)) {
  const name = `pin-${driver.random.hex(12)}`
  return driver.history.add({ kind: 'pin', account, name, possible: ['absent'] })
}

async function add(driver: Driver, way: 'psa' | 'hash' | 'cid'): Promise<void> {
  const cid = drawCid(driver)
  const pin = newPin(driver)
  const { name } = pin
  const asks = {
    psa: { path: '/psa/pins', json: { cid, name } },
    hash: { path: '/pinning/pinByHash', json: { hashToPin: cid, pinataMetadata: { name } } },
    cid: { path: '/v3/files/public/pin_by_cid', json: { cid, name } },
  }
  const answer = await driver.change(pin, { cid }, { method: 'POST', ...asks[way] }, [200, 202])
  if (answer !== undefined) pin.id = answer.body.requestid ?? answer.body.id ?? answer.body.data?.id
}

async function addMany(driver: Driver): Promise<void> {
  const account = anyAccount(driver)
  const made = Array.from({ length: 3 }, () => {
    return { cid: drawCid(driver), pin: newPin(driver, account) }
  })
  for (const { pin, cid } of made) pin.possible = ['absent', { cid }]
  const json = { pins: made.map(({ cid, pin }) => ({ cid, name: pin.name })) }
  const ask = { method: 'POST', path: '/pinyon/v1/bulk/pin', json, as: account }
  const answer = await driver.ask(ask)
  if (answer === undefined || !driver.accepts(ask, answer, [200, 202])) return
  for (const [at, { pin, cid }] of made.entries()) {
    const result = answer.body.results[at] as { state: string; fileId: string | null } | undefined
    if (result?.state !== 'done') continue
    pin.id = result.fileId ?? undefined
    pin.possible = [{ cid }]
  }
}

async function replace(driver: Driver): Promise<void> {
  const open = driver.history.settled('pin')
  if (open.length === 0) return
  const pin = driver.random.pick(open)
  const cid = drawCid(driver)
  const before = pin.id
  const ask = { method: 'POST', path: `/psa/pins/${before}`, json: { cid, name: pin.name } }
  // Whichever it is afterwards, only the checker can tell by which id.
  pin.id = undefined
  const answer = await driver.change(pin, { cid }, ask, [202])
  pin.id = answer === undefined ? (certain(pin) === undefined ? undefined : before) : answer.body.requestid
  if (answer === undefined) return
  pin.facts.ended = before
}

async function remove(driver: Driver): Promise<void> {
  const open = driver.history.settled('pin')
  if (open.length === 0) return
  const pin = driver.random.pick(open)
  await driver.change(pin, 'absent', { method: 'DELETE', path: `/psa/pins/${pin.id}` }, [202])
}

async function cancel(driver: Driver): Promise<void> {
  const open = driver.history.settled('pin', waits)
  if (open.length === 0) return
  const pin = driver.random.pick(open)
  await driver.change(pin, 'absent', { method: 'DELETE', path: `/v3/files/public/pin_by_cid/${pin.id}` })
}

async function retry(driver: Driver): Promise<void> {
  const open = driver.history.settled('pin', waits)
  if (open.length === 0) return
  const pin = driver.random.pick(open)
  const state = certain(pin)
  if (state === undefined) return
  // 409: it did not fail, so there is nothing to try again.
  await driver.change(pin, state, { method: 'POST', path: `/pinyon/v1/pins/${pin.id}/retry` }, [200, 202, 409])
}
