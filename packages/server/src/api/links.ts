import { routes } from '@pinyon/contract/routes.ts'
import { type Door, type DoorRequest, door, openDoor } from '../http/door.ts'
import { contentLength, readMultipart } from '../http/multipart.ts'
import { layoutV0, layoutV1 } from '../ipfs/layout.ts'
import { pageLinks } from '../links/list-links.ts'
import { revokeLink } from '../links/revoke-link.ts'
import { signDownloadLink } from '../links/sign-download-link.ts'
import { signUploadLink } from '../links/sign-upload-link.ts'
import { entriesOf, fixFields, requireSize, requireType } from '../links/upload-bounds.ts'
import { claimUploadLink, findUploadLink, type UploadLink } from '../links/upload-link.ts'
import type { FileTaker } from '../uploads/folder-import.ts'
import type { Intake } from '../uploads/intake.ts'
import { receiveFile } from '../uploads/receive-file.ts'
import type { UploadChoice } from '../uploads/upload-choice.ts'
import { presentUploaded } from './present-files.ts'
import { presentLink } from './present-links.ts'
import { beginByLink } from './resumable-links.ts'
import { beginsResumable } from './read-tus.ts'
import { readChoice, readForm } from './v3-files.ts'

/** Links: signing them, uploading by them, and what their account sees of them. */
export const linkDoors: readonly Door[] = [
  door(routes.filesSign, async ({ services, caller, body, request }) => {
    const isDownload = body.url != null
    const link = isDownload
      ? signDownloadLink(services, caller, body)
      : signUploadLink(services, caller, body, request.ownOrigin)
    return { data: await link }
  }),

  door(routes.downloadLink, async ({ services, caller, body }) => ({
    data: await signDownloadLink(services, caller, body),
  })),

  door(routes.linksPage, async ({ services, caller, query }) => {
    const { links, nextPageToken } = await pageLinks(services, caller, query)
    return { links: links.map(presentLink), nextPageToken }
  }),

  door(routes.linksRevoke, async ({ services, caller, params }) => {
    await revokeLink(services, caller, params.id)
    return {}
  }),

  openDoor(routes.filesUploadByLink, async ({ services, params, query, request }) => {
    const link = await findUploadLink(services, { id: params.id, query, origin: request })
    const { clock } = services
    if (beginsResumable(request)) return beginByLink(services, link, { query, request })
    const kept = await receiveFile(services, link.caller, {
      assumed: {
        layout: link.bounds.cidVersion === 'v0' ? layoutV0 : layoutV1,
        isCar: false,
        network: link.network,
      },
      bodyBytes: contentLength(request),
      signal: request.signal,
      read: (intake) =>
        readBounded(request, intake, { link, now: clock.now(), bodyBytes: services.config.limits.uploadBytes }),
      judgeEntry: entriesOf(link.bounds),
      own: { id: link.id, claim: (tx) => claimUploadLink(tx, link.id, clock.now()) },
    })
    return { data: presentUploaded(kept) }
  }),
]

/** Reads the form of an upload within the bounds of a link. */
async function readBounded(
  request: DoorRequest,
  intake: Intake,
  { link, now, bodyBytes }: { link: UploadLink; now: number; bodyBytes: number },
): Promise<UploadChoice> {
  const fields = new Map<string, string>()
  let bytes = 0
  await readMultipart(
    request,
    { bodyBytes },
    {
      onFile(part) {
        const taker = intake.openFile(part)
        return {
          write(piece) {
            requireSize(link.bounds, (bytes += piece.length))
            return taker.write(piece)
          },
          end: () => taker.end(),
        } satisfies FileTaker
      },
      onField(name, value) {
        if (value === '') return // an empty field is as if absent
        fields.set(name, value)
        fixFields(fields, link)
        intake.suppose(readForm(fields))
      },
    },
  )
  fixFields(fields, link)
  const choice = readChoice(fields, now)
  const { path, count } = intake.announced
  await requireType(link.bounds, {
    name: path[0] ?? '',
    isFolder: path.length > 1 || count > 1,
    isCar: choice.isCar,
    sample: intake.sample,
  })
  return choice
}
