import { type Cid, parseCid } from '../ipfs/cid.ts'
import type { SizedBlockSource } from '../ipfs/find-block.ts'
import { AppError } from '../lib/errors.ts'
import { checkLink } from '../links/check-link.ts'
import { changed, isSignedName, readSignedQuery } from '../links/link-signature.ts'
import { findLink, findShownPin, type LinkWithNeeds } from '../links/queries.ts'
import { pinBlocks } from '../pins/read-blocks.ts'
import { whileHeld } from '../pins/while-held.ts'
import type { GatewayServices } from '../services.ts'
import type { GatewayRequest as AnyRequest } from './read-request.ts'

/** A request for a CID. */
type GatewayRequest = AnyRequest & { readonly root: Cid }

/** What a request for `/files/{cid}` may read. */
export interface PrivateView {
  /** Blocks of the one pin that the file holds, and no other. */
  readonly source: SizedBlockSource
  /** What the file is called; undefined below its root. */
  readonly name: string | undefined
  /** Whose file it is, and the pin that it is read by, which may be others' too. */
  readonly accountId: string
  readonly pinId: string
  /** Segments below the CID that may not be left upwards. */
  readonly top: number
  /** Counts a use. Throws `link_uses_exhausted` before anything was sent. */
  count(): Promise<void>
}

/** How to read may be said beside what was signed: none of it shows more than the link does. */
const readingOptions =
  /^(format|dag-scope|entity-bytes|car-(version|order|dups)|after|download|filename|pinataGatewayToken|token)$/

/**
 * Opens `/files/{cid}[/path]`: by a link that was signed for this address or one above it, or without one when the file
 * is in a group that is public. Throws `credentials_missing`, whatever is there, and what is wrong with the link.
 */
export async function openPrivate(
  services: GatewayServices,
  request: GatewayRequest,
  method: 'GET' | 'HEAD',
): Promise<PrivateView> {
  const presented = readSignedQuery(request.parameters, undefined)
  if (presented === undefined) return openShown(services, request)
  const link = await checkLink(services, presented)
  requireSameAddress(link, request, method)
  const now = services.clock.now()
  const { pin_id: pinId } = link
  if (pinId === null || isFileGone(link, now)) throw fileGone()
  const requireHeld = async () => {
    const known = await findLink(services.db.read, link.id)
    if (known === undefined || isFileGone(known, services.clock.now())) throw fileGone()
  }
  return {
    source: whileHeld(pinBlocks(services, { pinId, network: 'private' }), requireHeld),
    accountId: link.account_id,
    pinId,
    name: request.segments.length === 0 ? (link.file_name ?? undefined) : undefined,
    top: segmentsOf(link.path).length,
    count: async () => {
      if (method === 'GET') await services.linkUses.count(link, now)
    },
  }
}

/** A file that ended holds no pin. */
function isFileGone({ pin_id, file_expires_at }: LinkWithNeeds, now: number): boolean {
  return pin_id === null || (file_expires_at ?? Infinity) <= now
}

function fileGone(): AppError {
  return new AppError('not_found', 'The file of this link is gone.')
}

async function openShown(
  services: Parameters<typeof openPrivate>[0],
  { root, segments }: GatewayRequest,
): Promise<PrivateView> {
  const { multihash, codec } = root
  const find = () => findShownPin(services.db.read, { multihash, codec, now: services.clock.now() })
  const shown = await find()
  if (shown === undefined) {
    throw new AppError(
      'credentials_missing',
      'Private files are read by a link that was signed for them: use the whole address, with all that stands behind the question mark.',
    )
  }
  const requireHeld = async () => {
    if ((await find())?.pinId !== shown.pinId) throw new AppError('not_found', 'This file is gone.')
  }
  return {
    source: whileHeld(pinBlocks(services, { pinId: shown.pinId, network: 'private' }), requireHeld),
    accountId: shown.accountId,
    pinId: shown.pinId,
    name: segments.length === 0 ? (shown.name ?? undefined) : undefined,
    top: 0,
    count: async () => undefined,
  }
}

/** Throws `link_elsewhere` unless the link is for this address: the one that was signed, or below it. */
function requireSameAddress(link: LinkWithNeeds, request: GatewayRequest, method: 'GET' | 'HEAD'): void {
  const { root, segments, parameters } = request
  if (link.kind !== 'download' || link.cid === null) throw changed()
  const isBelow = segmentsOf(link.path).every((segment, i) => segments[i] === segment)
  if (!isSame(parseCid(link.cid), root) || !isBelow) {
    throw new AppError(
      'link_elsewhere',
      'This link is for another file: it shows the address that was signed, and what lies below it.',
    )
  }
  if (link.method !== method && link.method !== 'GET') {
    throw new AppError('link_elsewhere', `This link is for ${link.method}, not for ${method}.`)
  }
  const signed = new Map(JSON.parse(link.query ?? '[]') as [string, string][]) // written by us
  for (const [name, value] of signed) if (parameters[name] !== value) throw changed()
  for (const name of Object.keys(parameters)) {
    if (!signed.has(name) && !isSignedName(name) && !readingOptions.test(name)) throw changed()
  }
}

function segmentsOf(path: string | null): string[] {
  return path === null || path === '' ? [] : path.split('/').map(decodeURIComponent)
}

function isSame(a: Cid, b: Cid): boolean {
  return a.codec === b.codec && Buffer.compare(a.multihash, b.multihash) === 0
}
