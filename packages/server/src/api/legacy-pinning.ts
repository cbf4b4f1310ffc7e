import { routes } from '@pinyon/contract/routes.ts'
import { PinataMetadata, PinataOptions } from '@pinyon/contract/schemas/files.ts'
import type { z } from 'zod'
import { changeByCid } from '../files/change-by-cid.ts'
import { getTotals } from '../files/totals.ts'
import { writePinPolicy } from '../files/pin-policy.ts'
import { unpinCid } from '../files/unpin-cid.ts'
import { answer, type Door, door } from '../http/door.ts'
import { parseFormJson } from '../http/form-json.ts'
import type { JsonContent } from '../http/json-parts.ts'
import { contentLength, readMultipart } from '../http/multipart.ts'
import { parseWith } from '../http/parse.ts'
import { parseCid } from '../ipfs/cid.ts'
import { layoutV0, layoutV1 } from '../ipfs/layout.ts'
import { AppError } from '../lib/errors.ts'
import { receiveFile } from '../uploads/receive-file.ts'
import { receiveJson } from '../uploads/receive-json.ts'
import type { UploadChoice } from '../uploads/upload-choice.ts'
import { lostNamesHeader } from './lost-names-header.ts'
import { presentPinned } from './present-files.ts'

/** Pinning on the legacy routes: always public, CIDv0 unless asked otherwise. */
export const legacyPinningDoors: readonly Door[] = [
  door(routes.pinFileToIPFS, async ({ services, caller, request }) => {
    const kept = await receiveFile(services, caller, {
      assumed: { layout: layoutV0, isCar: false, network: 'public' },
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
              fields.set(name, value)
              if (name === 'pinataOptions') intake.suppose(readChoice(undefined, parseOptions(value)))
            },
          },
        )
        const metadata = parseFormJson(PinataMetadata, 'pinataMetadata', fields.get('pinataMetadata'))
        return readChoice(metadata, parseOptions(fields.get('pinataOptions')))
      },
    })
    return presentPinned(kept)
  }),

  door(routes.pinJSONToIPFS, async ({ services, caller, body, request }) => {
    if (request.headers['content-length'] === '0') throw new AppError('invalid_request', 'There is no JSON in the body')
    const { bytes, beside } = body as JsonContent // the row's `contentField`
    return presentPinned(await receiveJson(services, caller, bytes, readPinJson(beside)))
  }),

  door(routes.unpin, async ({ services, caller, params }) => {
    const cid = parseCid(params.cid)
    await unpinCid(services, caller, cid)
    return answer(200, 'OK', await lostNamesHeader(services, caller, cid))
  }),

  door(routes.hashMetadata, async ({ services, caller, body }) => {
    const { ipfsPinHash, name, keyvalues } = body
    await changeByCid(services, caller, parseCid(ipfsPinHash), {
      name: name ?? undefined,
      keyvalues: keyvalues ?? undefined,
    })
    return 'OK'
  }),

  door(routes.userPinnedDataTotal, async ({ services, caller }) => {
    const { files, bytes } = await getTotals(services, caller, 'public')
    return { pin_count: files, pin_size_total: bytes, pin_size_with_replications_total: bytes }
  }),
]

function parseOptions(text: string | undefined): z.infer<typeof PinataOptions> | undefined {
  return parseFormJson(PinataOptions, 'pinataOptions', text)
}

// Made once: making a schema costs more than reading by it.
const metadataOrNone = PinataMetadata.nullish()
const optionsOrNone = PinataOptions.nullish()

/** What stands beside `pinataContent`; nothing where the whole body is to be stored. */
function readPinJson(beside: JsonContent['beside']): UploadChoice {
  const { pinataMetadata, pinataOptions } = beside ?? {}
  const metadata = parseWith(metadataOrNone, pinataMetadata, 'body', 'pinataMetadata')
  const options = parseWith(optionsOrNone, pinataOptions, 'body', 'pinataOptions')
  return readChoice(metadata ?? undefined, options ?? undefined)
}

function readChoice(
  metadata: z.infer<typeof PinataMetadata> | undefined,
  options: z.infer<typeof PinataOptions> | undefined,
): UploadChoice {
  const keyvalues = metadata?.keyvalues ?? {}
  return {
    network: 'public',
    name: metadata?.name || undefined, // an empty name is none
    keyvalues,
    groupId: options?.groupId || undefined, // some send the empty string for none
    pinPolicy: !options?.customPinPolicy ? undefined : writePinPolicy(options.customPinPolicy),
    layout: Number(options?.cidVersion ?? 0) === 1 ? layoutV1 : layoutV0,
    isWrapped: options?.wrapWithDirectory ?? false,
    isCar: false,
    expiresAt: null,
  }
}
