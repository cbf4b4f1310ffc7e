import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import type { Denials } from '../denials/denials.ts'
import { findFile } from '../files/queries.ts'
import { type Cid, formatCid, parseCid } from '../ipfs/cid.ts'
import { codecs } from '../ipfs/codecs.ts'
import { identityBytes } from '../ipfs/multihash.ts'
import { isDomainName } from '../ipfs/names/dnslink.ts'
import { findIpnsName, formatIpnsName } from '../ipfs/names/ipns-name.ts'
import { AppError } from '../lib/errors.ts'
import { networkNumbers } from '../pins/network.ts'
import { listHeldOf } from './queries.ts'

/** What a name is to lead to. */
export interface NameTarget {
  /** A content path, as records carry it. */
  readonly value: string
  /** The CID that it begins with; undefined where it leads to another name. */
  readonly root: Cid | undefined
}

/** The longest value: a record holds it three times, and may have 10 KiB (https://specs.ipfs.tech/ipns/ipns-record/). */
const maxValueBytes = 2_000

/**
 * Reads a CID, `/ipfs/{cid}` with a path, `ipfs://` and `ipns://` addresses, and `/ipns/{name}`. Throws `invalid_cid` and
 * `invalid_request`.
 */
export function readTarget(text: string): NameTarget {
  const sent = text.trim().replace(/^(ip[fn]s):\/\//, '/$1/')
  const [, space = 'ipfs', root = '', path = ''] = /^(?:\/(ipfs|ipns)\/)?([^/]*)(\/.*)?$/s.exec(sent) ?? []
  const rest = readPath(path)
  if (space === 'ipns') return { value: `/ipns/${readName(root)}${rest}`, root: undefined }
  const cid = parseCid(root)
  const name = cid.codec === codecs.libp2pKey ? findIpnsName(root) : undefined
  if (name !== undefined) return { value: `/ipns/${formatIpnsName(name)}${rest}`, root: undefined }
  return { value: `/ipfs/${formatCid(cid)}${rest}`, root: cid }
}

function readName(text: string): string {
  const name = findIpnsName(text)
  if (name !== undefined) return formatIpnsName(name)
  if (isDomainName(text)) return text.toLowerCase()
  throw new AppError('invalid_request', `cid: ${text.slice(0, 100)} is neither an IPNS name nor a domain.`)
}

/** Bytes between slashes: segments are not decoded when a record is followed. */
function readPath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '')
  for (const segment of segments)
    if (segment === '.' || segment === '..' || /\p{Cc}/u.test(segment) || !segment.isWellFormed())
      throw new AppError('invalid_request', 'cid: the path behind the CID holds a segment that names nothing.')
  const rest = segments.map((segment) => `/${segment}`).join('')
  if (Buffer.byteLength(rest) > maxValueBytes)
    throw new AppError('invalid_request', `cid: the path behind the CID is longer than ${maxValueBytes} bytes.`)
  return rest
}

/** The target that a public file of the account is. Throws `not_found`, and `conflict` for a private one. */
export async function getFileTarget(
  db: Db,
  { accountId, reach }: Caller,
  fileId: string,
  now: number,
): Promise<NameTarget> {
  const find = (network: number) => findFile(db, { account: accountId, reach, network, id: fileId, now })
  const file = await find(networkNumbers.public)
  if (file !== undefined) return readTarget(file.cid)
  const hidden = await find(networkNumbers.private)
  if (hidden === undefined) throw new AppError('not_found', `There is no file ${fileId.slice(0, 100)} in this account.`)
  throw isPrivate(hidden.cid)
}

/**
 * Sees to it that a name leads nowhere by surprise: what is taken down and what the account keeps private is refused,
 * and what no public file of the account has wants to be confirmed, because nobody here promises to keep it. Throws
 * `content_denied`, `conflict`, `confirmation_needed`. What other accounts hold makes no difference.
 */
export async function requirePublishable(
  db: Db,
  denials: Pick<Denials, 'requireWelcome'>,
  { accountId }: Pick<Caller, 'accountId'>,
  { root }: NameTarget,
  { confirm, now }: { confirm: boolean; now: number },
): Promise<void> {
  if (root === undefined || identityBytes(root.multihash) !== undefined) return
  denials.requireWelcome(root.multihash)
  const held = (await listHeldOf(db, { accountId, multihashes: [root.multihash], now })).filter(
    ({ codec }) => codec === root.codec,
  )
  if (held.some(({ network }) => network === networkNumbers.public)) return
  if (held.length > 0) throw isPrivate(formatCid(root))
  if (!confirm)
    throw new AppError(
      'confirmation_needed',
      `No public file of this account has the CID ${formatCid(root)}, so nobody here keeps it, and the name may lead to nothing. Upload or pin it first, or send "confirm": true.`,
    )
}

function isPrivate(cid: string): AppError {
  return new AppError(
    'conflict',
    `${cid} is the CID of a private file, and whoever follows a name must be able to read what it leads to. Upload the file with network "public", or publish another.`,
  )
}
