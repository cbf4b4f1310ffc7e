import type { Pin } from '@pinyon/contract/schemas/psa.ts'
import type { z } from 'zod'
import type { WantedPin } from '../requests/wanted-pin.ts'

/** A pin as the Pinning Services API sends it. An empty name is none: it is not to be sent back. */
export function readPin({ cid, name, origins, meta }: z.infer<typeof Pin>): WantedPin {
  return { cid, name: name || null, keyvalues: meta ?? {}, origins: origins ?? [] }
}
