import { z } from 'zod'
import { CidText } from './common.ts'

/** Where content is wanted and how many times. Known regions of the hosted service are FRA1 and NYC1. */
export const PinPolicy = z
  .object({
    regions: z
      .array(
        z.object({
          id: z
            .string()
            .min(1, 'is empty')
            .max(100)
            .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII'),
          desiredReplicationCount: z.number().int().min(0).max(1_000),
        }),
      )
      .max(50),
  })
  .meta({ id: 'PinPolicy' })

/** A policy as it is read. */
export type PinPolicy = z.output<typeof PinPolicy>

/** Body of hashPinPolicy. */
export const HashPinPolicy = z.object({ ipfsPinHash: CidText, newPinPolicy: PinPolicy }).meta({ id: 'HashPinPolicy' })

/** Body of userPinPolicy. */
export const UserPinPolicy = z.object({ newPinPolicy: PinPolicy }).meta({ id: 'UserPinPolicy' })
