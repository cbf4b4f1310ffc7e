import { z } from 'zod'
import { CidText, Network, When } from './common.ts'
import { File, KeyvalueValue } from './files.ts'
import { recordOf } from './record.ts'

/** A short name or id that another service goes by. */
const Foreign = z
  .string()
  .min(1, 'is empty')
  .max(200)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII')

/** What is said of a file that comes from elsewhere, as it stands in the form; all of it before `file`. */
export const ImportFields = z.object({
  cid: CidText.meta({ description: 'What the root of the CAR must be; kept in this spelling.' }),
  network: Network,
  name: z
    .string()
    .max(1_024)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must be well-formed Unicode')
    .optional()
    .meta({ description: 'Without control characters, unless `kind` is `cid`.' }),
  keyvalues: z.string().optional().meta({ description: 'JSON object of strings, numbers and booleans.' }),
  group_id: z.string().max(200).optional().meta({ description: 'A group of that network, which must be here.' }),
  created_at: When.optional().meta({
    description: 'When the file came to be where it comes from, not in the future. Together with `source_id`.',
  }),
  expires_at: When.optional(),
  source: Foreign.optional().meta({ description: 'Where it comes from, such as `pinata`.' }),
  source_id: Foreign.optional().meta({ description: 'Its id there. What was imported once is not imported again.' }),
  mime_type: z
    .string()
    .max(127)
    .regex(/^[\w.+-]+\/[\w.+-]+(;[\x20-\x7e]*)?$/, 'must be a type such as image/png')
    .optional()
    .meta({
      description: 'The type that the file had there; without it the type is told by the bytes. Not of folders.',
    }),
  kind: z
    .enum(['upload', 'cid'])
    .optional()
    .meta({ description: '`cid`: listed at `/psa` like what was pinned by CID; public only.' }),
})

/** The form of an import. */
export const ImportForm = ImportFields.extend({
  file: z.unknown().meta({
    description:
      'A CAR with one root, the last part of the form. Blocks that a public file or one of this account holds already may be left out.',
    format: 'binary',
  }),
}).meta({ id: 'ImportForm' })

/** What an import answers. `imported` is false when the file was here before; nothing was changed then. */
export const Imported = z.object({ file: File, imported: z.boolean() }).meta({ id: 'Imported' })

/** A file with all that is known of it. */
export const ExportedFile = File.extend({
  keyvalues: recordOf(z.string(), KeyvalueValue).meta({ description: 'As they were sent.' }),
  kind: z.enum(['upload', 'cid']).meta({ description: '`cid`: pinned by CID.' }),
  group: z.string().nullable().default(null).meta({ description: 'Name of its group.' }),
}).meta({ id: 'ExportedFile' })

/** Such a file as it is read. */
export type ExportedFile = z.output<typeof ExportedFile>

/** A page of that list; go on while `next_page_token` is there. */
export const Manifest = z.object({ files: z.array(ExportedFile), next_page_token: z.string().nullable() })

/** A group without files, as a line of a manifest. */
export const ExportedGroup = z.object({ kind: z.literal('group'), network: Network, name: z.string() })
export type ExportedGroup = z.output<typeof ExportedGroup>

/** That the CAR of a root could not be fetched, as a line of a manifest. */
export const ExportedGap = z.object({ kind: z.literal('missing'), cid: z.string(), error: z.string() })
export type ExportedGap = z.output<typeof ExportedGap>
