import { routes } from '@pinyon/contract/routes.ts'
import { Name } from '@pinyon/contract/schemas/common.ts'
import { Keyvalues, UploadForm } from '@pinyon/contract/schemas/files.ts'
import { z } from 'zod'
import { deleteFile } from '../files/delete-file.ts'
import { getFile, getFileById } from '../files/get-file.ts'
import { requireFuture, updateFile } from '../files/update-file.ts'
import { type Door, door } from '../http/door.ts'
import { parseFormJson } from '../http/form-json.ts'
import { contentLength, readMultipart } from '../http/multipart.ts'
import { parseWith } from '../http/parse.ts'
import { layoutV0, layoutV1 } from '../ipfs/layout.ts'
import { warnOfLost } from '../names/name-warnings.ts'
import { findAnnouncedAt } from '../pins/announce-queries.ts'
import { receiveFile } from '../uploads/receive-file.ts'
import type { Form, UploadChoice } from '../uploads/upload-choice.ts'
import { presentFile, presentUploaded } from './present-files.ts'
import { presentTime } from './present-time.ts'
import { beginsResumable } from './read-tus.ts'
import { beginResumable } from './resumable.ts'

/** Files on the v3 routes, but for the list; and one by id alone on our own. */
export const v3FileDoors: readonly Door[] = [
  door(routes.filesUpload, async ({ services, caller, query, request }) => {
    if (beginsResumable(request)) {
      return beginResumable(services, caller, {
        request,
        cidVersion: query['X-Upload-Option-Cid-Version'],
        readChoice: (fields) => readChoice(fields, services.clock.now()),
      })
    }
    const kept = await receiveFile(services, caller, {
      assumed: { layout: layoutV1, isCar: false, network: undefined },
      bodyBytes: contentLength(request),
      signal: request.signal,
      async read(intake) {
        const fields = new Map<string, string>()
        await readMultipart(
          request,
          { bodyBytes: services.config.limits.uploadBytes },
          {
            onFile: (part) => intake.openFile(part),
            onField(name, value) {
              if (value === '') return // an empty field is as if absent
              fields.set(name, value)
              intake.suppose(readForm(fields))
            },
          },
        )
        return readChoice(fields, services.clock.now())
      },
    })
    return { data: presentUploaded(kept) }
  }),

  door(routes.filesGet, async ({ services, caller, params }) => ({
    data: presentFile(await getFile(services, caller, params), services.denials),
  })),

  door(routes.filesGetAny, async ({ services, caller, params }) => {
    const found = await getFileById(services, caller, params.id)
    const { pin_id } = found.file
    const announcedAt = pin_id === null ? null : await findAnnouncedAt(services.db.read, pin_id)
    return { ...presentFile(found, services.denials), announced_at: presentTime(announcedAt) }
  }),

  door(routes.filesUpdate, async ({ services, caller, params, body }) => {
    const { name, keyvalues, expires_at } = body
    const change = { name, keyvalues, expiresAt: expires_at }
    return { data: presentFile(await updateFile(services, caller, params, change), services.denials) }
  }),

  door(routes.filesDelete, async ({ services, caller, params }) => {
    const file = await deleteFile(services, caller, params)
    const warnings = params.network === 'public' ? await warnOfLost(services, caller, file) : []
    return warnings.length === 0 ? { data: null } : { data: null, warnings }
  }),
]

/** The fields beside the file, which went elsewhere. */
const FormFields = UploadForm.omit({ file: true })

/** Unix seconds as they stand in a form. */
const ExpiresAt = z
  .string()
  .regex(/^\d{1,11}$/, 'must be a time in whole seconds since 1970')
  .transform((text) => Number(text) * 1000)

/** Some guides wrap key-values once more. */
const FormKeyvalues = z.preprocess((value) => {
  if (typeof value !== 'object' || value === null || !('keyvalues' in value)) return value
  const { keyvalues, ...others } = value
  return typeof keyvalues === 'object' && Object.keys(others).length === 0 ? keyvalues : value
}, Keyvalues)

/** How the bytes become blocks, as the fields of a form say so far. */
export function readForm(fields: ReadonlyMap<string, string>): Form {
  const { cid_version, car, network } = parseForm(fields)
  return { layout: cid_version?.endsWith('0') ? layoutV0 : layoutV1, isCar: car === 'true', network }
}

/** All that the fields of a form choose. Throws 400 that names the field. */
export function readChoice(fields: ReadonlyMap<string, string>, now: number): UploadChoice {
  const { name, expires_at } = parseForm(fields)
  const { network, ...form } = readForm(fields)
  const group = fields.get('group_id') ?? fields.get('group')
  const expiresAt = expires_at === undefined ? null : parseWith(ExpiresAt, expires_at, 'body', 'expires_at')
  if (expiresAt !== null) requireFuture(expiresAt, now)
  const keyvalues = parseFormJson(FormKeyvalues, 'keyvalues', fields.get('keyvalues')) ?? {}
  return {
    network: network ?? 'private',
    name: name === undefined ? undefined : parseWith(Name, name, 'body', 'name'),
    keyvalues,
    groupId: group === 'null' ? null : group,
    ...form,
    isWrapped: false,
    expiresAt,
  }
}

function parseForm(fields: ReadonlyMap<string, string>): z.infer<typeof FormFields> {
  return parseWith(FormFields, Object.fromEntries(fields), 'body')
}
