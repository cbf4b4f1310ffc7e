import { z } from 'zod'
import { maxKeyvalues } from '../keyvalues.ts'
import { CidText, Flag, Id, Name, Network, Time, When, wholeNumber } from './common.ts'
import { PinPolicy } from './pin-policy.ts'
import { recordOf } from './record.ts'

/** Text of bounded length in UTF-8: it stands in an index, whose entries are bounded in bytes. */
function atMostBytes(bytes: number) {
  return z
    .string()
    .refine(
      (text) => text.isWellFormed() && !text.includes('\0') && new TextEncoder().encode(text).length <= bytes,
      `must be well-formed text of at most ${bytes} bytes`,
    )
}

/** A key-value's value: text on v3, text, number or boolean on the legacy routes. */
export const KeyvalueValue = z.union(
  [atMostBytes(1_000), z.number(), z.boolean()],
  'must be well-formed text of at most 1000 bytes, a number or a boolean',
)

const keyvalueKey = atMostBytes(255).min(1, 'is empty')

/** The key-values of a new file. */
export const Keyvalues = recordOf(keyvalueKey, KeyvalueValue).refine(
  (record) => Object.keys(record).length <= maxKeyvalues,
  `at most ${maxKeyvalues} key-values`,
)

/** The key-values of a pin by CID: as many and as odd as `meta` of the Pinning Services API may be. */
export const PinKeyvalues = recordOf(atMostBytes(255), KeyvalueValue).refine(
  (record) => Object.keys(record).length <= maxKeyvalues,
  `at most ${maxKeyvalues} key-values`,
)

/** A change of key-values: what is named is set, `null` removes. */
export const KeyvaluesChange = recordOf(keyvalueKey, KeyvalueValue.nullable()).refine(
  (record) => Object.keys(record).length <= maxKeyvalues,
  `at most ${maxKeyvalues} key-values`,
)

/** A file in v3 answers. */
export const File = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    cid: z.string(),
    size: z.number(),
    number_of_files: z.number(),
    mime_type: z.string(),
    group_id: z.string().nullable(),
    keyvalues: recordOf(z.string(), z.string()),
    created_at: Time,
    expires_at: Time.nullable(),
    network: Network,
    taken_down: z
      .object({ reason: z.string(), at: Time })
      .optional()
      .meta({ description: 'Only where the operator has taken the content down: it is kept and nobody can read it.' }),
  })
  .meta({ id: 'File' })

/** A file, and whether the IPFS network was told of it. */
export const FileWithAnnouncement = File.extend({
  announced_at: Time.nullable().meta({
    description:
      'When the public IPFS network was told last that this root is here, which is done every 12 hours; null for private files, and where it was never told, as in network `local`.',
  }),
}).meta({ id: 'FileWithAnnouncement' })

/** The answer of an upload. */
export const UploadedFile = File.extend({
  user_id: z.string(),
  vectorized: z.boolean(),
  is_duplicate: z.boolean().optional(),
}).meta({ id: 'UploadedFile' })

/** Which version of CID an upload is to have, as v3 clients say it. */
const CidVersion = z.enum(['v0', 'v1', '0', '1'])

/** The fields of a v3 upload beside `file`, as they stand in the form. */
export const UploadForm = z
  .object({
    file: z.unknown().meta({
      description: 'One file, or several parts with paths in their file names for a folder. Any place in the form.',
      format: 'binary',
    }),
    network: Network.optional(),
    name: z.string().optional(),
    group_id: z.string().optional(),
    keyvalues: z.string().optional().meta({ description: 'JSON object of strings.' }),
    car: z
      .enum(['true', 'false'])
      .optional()
      .meta({ description: '`true`: the file is a CAR; its root becomes the file.' }),
    cid_version: CidVersion.optional(),
    expires_at: z.string().optional().meta({ description: 'Unix seconds; the file is deleted at that time.' }),
    streamable: z.string().optional(),
  })
  .meta({ id: 'UploadForm' })

/** Query of an upload: what the SDK adds when it begins a resumable one. */
export const UploadQuery = z.object({
  'X-Upload-Option-Cid-Version': CidVersion.optional(),
})

/** A resumable upload: how far it is. */
export const ResumableUpload = z
  .object({
    id: z.string().meta({ description: 'The id that the file has, or will have.' }),
    offset: z.number().meta({ description: 'Bytes that are here for good.' }),
    length: z.number().nullable().meta({ description: 'Bytes of the whole file; null while nobody has said.' }),
    expires_at: Time,
    cid: z.string().nullable().meta({ description: 'Of the file, once it is whole.' }),
  })
  .meta({ id: 'ResumableUpload' })

/** `:network` of a path. */
export const NetworkParams = z.object({ network: Network })

/** A file by network and id. */
export const FileParams = z.object({ network: Network, id: Id })

/** A file by id alone. */
export const FileIdParams = z.object({ id: Id })

/** Query of v3 lists. `keyvalues[k]=v` and `metadata[k]=v` are read beside it. */
export const FileListQuery = z.looseObject({
  name: z.string().max(1_024).optional(),
  group: z.string().max(200).optional(),
  mimeType: z.string().max(255).optional(),
  cid: CidText.optional(),
  cidPending: Flag.optional(),
  limit: wholeNumber(1, 1_000).optional(),
  order: z
    .string()
    .regex(/^(asc|desc|dsc)$/i, 'must be ASC or DESC')
    .optional(),
  pageToken: z.string().max(200).optional(),
})

