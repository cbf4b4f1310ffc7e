import { routes } from '@pinyon/contract/routes.ts'
import { Name } from '@pinyon/contract/schemas/common.ts'
import { Keyvalues, PinKeyvalues } from '@pinyon/contract/schemas/files.ts'
import { ImportFields } from '@pinyon/contract/schemas/imports.ts'
import { type Door, door } from '../http/door.ts'
import { parseFormJson } from '../http/form-json.ts'
import { contentLength, readMultipart } from '../http/multipart.ts'
import { parseWith } from '../http/parse.ts'
import type { ImportWish } from '../imports/import-wish.ts'
import { receiveImport } from '../imports/receive-import.ts'
import { AppError } from '../lib/errors.ts'
import { presentFile } from './present-files.ts'

/** Files that come from elsewhere. */
export const importDoors: readonly Door[] = [
  door(routes.filesImport, async ({ services, caller, request }) => {
    const imported = await receiveImport(services, caller, {
      bodyBytes: contentLength(request),
      signal: request.signal,
      read(begin) {
        const fields = new Map<string, string>()
        let isBegun = false
        return readMultipart(
          request,
          { bodyBytes: services.config.limits.uploadBytes },
          {
            onField(name, value) {
              if (isBegun)
                throw new AppError('invalid_request', 'The file is the last part of the form: send fields first')
              if (value !== '') fields.set(name, value) // an empty field is as if absent
            },
            onFile() {
              isBegun = true
              return begin(readWish(fields))
            },
          },
        )
      },
    })
    return { file: presentFile(imported), imported: imported.isNew }
  }),
]

function readWish(fields: ReadonlyMap<string, string>): ImportWish {
  const form = parseWith(ImportFields, Object.fromEntries(fields), 'body')
  const { cid, network, name, created_at, expires_at, source = '', source_id, kind = 'upload' } = form
  if ((created_at === undefined) !== (source_id === undefined))
    throw new AppError('invalid_request', 'created_at and source_id: send both, or neither')
  // What was pinned by CID may have been named by rules of its own.
  if (kind === 'upload' && name !== undefined) parseWith(Name, name, 'body', 'name')
  return {
    cid,
    network,
    name: name ?? null,
    keyvalues: parseFormJson(kind === 'cid' ? PinKeyvalues : Keyvalues, 'keyvalues', form.keyvalues) ?? {},
    groupId: form.group_id ?? null,
    origin:
      created_at === undefined || source_id === undefined
        ? undefined
        : { source, sourceId: source_id, createdAt: created_at },
    expiresAt: expires_at ?? null,
    mimeType: form.mime_type,
    kind,
  }
}
