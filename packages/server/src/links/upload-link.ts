import { nothingGranted } from '@pinyon/contract/permissions.ts'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Caller, RequestOrigin } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { readBounds } from '../keys/key-cache.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { checkLink } from './check-link.ts'
import { changed, readSignedQuery } from './link-signature.ts'
import { type LinkWithNeeds, takeUploadLink } from './queries.ts'
import type { UploadBounds } from './upload-bounds.ts'

/** An upload link that is good at this moment. */
export interface UploadLink {
  /** The file that it makes gets this id. */
  readonly id: string
  readonly network: NetworkName
  readonly bounds: UploadBounds
  /** For whom the file is: the account, and the key that signed. It may do nothing else. */
  readonly caller: Caller
}

/**
 * Checks an upload link: `POST /v3/files/{id}` with the query that was signed. It can be used until it has made its file:
 * whoever comes at the same time is told by `claimUploadLink`. Throws `credentials_missing` without a signature,
 * `link_invalid`, `link_expired`, `link_revoked`, and `link_used` when the file is there.
 */
export async function findUploadLink(
  services: Pick<Services, 'db' | 'clock' | 'signingKeys'>,
  { id, query, origin }: { id: string; query: Readonly<Record<string, unknown>>; origin: RequestOrigin },
): Promise<UploadLink> {
  const presented = readSignedQuery(query, id)
  if (presented === undefined) throw unsigned()
  const link = await checkLink(services, presented)
  if (link.file_id !== null && link.kind === 'upload') throw used()
  return readLink(link, origin)
}

/**
 * Checks the link that a resumable upload was begun by, at each chunk: it ends with the link's revocation, its key's and
 * its account's, not with the time in which it had to begin, and its last chunk may come again. Throws as `findUploadLink`.
 */
export async function findBegunLink(
  services: Pick<Services, 'db' | 'clock' | 'signingKeys'>,
  { id, query, origin }: { id: string; query: Readonly<Record<string, unknown>>; origin: RequestOrigin },
): Promise<UploadLink> {
  const presented = readSignedQuery(query, id)
  if (presented === undefined) throw unsigned()
  return readLink(await checkLink(services, presented, { hasBegun: true }), origin)
}

/**
 * Takes the one file that a link makes, in the write that makes it. Throws `link_used` when another upload was faster, or
 * the link was revoked meanwhile.
 */
export async function claimUploadLink(tx: Db, id: string, at: number): Promise<void> {
  if (!(await takeUploadLink(tx, { id, at }))) throw used()
}

function used(): AppError {
  return new AppError('link_used', 'This link has made its file: it takes one upload. Have a new link signed.')
}

function readLink(link: LinkWithNeeds, origin: RequestOrigin): UploadLink {
  if (link.kind !== 'upload' || link.bounds === null) throw changed()
  return {
    id: link.id,
    network: link.network === 1 ? 'public' : 'private',
    bounds: JSON.parse(link.bounds) as UploadBounds, // written by us
    caller: {
      accountId: link.account_id,
      granted: nothingGranted,
      // What its key is bound to, its files are too.
      ...readBounds({ bounds: link.key_bounds, own_1: link.own_1, own_2: link.own_2, own_3: link.own_3 }),
      ...(link.created_by_key === null
        ? {}
        : { key: { id: link.created_by_key, name: link.key_name ?? '', publicPart: link.key_public_part ?? '' } }),
      origin,
    },
  }
}

function unsigned(): AppError {
  return new AppError(
    'credentials_missing',
    'This address takes an upload only with what was signed: use the whole link that POST /v3/files/sign answered.',
  )
}
