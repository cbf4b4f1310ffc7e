import { routeList } from '@pinyon/contract/routes.ts'
import { endlessRows } from '../fill-route.ts'
import { Chance } from './chance.ts'
import { changeBytes, changeForm, changeJson } from './change-body.ts'
import { frames } from './change-frame.ts'
import { changeCredential, changeHeader, changePath, changeQuery, type Change } from './change-head.ts'
import { gatewayRequest } from './gateway-request.ts'
import { damage } from './odd.ts'
import { renderRequest, type Malformed } from './request-shape.ts'
import { validRequest, type MalformedWorld } from './valid-request.ts'

/** Rows whose success takes from the others what they need, and those whose answer does not end. */
const spared = new Set([
  ...endlessRows,
  'signingKeysRotate',
  'signOut',
  'sessionEnd',
  'switchAccount',
  'accountUpdate',
  'accountsUpdate',
])
const rows = routeList.filter(({ id }) => !spared.has(id))

/** What keeps head and framing whole, so that the row answers. */
const readable: readonly Change[] = [changeQuery, changeHeader, changeCredential, changeJson, changeJson, changeForm, changeForm, changeBytes] // prettier-ignore

/** Number `number` of the malformed requests of `seed`, always the same one. */
export function makeMalformed(seed: number, number: number, world: MalformedWorld): Malformed {
  const chance = new Chance(seed * 1_000_003 + number)
  const row = chance.isOnce(0.08) ? undefined : (rows[number % rows.length] ?? chance.of(rows))
  const request = row === undefined ? gatewayRequest(chance, world) : validRequest(chance, world, row)
  const did: string[] = []
  const change = (one: Change) => {
    const what = one(chance, request, row)
    if (what !== undefined) did.push(what)
  }
  const isOfPath = chance.isOnce(0.1)
  const isOfFrame = !isOfPath && chance.isOnce(0.25)
  if (isOfPath) change(changePath)
  if (isOfFrame) change(frames[chance.of(Object.keys(frames))] ?? changeQuery)
  const wanted = isOfPath || isOfFrame ? chance.below(2) : 1 + chance.below(2)
  for (let i = 0; i < wanted; i++) change(chance.of(readable))
  // Nothing that the row has was chosen.
  if (did.length === 0) change(changeQuery)
  let bytes = renderRequest(request)
  const isBroken = chance.isOnce(0.05)
  if (isBroken) {
    bytes = damage(chance, bytes)
    did.push('damaged')
  }
  const leaving = chance.isOnce(0.06) ? 'resets' : isOfFrame || isBroken ? 'ends' : 'waits'
  return {
    title: `${seed}/${number} ${row?.id ?? 'gateway'}: ${did.join(', ')}`,
    row,
    bytes,
    reachesRow: !isOfPath && !isOfFrame && !isBroken && leaving === 'waits',
    leaving,
  }
}
