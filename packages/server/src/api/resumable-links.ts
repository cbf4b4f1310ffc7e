import { routes } from '@pinyon/contract/routes.ts'
import { answer, type Answer, type Door, type DoorRequest, openDoor } from '../http/door.ts'
import { isSignedName } from '../links/link-signature.ts'
import { fixFields, requireSize, requireType } from '../links/upload-bounds.ts'
import { claimUploadLink, findBegunLink, type UploadLink } from '../links/upload-link.ts'
import type { Services } from '../services.ts'
import { endUpload } from '../uploads/end-upload.ts'
import { getUploadProgress, type UploadHolder } from '../uploads/get-upload.ts'
import { readLength, requireTusVersion } from './read-tus.ts'
import { answerProgress, appendChunk, beginResumable } from './resumable.ts'
import { readChoice } from './v3-files.ts'

/** Resumable uploads that were begun by a link: what was signed stands in their addresses, too. */
export const resumableLinkDoors: readonly Door[] = [
  openDoor(routes.linkUploadsGet, async ({ services, params, query, request }) => {
    requireTusVersion(request)
    const link = await findBegunLink(services, { id: params.id, query, origin: request })
    return answerProgress(await getUploadProgress(services, holderOf(services, link), link.id))
  }),

  openDoor(routes.linkUploadsAppend, async ({ services, params, query, request }) => {
    const link = await findBegunLink(services, { id: params.id, query, origin: request })
    return appendChunk(services, holderOf(services, link), {
      id: link.id,
      request,
      mostBytes: link.bounds.maxFileSize ?? undefined,
    })
  }),

  openDoor(routes.linkUploadsEnd, async ({ services, params, query, request }) => {
    requireTusVersion(request)
    const link = await findBegunLink(services, { id: params.id, query, origin: request })
    await endUpload(services, holderOf(services, link), link.id)
    return answer(204)
  }),
]

/** Begins a resumable upload by a link, within its bounds. One that was begun before by the same link is given up. */
export async function beginByLink(
  services: Services,
  link: UploadLink,
  { query, request }: { query: Readonly<Record<string, unknown>>; request: DoorRequest },
): Promise<Answer> {
  requireSize(link.bounds, readLength(request, services.config.limits.uploadBytes) ?? 0)
  const cidVersion = query['X-Upload-Option-Cid-Version']
  const signed = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (isSignedName(name)) signed.set(name, String(value))
  return beginResumable(services, holderOf(services, link), {
    request,
    cidVersion: typeof cidVersion === 'string' ? cidVersion : undefined,
    mostBytes: link.bounds.maxFileSize ?? undefined,
    readChoice(fields) {
      const fixed = new Map(fields)
      fixFields(fixed, link)
      return readChoice(fixed, services.clock.now())
    },
    addressOf: (id) => `/v3/files/${id}/link-upload?${signed.toString()}`,
  })
}

function holderOf({ clock }: Pick<Services, 'clock'>, { id, bounds, caller }: UploadLink): UploadHolder {
  return {
    ...caller,
    link: {
      id,
      claim: (tx) => claimUploadLink(tx, id, clock.now()),
      judge: (arrived) => requireType(bounds, { ...arrived, isFolder: false }),
    },
  }
}
