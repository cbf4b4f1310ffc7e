import type { LegacyPinJob, PinJob } from '@pinyon/contract/schemas/pin-jobs.ts'
import { psaStatuses, type PinStatus } from '@pinyon/contract/schemas/psa.ts'
import type { z } from 'zod'
import { pinStatuses } from '../files/pin-counts.ts'
import type { KeyvalueValue } from '../files/keyvalues.ts'
import { readPinPolicy } from '../files/pin-policy.ts'
import { type PinJobStatus, reasonFor } from '../requests/failure-reasons.ts'
import type { PinRequest } from '../requests/pin-request.ts'
import type { Services } from '../services.ts'
import { presentTime } from './present-time.ts'

/** A pin as the Pinning Services API shows it: what is absent is left out, and every value of `meta` and `info` is text. */
export function presentPin(
  { node, denials }: Pick<Services, 'node' | 'denials'>,
  pin: PinRequest,
): z.infer<typeof PinStatus> {
  const { file, keyvalues } = pin
  const denied = denials.find(file.multihash)
  const info = denied === undefined ? infoOf(node, pin) : { ...infoOf(node, pin), taken_down: denied.reason }
  return {
    requestid: file.id,
    status: psaStatuses[file.pin_status ?? pinStatuses.queued] ?? 'queued',
    created: presentTime(file.created_at),
    pin: {
      cid: file.cid,
      ...(file.name === null || file.name === '' ? {} : { name: file.name }),
      ...(Object.keys(keyvalues).length === 0 ? {} : { meta: asText(keyvalues) }),
    },
    delegates: [...node.delegates()],
    ...(info === undefined ? {} : { info }),
  }
}

function infoOf(node: Services['node'], { file, fetch }: PinRequest): Record<string, string> | undefined {
  switch (file.pin_status) {
    case pinStatuses.pinned:
      return { raw_size: String(file.size_bytes) }
    case pinStatuses.failed:
      return { status_details: reasonFor(fetch?.reason ?? null).words }
    case pinStatuses.pinning:
      // One of the reasons says so itself.
      return { status_details: `${progressOf(fetch)}${fetch?.reason === 'network-off' ? '' : offNote(node)}` }
    default:
      return { status_details: `Waits for its turn.${offNote(node)}` }
  }
}

function progressOf(fetch: PinRequest['fetch']): string {
  if (fetch === undefined || fetch.number_of_blocks === 0) {
    const reason = fetch?.reason ?? null
    return reason === null ? 'Looks for somebody who has the content.' : `Keeps trying. ${reasonFor(reason).words}`
  }
  const here = `${fetch.number_of_blocks} ${fetch.number_of_blocks === 1 ? 'block' : 'blocks'} (${fetch.size_bytes} bytes) are here.`
  return fetch.reason === null ? `Is being fetched: ${here}` : `Keeps trying: ${here} ${reasonFor(fetch.reason).words}`
}

function offNote(node: Services['node']): string {
  return node.kind === 'off'
    ? ' The IPFS network is off here: only gateways and the HTTP addresses of origins are asked.'
    : ''
}

/** A pin that is not here yet as pinJobs shows it. */
export function presentLegacyJob(pin: PinRequest): z.infer<typeof LegacyPinJob> {
  const { file, keyvalues } = pin
  return {
    id: file.id,
    ipfs_pin_hash: file.cid,
    date_queued: presentTime(file.created_at),
    name: file.name,
    status: jobStatusOf(pin),
    keyvalues: Object.keys(keyvalues).length === 0 ? null : { ...keyvalues },
    host_nodes: hostNodesOf(pin),
    pin_policy: { regions: [...readPinPolicy(file.pin_policy)], version: 1 },
  }
}

/** The same as v3 shows it. */
export function presentJob(pin: PinRequest): z.infer<typeof PinJob> {
  const { file, keyvalues } = pin
  return {
    id: file.id,
    cid: file.cid,
    name: file.name,
    status: jobStatusOf(pin),
    keyvalues: asText(keyvalues),
    host_nodes: hostNodesOf(pin),
    group_id: file.group_id,
    date_queued: presentTime(file.created_at),
  }
}

/** How the hosted service calls what becomes of it. What is pinned at once is said to be checked, as it says of everything. */
export function jobStatusOf({ file, fetch }: PinRequest): PinJobStatus {
  if (file.pin_status === pinStatuses.failed) return reasonFor(fetch?.reason ?? null).job
  if (file.pin_status !== pinStatuses.pinning) return 'prechecking'
  return (fetch?.number_of_blocks ?? 0) > 0 ? 'retrieving' : 'searching'
}

function hostNodesOf({ fetch }: PinRequest): string[] {
  return [...(fetch?.origins ?? [])]
}

function asText(keyvalues: Readonly<Record<string, KeyvalueValue>>): Record<string, string> {
  return Object.fromEntries(Object.entries(keyvalues).map(([key, value]) => [key, String(value)]))
}
