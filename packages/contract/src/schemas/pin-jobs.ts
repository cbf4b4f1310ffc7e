import { z } from 'zod'
import { CidText, Flag, Id, Name, Time, wholeNumber } from './common.ts'
import { Keyvalues, KeyvalueValue, PinataMetadata } from './files.ts'
import { recordOf } from './record.ts'

/** How the hosted service calls what becomes of a pin by CID. */
export const pinJobStatuses = [
  'prechecking',
  'searching',
  'retrieving',
  'expired',
  'over_free_limit',
  'over_max_size',
  'invalid_object',
  'bad_host_node',
  'backfilled',
] as const

/** A status of a job. */
const PinJobStatus = z.enum(pinJobStatuses)

/** As it is asked for; the hosted service's document misspells one. */
const AskedStatus = z.preprocess(
  (text) => (text === 'retreiving' ? 'retrieving' : text === '' ? undefined : text),
  PinJobStatus.optional(),
)

/** Addresses or peer ids; some clients send the empty string for none. */
const HostNodes = z.union(
  [z.array(z.string().max(2_000)).max(1_000), z.literal('')],
  'must be a list of at most 1000 addresses or peer ids',
)

/** Body of pinByHash. */
export const PinByHash = z
  .object({
    hashToPin: CidText,
    pinataMetadata: PinataMetadata.nullish(),
    pinataOptions: z.object({ hostNodes: HostNodes.nullish(), groupId: z.string().max(200).nullish() }).nullish(),
  })
  .meta({ id: 'PinByHash' })

/** What pinByHash answers. */
export const PinnedByHash = z
  .object({ id: z.string(), ipfsHash: z.string(), status: z.string(), name: z.string().nullable() })
  .meta({ id: 'PinnedByHash' })

const order = z.string().regex(/^(asc|desc|dsc)?$/i, 'must be ASC or DESC')

/** Query of pinJobs. */
export const PinJobsQuery = z.object({
  sort: order.optional(),
  status: AskedStatus,
  ipfs_pin_hash: z.string().max(2_000).optional(),
  limit: wholeNumber(1, 1_000).optional(),
  offset: wholeNumber(0, 1_000_000_000).optional(),
  includesCount: Flag.optional(),
  includeCount: Flag.optional(),
})

/** A pin that is not here yet, on the legacy route. */
export const LegacyPinJob = z
  .object({
    id: z.string(),
    ipfs_pin_hash: z.string(),
    date_queued: Time,
    name: z.string().nullable(),
    status: z.string(),
    keyvalues: recordOf(z.string(), KeyvalueValue).nullable(),
    host_nodes: z.array(z.string()),
    pin_policy: z.object({
      regions: z.array(z.object({ id: z.string(), desiredReplicationCount: z.number() })),
      version: z.number(),
    }),
  })
  .meta({ id: 'LegacyPinJob' })

/** Answer of pinJobs. */
export const PinJobs = z.object({ count: z.number(), rows: z.array(LegacyPinJob) })

/** Body of pin_by_cid. */
export const PinByCid = z
  .object({
    cid: CidText,
    name: Name.nullish(),
    group_id: z.string().max(200).nullish(),
    keyvalues: Keyvalues.nullish(),
    host_nodes: HostNodes.nullish(),
  })
  .meta({ id: 'PinByCid' })

/** A pin that is not here yet, on v3. */
export const PinJob = z
  .object({
    id: z.string(),
    cid: z.string(),
    name: z.string().nullable(),
    status: z.string(),
    keyvalues: recordOf(z.string(), z.string()),
    host_nodes: z.array(z.string()),
    group_id: z.string().nullable(),
    date_queued: Time,
  })
  .meta({ id: 'PinJob' })

/** Query of pin_by_cid. */
export const PinByCidQuery = z.object({
  order: order.optional(),
  sort: order.optional(),
  status: AskedStatus,
  cid: z.string().max(2_000).optional(),
  limit: wholeNumber(1, 1_000).optional(),
  pageToken: z.string().max(200).optional(),
  includesCount: Flag.optional(),
})

/** A page of pins that are not here yet. */
export const PinJobPage = z.object({ jobs: z.array(PinJob), next_page_token: z.string().nullable() })

/** `:id` of a path. */
export const PinJobParams = z.object({ id: Id })
