import { z } from 'zod'
import { CidText, Id, Name, Network, Time, When, wholeNumber } from './common.ts'
import { KeyvaluesChange } from './files.ts'
import { PinByCid } from './pin-jobs.ts'
import { PsaStatus } from './psa.ts'
import { recordOf } from './record.ts'

/** Ids of one request at most. */
export const maxBulkIds = 100_000

function saysSomething({ all, ...rest }: Readonly<Record<string, unknown>>): boolean {
  return (all === true) !== Object.values(rest).some((value) => value !== undefined)
}
const saysNothing = { message: 'name what to look for, or say "all": true' }

/** Which files: those of a list. Everything given must hold; `all` says that nothing is meant to narrow. */
const BulkFilter = z
  .strictObject({
    name: z.string().min(1).max(1_024).optional(),
    group: z.string().min(1).max(200).nullable().optional().meta({ description: 'Its id; null: without a group.' }),
    mimeType: z.string().min(1).max(255).optional(),
    cid: CidText.optional(),
    keyvalues: recordOf(z.string().max(255), z.string().max(1_000))
      .refine((record) => Object.keys(record).length <= 20, 'at most 20 key-values')
      .optional(),
    all: z.literal(true).optional().meta({ description: 'All files of the network; beside no other member.' }),
  })
  .refine(saysSomething, saysNothing)

/** Such a filter as it is read. */
export type BulkFilter = z.output<typeof BulkFilter>

/** Which pins by CID: those of `GET /pinyon/v1/pins`, whatever their status. Everything given must hold. */
const BulkPinFilter = z
  .strictObject({
    status: z.array(PsaStatus).min(1, 'is empty').max(4).optional(),
    name: z.string().min(1).max(1_024).optional().meta({ description: 'Part of the name, without case.' }),
    cid: CidText.optional(),
    all: z.literal(true).optional().meta({ description: 'All pins by CID; beside no other member.' }),
  })
  .refine(saysSomething, saysNothing)

/** Such a filter as it is read. */
export type BulkPinFilter = z.output<typeof BulkPinFilter>

const which = {
  network: Network,
  ids: z.array(Id).min(1, 'is empty').max(maxBulkIds).optional(),
  filter: BulkFilter.optional(),
}

function oneOfBoth({ ids, filter }: { ids?: unknown; filter?: unknown }): boolean {
  return (ids === undefined) !== (filter === undefined)
}
const said = { message: 'send ids, or filter, and not both', path: ['ids'] }

/** Body of a bulk pin. */
export const BulkPin = z.object({ pins: z.array(PinByCid).min(1, 'is empty').max(10_000) }).meta({ id: 'BulkPin' })

/** Body of a bulk unpin. */
export const BulkUnpin = z.object(which).refine(oneOfBoth, said).meta({ id: 'BulkUnpin' })

/** Body of a bulk change. */
export const BulkUpdate = z
  .object({
    ...which,
    change: z
      .strictObject({
        name: Name.optional(),
        keyvalues: KeyvaluesChange.optional(),
        expires_at: z.union([When, z.null()]).optional(),
      })
      .refine((change) => Object.values(change).some((value) => value !== undefined), 'names nothing to change'),
  })
  .refine(oneOfBoth, said)
  .meta({ id: 'BulkUpdate' })

/** Body of a bulk move. */
export const BulkMove = z
  .object({ ...which, group_id: z.string().max(200).nullable().meta({ description: 'Null: into no group.' }) })
  .refine(oneOfBoth, said)
  .meta({ id: 'BulkMove' })

/** Body of what is done with many pins by CID. */
export const BulkPins = z
  .object({ ids: which.ids, filter: BulkPinFilter.optional() })
  .refine(oneOfBoth, said)
  .meta({ id: 'BulkPins' })

/** What became of one item. */
export const BulkResult = z
  .object({
    item: z.string().meta({ description: 'The id, or the CID of a pin, as it was asked for.' }),
    state: z.enum(['waiting', 'done', 'failed']),
    name: z.string().nullable().meta({
      description: 'Of an item that failed: the name of its file or pin, where there is one and the key may see it.',
    }),
    fileId: z.string().nullable().meta({ description: 'Of a pin: the id that it has.' }),
    reason: z.string().nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: 'BulkResult' })

/** Such a result as it is read. */
export type BulkResult = z.output<typeof BulkResult>

/** A bulk operation that goes on behind the answer. */
export const Bulk = z
  .object({
    id: z.string(),
    operation: z.enum(['pin', 'unpin', 'update', 'move', 'remove-pins', 'retry-pins']),
    state: z.enum(['collecting', 'running', 'done', 'cancelled']),
    total: z.number().meta({ description: 'Items; while it is `collecting`, so far.' }),
    done: z.number(),
    failed: z.number(),
    createdAt: Time,
    finishedAt: Time.nullable(),
    message: z.string().nullable().meta({ description: 'Why it was cancelled.' }),
  })
  .meta({ id: 'Bulk' })

/** Such an operation as it is read. */
export type Bulk = z.output<typeof Bulk>

/** What starting one answers: up to 100 items are done at once, more by a job. */
export const BulkStarted = z.object({ job: Bulk.nullable(), results: z.array(BulkResult) }).meta({ id: 'BulkStarted' })

/** Query of the results. */
export const BulkResultsQuery = z.object({
  state: z.enum(['waiting', 'done', 'failed']).optional(),
  limit: wholeNumber(1, 1_000).optional(),
  pageToken: z.string().max(40).optional(),
})

/** A page of results, in the order of the items. */
export const BulkResultPage = z.object({ results: z.array(BulkResult), nextPageToken: z.string().nullable() })
