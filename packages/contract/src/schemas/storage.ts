import { z } from 'zod'
import { Network, Time } from './common.ts'
import { EgressNow } from './gateways.ts'

const bytes = z.number().int()
const count = z.number().int()

/** What the installation says of an account's copy of a file. */
export const Receipt = z
  .object({
    iss: z.string().meta({ description: 'The id of the installation that says so.' }),
    fileId: z.string(),
    accountId: z.string(),
    cid: z.string(),
    network: Network,
    sizeBytes: bytes,
    numberOfBlocks: count.meta({ description: 'Distinct blocks of the DAG, its root among them.' }),
    durableAt: Time.meta({ description: "When this account's copy was on stable storage." }),
    verifiedAt: Time.meta({
      description:
        'Since when every block is known to match its hash: by `scrub` read back from the disk, or by `arrival`, before the first time.',
    }),
    verifiedBy: z.enum(['arrival', 'scrub']),
    damagedBlocks: count.meta({ description: 'Blocks that cannot be read whole now. They are never served.' }),
    copies: z.object({ disk: count }).meta({ description: 'Whole copies by class of storage.' }),
    issuedAt: Time,
  })
  .meta({ id: 'Receipt' })

/** GET /pinyon/v1/files/{id}/receipt. */
export const SignedReceipt = z
  .object({
    receipt: Receipt,
    jws: z.string().meta({
      description:
        'The receipt, signed (RFC 7515, RS256, `typ` `pinyon-receipt+jws`); the key is at `/.well-known/jwks.json`. It opens nothing.',
    }),
  })
  .meta({ id: 'SignedReceipt' })

/** Bytes that files need. */
const CountedBytes = z.object({
  files: count,
  blocks: count.meta({ description: 'Distinct blocks.' }),
  logicalBytes: bytes.meta({ description: 'The sum over the files: what is charged.' }),
  uniqueBytes: bytes.meta({ description: 'Every block once: what these files take on the disk.' }),
  sharedBytes: bytes.meta({ description: 'The part of it that two or more of these files need.' }),
  reclaimableBytes: bytes.meta({
    description: 'The part of it that one file alone needs: deleting that file gives it back.',
  }),
  countedAt: Time,
  isExact: z.boolean().meta({
    description: 'True: this is so now. False: files came or went since, or while it was counted; it is counted again.',
  }),
})

/** GET /pinyon/v1/usage. */
export const Usage = z
  .object({
    account: z.object({
      files: count,
      logicalBytes: bytes.meta({ description: 'Exact, at this moment.' }),
      quotaBytes: bytes.nullable(),
      counted: CountedBytes.nullable().meta({
        description: 'Within this account alone; null until it was counted for the first time.',
      }),
      egress: EgressNow,
    }),
    installation: z
      .object({
        counted: CountedBytes.nullable(),
        storedBytes: bytes.meta({ description: 'Bytes of all packs on the disk.' }),
      })
      .nullable()
      .meta({ description: 'For operators; null for everybody else.' }),
  })
  .meta({ id: 'Usage' })

/** A stored block that is damaged, with whose it is. */
const Damage = z
  .object({
    cid: z.string(),
    reason: z.enum(['missing', 'damaged']),
    foundBy: z.string(),
    foundAt: Time,
    attempts: count.meta({ description: 'How often another copy was looked for.' }),
    triedAt: Time.nullable(),
    outcome: z.string().nullable().meta({ description: 'Why the last search brought nothing, in words.' }),
    owners: z
      .array(z.object({ accountId: z.string(), files: z.array(z.string()) }))
      .meta({ description: 'Accounts with files that need it, the first hundred, and some of these files by id.' }),
  })
  .meta({ id: 'Damage' })

/** GET /pinyon/v1/operator/storage. */
export const StorageHealth = z
  .object({
    state: z.enum(['whole', 'damaged']),
    scrub: z.object({
      periodDays: z.number().nullable().meta({ description: 'Every pack is read within it; null: the scrub is off.' }),
      share: z.number().meta({ description: 'The part of the time that it may read.' }),
      packs: count,
      packsBeingRead: count,
      packsWaiting: count,
      packsLate: count.meta({
        description:
          'Packs whose last pass began nine tenths of the period ago or earlier: the share is too small for the period. 0 where the scrub is off.',
      }),
      verifiedSince: Time.nullable().meta({
        description: 'Everything that was stored by then was read back since and held against its hash.',
      }),
    }),
    notWritable: z
      .array(
        z.object({
          part: z.enum(['blocks', 'database']),
          reason: z.enum(['full', 'failing']),
          since: Time,
          message: z.string(),
        }),
      )
      .meta({ description: 'What this process cannot write at this moment; empty when all is well.' }),
    damagedBlocks: count,
    damaged: z.array(Damage).meta({ description: 'The first hundred.' }),
    repaired: z.array(
      z.object({ cid: z.string(), foundAt: Time, repairedAt: Time, from: z.string() }).meta({ id: 'RepairedBlock' }),
    ),
  })
  .meta({ id: 'StorageHealth' })
