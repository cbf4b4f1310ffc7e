import type { Route } from '@pinyon/contract/route.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { SignLink } from '@pinyon/contract/schemas/links.ts'
import type { z } from 'zod'
import type { Caller } from '../caller.ts'
import { type FileRow, findFile, findHeldUpload } from '../files/queries.ts'
import { type Cid, formatCid, parseCid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import { keepLink, readLinkTimes, requirePower } from './keep-link.ts'
import { isSignedName } from './link-signature.ts'

const content: Route = routes.filesContent

/**
 * Signs a link to a private file of the account, or to a path in one: the address that was sent, with its parameters, on
 * whichever host. Throws `scope_missing`, `invalid_request`, `invalid_cid`, and `not_found` for what the account does not
 * hold privately, whoever else does.
 */
export async function signDownloadLink(
  services: Pick<Services, 'db' | 'linkBatch' | 'clock' | 'newId' | 'signingKeys' | 'config'>,
  caller: Caller,
  sent: z.infer<typeof SignLink>,
): Promise<string> {
  const { db, clock, config } = services
  requirePower(caller.granted, content, 'to a file')
  const url = readUrl(sent.url ?? '')
  const method = (sent.method ?? 'GET').toUpperCase()
  if (method === 'POST') throw new AppError('invalid_request', 'method: of a download link it is GET or HEAD')
  const { root, segments } = readFilesPath(url.pathname)
  const now = clock.now()
  const file = await findPrivate(db.read, caller, { root, fileId: sent.file_id ?? undefined, now })
  if (file === undefined) throw new AppError('not_found', 'There is no private file with this CID in this account')
  const parameters = [...url.searchParams].filter(([name]) => !isSignedName(name))
  const times = readLinkTimes({ date: sent.date, expires: sent.expires }, { now, maxDays: config.linkMaxDays })
  const { query } = await keepLink(services, caller, times, {
    kind: 'download',
    network: networkNumbers.private,
    method,
    file_id: file.id,
    cid: formatCid(root),
    path: segments.map(encodeURIComponent).join('/'),
    query: JSON.stringify(parameters),
    bounds: null,
    max_uses: sent.max_uses ?? null,
  })
  const rest = parameters.length === 0 ? '' : `${new URLSearchParams(parameters).toString()}&`
  return `${url.origin}${url.pathname}?${rest}${query}`
}

function readUrl(text: string): URL {
  if (URL.canParse(text)) {
    const url = new URL(text)
    if (url.protocol === 'https:' || url.protocol === 'http:') return url
  }
  throw new AppError('invalid_request', 'url: must be an address such as https://GATEWAY/files/CID')
}

/** CID and path of `/files/{cid}[/path]`. */
function readFilesPath(pathname: string): { root: Cid; segments: string[] } {
  const match = /^\/+files\/+([^/]+)(\/.*)?$/.exec(pathname)
  if (match === null) {
    throw new AppError(
      'invalid_request',
      'url: its path must be /files/CID, or /files/CID/PATH; what is public is at /ipfs/CID and needs no link',
    )
  }
  try {
    const segments = (match[2] ?? '').split('/').filter((segment) => segment !== '')
    return { root: parseCid(decodeURIComponent(match[1] ?? '')), segments: segments.map(decodeURIComponent) }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('invalid_request', 'url: its path has a percent sign that is no escape', { cause: error })
  }
}

/** The private file of the account that has this content: the one that was named, else the oldest. */
async function findPrivate(
  db: Services['db']['read'],
  { accountId: account, reach }: Pick<Caller, 'accountId' | 'reach'>,
  { root, fileId, now }: { root: Cid; fileId: string | undefined; now: number },
): Promise<FileRow | undefined> {
  const content = { account, network: networkNumbers.private, multihash: root.multihash, codec: root.codec, now, reach }
  if (fileId === undefined) return findHeldUpload(db, content)
  const file = await findFile(db, { account, network: networkNumbers.private, id: fileId, now, reach })
  const isOf = file !== undefined && file.codec === root.codec && Buffer.compare(file.multihash, root.multihash) === 0
  return isOf ? file : undefined
}
