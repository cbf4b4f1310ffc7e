import { z } from 'zod'
import { CidText, Id, Name, Time, When, wholeNumber } from './common.ts'

/** Seconds that a record holds: ten minutes to a year. */
const Lifetime = z.number().int().min(600, 'must be at least 600').max(31_622_400, 'must be at most 31622400').meta({
  description: 'For so long a record holds; it is renewed when half of that is over. Two days without it.',
})

/** Seconds that readers may go on with what a name led to before. */
const Ttl = z.number().int().min(0).max(604_800, 'must be at most 604800').meta({
  description: 'For so long readers may keep what the name led to, so a change may take that long. 300 without it.',
})

/** What a name is called here. */
const Label = Name.min(1, 'is empty').max(100, 'must be at most 100 characters')

const sequenceLimit = Number.MAX_SAFE_INTEGER - 1_000_000

/** Something about a name that its owner should know. */
export const NameWarning = z.object({
  code: z.enum(['not_held', 'content_private', 'expired']),
  message: z.string(),
})

/** An IPNS name of the account, and what it leads to. */
export const IpnsName = z
  .object({
    id: z.string(),
    label: z.string(),
    name: z.string().meta({ examples: ['k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r'] }),
    state: z.enum(['unpublished', 'published', 'expired']),
    value: z
      .string()
      .nullable()
      .meta({ description: 'What it leads to: `/ipfs/{cid}` with a path, or `/ipns/{name}`.' }),
    sequence: z
      .number()
      .meta({ description: 'The number of the last record: each that is published has a higher one.' }),
    publishedAt: Time.nullable(),
    validUntil: Time.nullable(),
    lifetimeSeconds: z.number(),
    ttlSeconds: z.number(),
    network: z
      .object({
        state: z.enum(['off', 'waiting', 'told', 'failed']),
        toldAt: Time.nullable(),
        message: z.string(),
      })
      .meta({ description: 'Whether the IPFS network was told. This server’s gateway serves it in any case.' }),
    gatewayUrl: z.string(),
    dnslink: z.string().meta({ description: 'The value of the TXT record of a domain that is to lead here.' }),
    warnings: z.array(NameWarning),
    createdAt: Time,
    updatedAt: Time,
    keyExportedAt: Time.nullable(),
  })
  .meta({ id: 'IpnsName' })

/** A page of names, oldest first. */
export const IpnsNameList = z.object({ names: z.array(IpnsName), nextPageToken: z.string().nullable() })

/** Query of the list. */
export const IpnsNameQuery = z.object({
  cid: CidText.optional().meta({ description: 'Only names that lead to this CID.' }),
  limit: wholeNumber(1, 1_000).optional(),
  pageToken: z.string().max(200).optional(),
})

/** Body of creation. */
export const CreateIpnsName = z
  .object({ label: Label, lifetimeSeconds: Lifetime.optional(), ttlSeconds: Ttl.optional() })
  .meta({ id: 'CreateIpnsName' })

/** Body of a change; what is left out stays. */
export const UpdateIpnsName = z
  .object({ label: Label.optional(), lifetimeSeconds: Lifetime.optional(), ttlSeconds: Ttl.optional() })
  .meta({ id: 'UpdateIpnsName', description: 'Times are those of the next record.' })

/** Body of publishing: what the name is to lead to. */
export const PublishIpnsName = z
  .object({
    cid: CidText.optional().meta({
      description: 'A CID, `/ipfs/{cid}` with a path, or `/ipns/{name}`. This or `fileId`.',
    }),
    fileId: Id.optional().meta({ description: 'A public file of the account.' }),
    confirm: z.boolean().optional().meta({
      description: '`true`: publish it also when no public file of the account has this CID.',
    }),
    sequence: z.number().int().min(1).max(sequenceLimit).optional().meta({
      description: 'Higher than any before; for a name that was published elsewhere meanwhile.',
    }),
  })
  .meta({ id: 'PublishIpnsName' })

/** Body of a roll back. */
export const RollBackIpnsName = z
  .object({
    sequence: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).meta({
      description: 'The record whose value is published again, with a number of its own.',
    }),
    confirm: z.boolean().optional(),
  })
  .meta({ id: 'RollBackIpnsName' })

