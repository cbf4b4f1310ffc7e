import type { EgressNow as EgressSchema } from '@pinyon/contract/schemas/gateways.ts'
import type { z } from 'zod'
import type { EgressNow } from '../egress/get-egress.ts'
import { presentTime } from './present-time.ts'

/** Bytes served this month. */
export function presentEgress({ resetsAt, ...egress }: EgressNow): z.infer<typeof EgressSchema> {
  return { ...egress, resetsAt: presentTime(resetsAt) }
}
