import type { Route } from '@pinyon/contract/route.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { SignLink } from '@pinyon/contract/schemas/links.ts'
import type { z } from 'zod'
import type { Caller } from '../caller.ts'
import { getGroup } from '../groups/get-group.ts'
import { placeInGroup } from '../keys/reach.ts'
import { AppError } from '../lib/errors.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import { getAccountRoom, requirePublicAllowed } from '../usage/quota.ts'
import { keepLink, readLinkTimes, requirePower } from './keep-link.ts'
import type { UploadBounds } from './upload-bounds.ts'

const upload: Route = routes.filesUpload

/**
 * Signs a link that takes one upload: the address, below the origin that the client used. Throws `scope_missing`,
 * `outside_bounds`, `invalid_request`, `not_found` for the group, `public_content_refused`.
 */
export async function signUploadLink(
  services: Pick<Services, 'db' | 'linkBatch' | 'clock' | 'newId' | 'signingKeys' | 'config'>,
  caller: Caller,
  sent: z.infer<typeof SignLink>,
  ownOrigin: string,
): Promise<string> {
  const { db, clock, config } = services
  requirePower(caller.granted, upload, 'for an upload')
  if (sent.max_uses != null || sent.file_id != null) {
    throw new AppError('invalid_request', 'max_uses and file_id are of download links, which have a url')
  }
  const network = sent.network ?? 'private'
  if (network === 'public') requirePublicAllowed(await getAccountRoom(db.read, caller.accountId))
  const groupId = placeInGroup(caller, sent.group_id ?? null)
  if (groupId !== null) await getGroup({ db }, caller, { network, id: groupId })
  const bounds: UploadBounds = {
    name: sent.filename ?? null,
    groupId,
    keyvalues: sent.keyvalues ?? null,
    maxFileSize: sent.max_file_size ?? null,
    allowMimeTypes: sent.allow_mime_types?.map((type) => type.toLowerCase()) ?? null,
    cidVersion: sent.cid_version == null ? null : sent.cid_version.endsWith('0') ? 'v0' : 'v1',
  }
  const times = readLinkTimes(
    { date: sent.date, expires: sent.expires },
    { now: clock.now(), maxDays: config.linkMaxDays },
  )
  const { id, query } = await keepLink(services, caller, times, {
    kind: 'upload',
    network: networkNumbers[network],
    method: 'POST',
    file_id: null,
    cid: null,
    path: null,
    query: null,
    bounds: JSON.stringify(bounds),
    max_uses: 1,
  })
  return `${ownOrigin}/v3/files/${id}?${query}`
}
