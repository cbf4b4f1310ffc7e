import { z } from 'zod'
import { Permissions } from './permissions.ts'
import { Flag, Id, Name, Time, When, wholeNumber } from './common.ts'

/** An address or a range of addresses: `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`. */
const AddressRange = z
  .string()
  .max(60)
  .refine(
    (text) => /^[\d.]+(\/\d{1,2})?$|^[\da-f:.]+(\/\d{1,3})?$/i.test(text),
    'must be an address or a range such as 10.0.0.0/8',
  )

/** What a browser sends as `Origin`. */
const OriginText = z
  .string()
  .max(300)
  .regex(/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]+$/, 'must be an origin such as https://app.example, without a path')

/** `image/png`, `image/*`, or `directory` for folders. */
const TypePattern = z
  .string()
  .max(160)
  .regex(
    /^(directory|[\w!#$&^.+-]{1,80}\/(\*|[\w!#$&^.+-]{1,80}))$/,
    'must be a type such as image/png or image/*, or directory',
  )

/** What a key is bound to beside its permissions. All that is given holds; the bounds of its parent hold as well. */
export const KeyBounds = z
  .strictObject({
    own: z.boolean().optional().meta({
      description: 'It sees and changes only files that it or its children made, on every route.',
    }),
    addresses: z.array(AddressRange).min(1).max(100).optional().meta({ description: 'Addresses that may use it.' }),
    origins: z.array(OriginText).min(1).max(100).optional().meta({
      description: 'It works only in pages of these origins (the header `Origin`, exactly).',
    }),
    groups: z.array(Id).min(1).max(100).optional().meta({ description: 'It sees and changes only files in these.' }),
    maxBytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional().meta({
      description: 'So many bytes may be uploaded with it and its children in all.',
    }),
    maxFileBytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional().meta({
      description: 'Of one file or folder.',
    }),
    types: z.array(TypePattern).min(1).max(100).optional().meta({
      description: 'Types of content that may be uploaded, as its first bytes tell.',
    }),
  })
  .meta({ id: 'KeyBounds' })

/** What a key is bound to. */
export type KeyBounds = z.infer<typeof KeyBounds>

/** Body of key creation on all three families. `expiresAt`, `expiresIn` are ours; without them a key does not expire. */
export const CreateKey = z
  .object({
    keyName: Name.min(1, 'is required'),
    maxUses: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullish().meta({
      description:
        'How many requests it may make. Each that passes authentication and scope is one, whatever comes of it: each range of a file too, and one that is answered 304.',
    }),
    permissions: Permissions,
    expiresAt: When.nullish(),
    expiresIn: z.number().int().min(1).max(3_153_600_000).nullish().meta({ description: 'Seconds from now.' }),
    bounds: KeyBounds.nullish(),
  })
  .meta({ id: 'CreateKey' })

/** The only answer that ever carries a secret. */
export const CreatedKey = z
  .object({ JWT: z.string(), pinata_api_key: z.string(), pinata_api_secret: z.string() })
  .meta({ id: 'CreatedKey', description: 'Shown once: write the three values down.' })

/** What makes a child: as `CreatedKey`, with our id. Its JWT carries no secret. */
export const CreatedChild = CreatedKey.extend({ id: z.string() }).meta({ id: 'CreatedChild' })

/** A key in Pinata's lists. */
export const Key = z
  .object({
    id: z.string(),
    name: z.string(),
    key: z.string(),
    secret: z.string().meta({ description: 'Always empty: secrets are shown once, when they are made.' }),
    max_uses: z.number().nullable(),
    uses: z.number(),
    user_id: z.string(),
    scopes: z.unknown(),
    revoked: z.boolean(),
    createdAt: Time,
    updatedAt: Time,
    expires_at: Time.nullable(),
    last_used_at: Time.nullable(),
  })
  .meta({ id: 'Key' })

/** A page of keys, ten at a time. */
export const KeyList = z.object({ keys: z.array(Key), count: z.number() })

/** Filters of Pinata's key lists. */
export const KeyListQuery = z.object({
  revoked: Flag.optional(),
  limitedUse: Flag.optional(),
  exhausted: Flag.optional(),
  name: z.string().max(1_024).optional(),
  offset: wholeNumber(0, 1_000_000_000).optional(),
})

/** A key with everything we know of it (our own routes). */
export const KeyDetail = z
  .object({
    id: z.string(),
    name: z.string(),
    publicPart: z.string(),
    permissions: Permissions,
    state: z.enum(['active', 'exhausted', 'expired', 'revoked']),
    maxUses: z.number().nullable(),
    uses: z.number(),
    createdAt: Time,
    createdBy: z
      .object({ userId: z.string().nullable(), keyId: z.string().nullable() })
      .meta({ description: 'The person or the key that made it; neither: the machine.' }),
    expiresAt: Time.nullable(),
    parentId: z.string().nullable().meta({ description: 'The key that it is a child of, and ends with.' }),
    depth: z.number().meta({ description: 'How many keys stand above it.' }),
    bounds: KeyBounds.nullable().meta({ description: 'Those of the keys above it included.' }),
    uploadedBytes: z.number().meta({ description: 'With it and the keys below it, counted where bytes are bound.' }),
    lastUsed: z.object({ at: Time, route: z.string().nullable(), address: z.string().nullable() }).nullable(),
    revokedAt: Time.nullable(),
    regeneratedAt: Time.nullable(),
    previousSecretUntil: Time.nullable(),
  })
  .meta({ id: 'KeyDetail' })

/** Body of regeneration: for how long the old secret and JWT stay good, and, where it is to change, when the key ends. */
export const RegenerateKey = z
  .object({
    overlapSeconds: z.number().int().min(0).max(2_592_000).default(0),
    expiresAt: When.nullish(),
    expiresIn: z.number().int().min(1).max(3_153_600_000).nullish().meta({ description: 'Seconds from now.' }),
  })
  .meta({ id: 'RegenerateKey' })

/** What a key was refused. */
export const KeyRefusals = z
  .object({
    refusals: z.array(
      z.object({
        reason: z.string().meta({ description: 'The code that the refused program was told.' }),
        message: z.string(),
        route: z.object({ id: z.string(), method: z.string(), path: z.string() }).nullable(),
        scope: z.string().nullable().meta({ description: 'The smallest scope that would allow it.' }),
        count: z.number(),
        firstAt: Time,
        lastAt: Time,
      }),
    ),
  })
  .meta({ id: 'KeyRefusals' })

/** What a key is granted and does not use. */
export const KeyAdvice = z
  .object({
    days: z.number().meta({ description: 'What is not used for so many days may go.' }),
    observedDays: z.number().meta({ description: 'Of how many of these days uses are known.' }),
    used: z.array(z.string()),
    unused: z.array(z.string()),
    permissions: Permissions.nullable().meta({ description: 'What would be enough, when that is less.' }),
  })
  .meta({ id: 'KeyAdvice' })

/** Uses of a key by day. */
export const KeyUses = z
  .object({
    days: z.array(z.object({ day: z.string(), uses: z.number() })),
    routes: z.array(z.object({ route: z.string(), uses: z.number() })),
  })
  .meta({ id: 'KeyUses' })

/** How many days to tell of. */
export const KeyUsesQuery = z.object({ days: wholeNumber(1, 400).optional() })

/** Body of the legacy revocation. */
export const RevokeApiKey = z.object({ apiKey: z.string().max(200) })

/** Page of our own key list. */
export const KeyPage = z.object({ keys: z.array(KeyDetail), nextPageToken: z.string().nullable() })

/** Query of our own key list. */
export const KeyPageQuery = z.object({
  state: z.enum(['active', 'exhausted', 'expired', 'revoked']).optional(),
  limited: Flag.optional().meta({ description: '`true`: only keys with max uses. `false`: only those without.' }),
  name: z.string().max(1_024).optional(),
  limit: wholeNumber(1, 1_000).optional(),
  parent: Id.optional().meta({ description: 'Only children of this key.' }),
  within: Id.optional().meta({ description: 'Only keys below this one, however deep.' }),
  pageToken: z.string().max(200).optional(),
})

/** `:key` is the public part on Pinata's routes, `:id` our id. */
export const KeyParams = z.object({ key: z.string().max(200) })

/** A key by our id. */
export const KeyIdParams = z.object({ id: Id })
