import { z } from 'zod'
import { Flag, Id, Name, Network, Time, When, wholeNumber } from './common.ts'
import { Keyvalues } from './files.ts'

/** Seconds, as numbers or digits; how many are too many the server says by what it signs. */
const Seconds = z
  .union([z.number(), z.string().regex(/^\d{1,20}$/)], 'must be a number of seconds')
  .transform(Number)
  .pipe(z.number().min(1, 'must be at least 1'))

const MimeType = z
  .string()
  .max(255)
  .regex(/^(directory|\*|[\w!#$&^.+-]+\/(\*|[\w!#$&^.+-]+)|\*\/\*)$/, 'must be a type such as image/png or image/*')

const urlNote = 'Of a download link: `https://{gateway}/files/{cid}[/path]`. Without it the link is for an upload.'

/** Body of all routes that sign links. What has `url` is for a download, all else for an upload. */
export const SignLink = z
  .object({
    expires: Seconds.meta({ description: 'Seconds from `date`. Very long times are cut to what the server allows.' }),
    date: When.nullish().meta({ description: 'When it begins, in Unix seconds; now when left out.' }),
    url: z.string().max(8_192).nullish().meta({ description: urlNote }),
    method: z
      .string()
      .max(20)
      .regex(/^(get|head|post)$/i, 'must be GET or HEAD')
      .nullish()
      .meta({ description: 'Of a download link: `GET` (HEAD too) or `HEAD`.' }),
    max_uses: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullish().meta({
      description:
        'Of a download link: how many GETs of something that is there it takes. Each range is one, and so is one that is answered 304 or 416; HEAD and the redirect of a folder are free. Players of film and sound ask for many ranges: leave it out for them.',
    }),
    file_id: Id.nullish().meta({ description: 'Of a download link: which file, when several have that CID.' }),
    network: Network.nullish().meta({
      description: 'Of an upload link: where its file goes; `private` when left out.',
    }),
    filename: Name.min(1, 'is empty').nullish().meta({ description: 'Of an upload link: what its file is called.' }),
    group_id: z.string().max(200).nullish().meta({ description: 'Of an upload link: the group of its file.' }),
    keyvalues: Keyvalues.nullish().meta({ description: 'Of an upload link: the key-values of its file.' }),
    max_file_size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullish().meta({
      description: 'Of an upload link: bytes of content at most.',
    }),
    allow_mime_types: z
      .array(MimeType)
      .max(100)
      .nullish()
      .meta({
        description:
          'Of an upload link: what its content may be, by its bytes: `image/png`, `image/*`; `directory` for a folder.',
        examples: [['image/*', 'application/pdf']],
      }),
    streamable: z.boolean().nullish(),
    cid_version: z
      .enum(['v0', 'v1', '0', '1'])
      .or(z.literal([0, 1]).transform((version) => `v${version}` as const))
      .nullish(),
  })
  .meta({ id: 'SignLink' })

/** The address that was signed. */
export const SignedLink = z.object({ data: z.string() })

/** `POST /v3/files/{id}` takes the form of an upload, and in its query what was signed. */
export const LinkUploadQuery = z.looseObject({})

/** What was fixed when an upload link was signed. */
export const UploadBounds = z.object({
  name: z.string().nullable(),
  groupId: z.string().nullable(),
  keyvalues: Keyvalues.nullable(),
  maxFileSize: z.number().nullable(),
  allowMimeTypes: z.array(z.string()).nullable(),
  cidVersion: z.enum(['v0', 'v1']).nullable(),
})

/** A link as its account sees it. The signed address is not among it: whoever has that may use it. */
export const Link = z
  .object({
    id: z.string(),
    kind: z.enum(['upload', 'download']),
    state: z.enum(['active', 'used', 'expired', 'revoked', 'gone']).meta({
      description:
        '`used`: it made its file, or has no uses left. `revoked`: or its key was. `gone`: its file was deleted.',
    }),
    network: Network,
    method: z.string(),
    file: z
      .object({ id: z.string(), name: z.string().nullable() })
      .nullable()
      .meta({ description: 'What it shows; of an upload link, what it made.' }),
    cid: z.string().nullable(),
    path: z.string().nullable().meta({ description: 'Below the CID; empty for the whole.' }),
    bounds: UploadBounds.nullable(),
    uses: z.number(),
    maxUses: z.number().nullable(),
    lastUsedAt: Time.nullable(),
    startsAt: Time,
    expiresAt: Time,
    createdAt: Time,
    createdBy: z.object({ userId: z.string().nullable(), keyId: z.string().nullable() }),
    revokedAt: Time.nullable(),
  })
  .meta({ id: 'Link' })

/** Query of the list of links. */
export const LinkPageQuery = z.object({
  kind: z.enum(['upload', 'download']).optional(),
  active: Flag.optional().meta({ description: '`true`: only those that can be used.' }),
  fileId: Id.optional().meta({ description: 'Only links of this file.' }),
  limit: wholeNumber(1, 1_000).optional().meta({ description: '100 unless given.' }),
  pageToken: z.string().max(200).optional(),
})

/** A page of links, newest first. */
export const LinkPage = z.object({ links: z.array(Link), nextPageToken: z.string().nullable() })
