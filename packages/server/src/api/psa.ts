import { routes } from '@pinyon/contract/routes.ts'
import { answer, door, type Door } from '../http/door.ts'
import { getPin } from '../requests/get-pin.ts'
import { listPins } from '../requests/list-pins.ts'
import { pinByCid } from '../requests/pin-by-cid.ts'
import { removePin } from '../requests/remove-pin.ts'
import { replacePin } from '../requests/replace-pin.ts'
import { lostNamesHeader } from './lost-names-header.ts'
import { presentPin } from './present-pins.ts'
import { readPin } from './read-pin.ts'
import { readPinQuery } from './read-pin-query.ts'

/** The IPFS Pinning Services API 1.0.0 (https://ipfs.github.io/pinning-services-api-spec/). */
export const psaDoors: readonly Door[] = [
  door(routes.psaAdd, async ({ services, caller, body, request }) =>
    answer(202, presentPin(services, await pinByCid(services, caller, readPin(body), request.signal))),
  ),

  door(routes.psaList, async ({ services, caller, query, request }) => {
    const asked = readPinQuery(query, services.config.psaStatusDefault)
    const { pins, count } = await listPins(services, caller, { ...asked, signal: request.signal })
    return { count, results: pins.map((pin) => presentPin(services, pin)) }
  }),

  door(routes.psaGet, async ({ services, caller, params }) =>
    presentPin(services, await getPin(services, caller, params.requestid)),
  ),

  door(routes.psaReplace, async ({ services, caller, params, body, request }) => {
    const pin = await replacePin(services, caller, params.requestid, readPin(body), request.signal)
    return answer(202, presentPin(services, pin))
  }),

  door(routes.psaRemove, async ({ services, caller, params }) => {
    const { multihash, codec, state } = await removePin(services, caller, params.requestid)
    const headers = state === 'held' ? await lostNamesHeader(services, caller, { multihash, codec }) : {}
    return answer(202, undefined, headers)
  }),
]
