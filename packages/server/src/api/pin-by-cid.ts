import { routes } from '@pinyon/contract/routes.ts'
import { requireKeyvalues } from '../files/keyvalues.ts'
import { tryParseCid } from '../files/filters/conditions.ts'
import { door, type Door } from '../http/door.ts'
import type { PinJobStatus } from '../requests/failure-reasons.ts'
import { type JobFilter, listPinJobs, pagePinJobs } from '../requests/list-pin-jobs.ts'
import { pinByCid } from '../requests/pin-by-cid.ts'
import { cancelPin } from '../requests/remove-pin.ts'
import { jobStatusOf, presentJob, presentLegacyJob } from './present-pins.ts'

/** Jobs of a page unless the client asks for another number: as the hosted service has it on both routes. */
const usualLegacyLimit = 5
const usualLimit = 10

/** Pinning by CID on the routes of Pinata; the same pins as those of `/psa`. */
export const pinByCidDoors: readonly Door[] = [
  door(routes.pinByHash, async ({ services, caller, body, request }) => {
    const { hashToPin, pinataMetadata, pinataOptions } = body
    requireKeyvalues(services.config.limits, pinataMetadata?.keyvalues ?? {})
    const wanted = {
      cid: hashToPin,
      name: pinataMetadata?.name || hashToPin,
      keyvalues: pinataMetadata?.keyvalues ?? {},
      groupId: pinataOptions?.groupId || null,
      origins: pinataOptions?.hostNodes || [],
    }
    const pin = await pinByCid(services, caller, wanted, request.signal)
    return { id: pin.file.id, ipfsHash: pin.file.cid, status: jobStatusOf(pin), name: pin.file.name }
  }),

  door(routes.pinJobs, async ({ services, caller, query, request }) => {
    const { jobs, count } = await listPinJobs(services, caller, {
      filter: readJobFilter(query.ipfs_pin_hash, query.status, query.sort),
      limit: query.limit ?? usualLegacyLimit,
      offset: query.offset ?? 0,
      signal: request.signal,
    })
    return { count, rows: jobs.map(presentLegacyJob) }
  }),

  door(routes.pinByCid, async ({ services, caller, body, request }) => {
    requireKeyvalues(services.config.limits, body.keyvalues ?? {})
    const wanted = {
      cid: body.cid,
      name: body.name || body.cid,
      keyvalues: body.keyvalues ?? {},
      groupId: body.group_id || null,
      origins: body.host_nodes || [],
    }
    return { data: presentJob(await pinByCid(services, caller, wanted, request.signal)) }
  }),

  door(routes.pinByCidList, async ({ services, caller, query, request }) => {
    const { jobs, nextPageToken } = await pagePinJobs(services, caller, {
      filter: readJobFilter(query.cid, query.status, query.order || query.sort),
      limit: query.limit ?? usualLimit,
      pageToken: query.pageToken === '' ? undefined : query.pageToken,
      signal: request.signal,
    })
    return { data: { jobs: jobs.map(presentJob), next_page_token: nextPageToken } }
  }),

  door(routes.pinByCidDelete, async ({ services, caller, params }) => {
    await cancelPin(services, caller, params.id)
    return { data: null }
  }),
]

/** Text that is no CID is a CID that no pin has, so the list is empty and does not fail, as other lists of Pinata. */
function readJobFilter(cid: string | undefined, job: PinJobStatus | undefined, order: string | undefined): JobFilter {
  const content = cid === undefined || cid === '' ? undefined : tryParseCid(cid.trim())
  return {
    contents: cid === undefined || cid === '' ? undefined : content === undefined ? [] : [content],
    job,
    // Newest first unless asked otherwise, as in every other list.
    order: order?.toLowerCase() === 'asc' ? 'asc' : 'desc',
  }
}