/** The same, of a list that can be counted. */
export const CountedFileListQuery = FileListQuery.extend({
  includeCount: Flag.optional().meta({ description: '`true`: `count` says how many files there are on all pages.' }),
})

/** A page of files; loop while `next_page_token` is there. */
export const FileList = z.object({
  files: z.array(File),
  next_page_token: z.string().nullable(),
  count: z.number().optional().meta({ description: 'Only when it was asked for.' }),
})

/** Change of a file. */
export const UpdateFile = z
  .object({
    name: Name.optional(),
    keyvalues: KeyvaluesChange.optional(),
    expires_at: z.union([When, z.null()]).optional(),
  })
  .meta({ id: 'UpdateFile' })

/** Query of a file's bytes. */
export const ContentQuery = z.object({
  format: z
    .enum(['car', 'list'])
    .optional()
    .meta({ description: '`car`: the whole DAG. `list`: the entries of a folder as JSON, a page at a time.' }),
  after: z.string().max(200).optional().meta({ description: 'With `list`: the `next` of the page before.' }),
  path: z.string().max(4_096).optional().meta({ description: 'A path inside a folder.' }),
  filename: z.string().max(1_024).optional(),
})

/** A page of a folder: what `format=list` answers. */
export const FolderPage = z.object({
  entries: z.array(
    z.object({
      name: z.string(),
      cid: z.string(),
      kind: z.enum(['file', 'folder', 'other']),
      size: z.number().nullable(),
    }),
  ),
  next: z.string().nullable(),
})

/** That page as it is read. */
export type FolderPage = z.output<typeof FolderPage>

/** `pinataMetadata` of the legacy routes. */
export const PinataMetadata = z.object({ name: Name.nullish(), keyvalues: Keyvalues.nullish() })

/** `pinataOptions` of the legacy routes. */
export const PinataOptions = z.object({
  cidVersion: z.union([z.literal(0), z.literal(1), z.literal('0'), z.literal('1')]).nullish(),
  wrapWithDirectory: z.boolean().nullish(),
  groupId: z.string().max(200).nullish(),
  customPinPolicy: PinPolicy.nullish(),
})

/** The form of pinFileToIPFS. */
export const PinFileForm = z
  .object({
    file: z.unknown().meta({ description: 'A file; a folder is many parts `root/sub/name`.', format: 'binary' }),
    pinataMetadata: z.string().optional().meta({ description: 'JSON: {"name","keyvalues"}' }),
    pinataOptions: z.string().optional().meta({ description: 'JSON: {"cidVersion","wrapWithDirectory","groupId"}' }),
  })
  .meta({ id: 'PinFileForm' })

/** The body of pinJSONToIPFS: `{pinataContent, pinataMetadata, pinataOptions}` or the bare content. */
export const PinJson = z
  .unknown()
  .meta({ description: '`{"pinataContent", "pinataMetadata", "pinataOptions"}`, or the bare JSON to store.' })

/** What pinFileToIPFS and pinJSONToIPFS answer. */
export const Pinned = z
  .object({
    IpfsHash: z.string(),
    PinSize: z.number(),
    Timestamp: Time,
    isDuplicate: z.boolean().optional(),
    ID: z.string(),
    Name: z.string().nullable(),
    NumberOfFiles: z.number(),
    MimeType: z.string(),
    GroupId: z.string().nullable(),
    Keyvalues: recordOf(z.string(), z.string()).nullable(),
  })
  .meta({ id: 'Pinned' })

/** `:cid` of a path. */
export const CidParams = z.object({ cid: CidText })

/** Body of hashMetadata. */
export const HashMetadata = z
  .object({ ipfsPinHash: CidText, name: Name.nullish(), keyvalues: KeyvaluesChange.nullish() })
  .meta({ id: 'HashMetadata' })

/** Query of pinList. `metadata[name]`, `metadata[keyvalues]`, `metadata[keyvalues][k]` are read beside it. */
export const PinListQuery = z.looseObject({
  includeCount: Flag.optional(),
  includesCount: Flag.optional(),
  cid: z.string().max(2_000).optional(),
  hashContains: z.string().max(2_000).optional(),
  groupId: z.string().max(200).optional(),
  pinStart: When.optional(),
  pinEnd: When.optional(),
  unpinStart: When.optional(),
  unpinEnd: When.optional(),
  pinSizeMin: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
  pinSizeMax: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
  status: z.enum(['all', 'pinned', 'unpinned']).optional(),
  pageLimit: wholeNumber(1, 1_000).optional(),
  pageOffset: wholeNumber(0, 1_000_000_000).optional(),
})

/** A row of pinList. */
export const PinListRow = z
  .object({
    id: z.string(),
    ipfs_pin_hash: z.string(),
    size: z.number(),
    user_id: z.string(),
    date_pinned: Time,
    date_unpinned: Time.nullable(),
    metadata: z.object({ name: z.string().nullable(), keyvalues: recordOf(z.string(), KeyvalueValue).nullable() }),
    regions: z.array(
      z.object({ regionId: z.string(), currentReplicationCount: z.number(), desiredReplicationCount: z.number() }),
    ),
    mime_type: z.string(),
    number_of_files: z.number(),
  })
  .meta({ id: 'PinListRow' })

/** Answer of pinList; `count` when asked for. */
export const PinList = z.object({ count: z.number().optional(), rows: z.array(PinListRow) })

/** Answer of userPinnedDataTotal. */
export const PinnedDataTotal = z.object({
  pin_count: z.number(),
  pin_size_total: z.number(),
  pin_size_with_replications_total: z.number(),
})