/** Something that was published under a name before it came here. */
const EarlierPublication = z.object({
  sequence: z.number().int().min(0).max(sequenceLimit),
  value: CidText,
  publishedAt: When,
  validUntil: When,
  ttlSeconds: Ttl,
  rolledBackTo: z.number().int().min(0).max(sequenceLimit).nullable().optional(),
})

/** Body of an import. */
export const ImportIpnsName = z
  .object({
    label: Label,
    key: z
      .string()
      .min(1, 'is empty')
      .max(4_000)
      .meta({
        description:
          'The Ed25519 key: PEM (PKCS #8) as `ipfs key export --format=pem-pkcs8-cleartext` writes it, or the protobuf ' +
          'that `ipfs key export` writes, in base64 or multibase.',
      }),
    sequence: z.number().int().min(0).max(sequenceLimit).optional().meta({
      description: 'The number of the last record that was published elsewhere; the next one is higher.',
    }),
    history: z.array(EarlierPublication).max(1_000).optional().meta({
      description:
        'What was published elsewhere, each with another number, none above `sequence`. Nothing of it is published.',
    }),
    lifetimeSeconds: Lifetime.optional(),
    ttlSeconds: Ttl.optional(),
  })
  .meta({ id: 'ImportIpnsName' })

/** Body of an export. */
export const ExportIpnsName = z
  .object({
    password: z.string().max(256).optional().meta({ description: 'Of the person, when the console asks.' }),
  })
  .meta({ id: 'ExportIpnsName' })

/** The key of a name, in the forms that other programs read. */
export const ExportedIpnsName = z
  .object({
    name: z.string(),
    pem: z.string().meta({ description: 'For `ipfs key import --format=pem-pkcs8-cleartext`.' }),
    protobuf: z.string().meta({ description: 'Base64 of what `ipfs key import` reads.' }),
    sequence: z.number().meta({ description: 'The next record elsewhere needs a higher number.' }),
  })
  .meta({ id: 'ExportedIpnsName' })

/** One published record. */
export const IpnsPublication = z
  .object({
    sequence: z.number(),
    value: z.string(),
    kind: z.enum(['publish', 'rollback']),
    rolledBackTo: z.number().nullable(),
    publishedAt: Time,
    validUntil: Time,
    ttlSeconds: z.number(),
    publishedBy: z.object({ kind: z.string(), id: z.string().nullable() }),
  })
  .meta({ id: 'IpnsPublication' })

/** A page of what was published under a name, newest first. */
export const IpnsHistory = z.object({ history: z.array(IpnsPublication), nextPageToken: z.string().nullable() })

/** Query of the history. */
export const IpnsHistoryQuery = z.object({
  limit: wholeNumber(1, 1_000).optional(),
  pageToken: z.string().max(200).optional(),
})

/** Query of the help with a domain. */
export const DnsLinkQuery = z.object({
  domain: z.string().min(1, 'is empty').max(253, 'must be at most 253 characters'),
})

/** What a domain needs so that it leads to a name, and what was found there. */
export const DnsLinkCheck = z
  .object({
    domain: z.string(),
    record: z.object({ type: z.literal('TXT'), host: z.string(), value: z.string() }),
    state: z.enum(['set', 'missing', 'other', 'several', 'unknown']),
    found: z.array(z.object({ host: z.string(), value: z.string() })),
    message: z.string(),
  })
  .meta({ id: 'DnsLinkCheck' })

/** A name by its id. */
export const IpnsNameParams = z.object({ id: Id })

/** A name as it stands in an export of the account, newest record first. `key`, PEM, when it was asked for. */
export const NameInExport = z.object({
  label: z.string(),
  name: z.string(),
  value: z.string().nullable(),
  sequence: z.number(),
  publishedAt: Time.nullable(),
  lifetimeSeconds: z.number(),
  ttlSeconds: z.number(),
  history: z.array(
    IpnsPublication.pick({
      sequence: true,
      value: true,
      rolledBackTo: true,
      publishedAt: true,
      validUntil: true,
      ttlSeconds: true,
    }),
  ),
  key: z.string().optional(),
})

/** One of the names of an export. */
export type NameInExport = z.infer<typeof NameInExport>
