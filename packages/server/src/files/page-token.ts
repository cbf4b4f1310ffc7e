import { createHash } from 'node:crypto'
import { AppError } from '../lib/errors.ts'
import { type FileScope, filterKey } from './filters/file-filter.ts'
import type { Order } from './list-queries.ts'

const digestBytes = 12

/**
 * A token for the page behind `last` (an id) of this list: opaque, and bound to account, network, filters and order.
 * It needs no secret, because all that a made-up one could do is to begin elsewhere in the caller's own list.
 */
export function makePageToken(scope: FileScope, order: Order, last: string): string {
  return Buffer.concat([digest(scope, order, last), Buffer.from(last)]).toString('base64url')
}

/** Reads a token back. Throws `invalid_request` unless it was made for this very list, limit aside. */
export function readPageToken(scope: FileScope, order: Order, token: string): string {
  const bytes = Buffer.from(token, 'base64url')
  const last = bytes.toString('utf8', digestBytes)
  if (last !== '' && makePageToken(scope, order, last) === token) return last
  throw new AppError(
    'invalid_request',
    'pageToken: not a token of this list. Use next_page_token of the page before, with the same filters and order.',
  )
}

function digest(scope: FileScope, order: Order, last: string): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([filterKey(scope), order, last]))
    .digest()
    .subarray(0, digestBytes)
}
