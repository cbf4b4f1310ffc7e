import { z } from 'zod'
import type { Route } from '../route.ts'
import { defaults } from './defaults.ts'

/** A body of the gateways' dialect: what is answered, under `data`. */
export const data = <T extends z.ZodType>(schema: T) => z.object({ data: schema })

/** What is answered where there is nothing to say. */
export const nothing = data(z.null())

const gateways = {
  ...defaults,
  dialect: 'v3',
  credentials: ['key', 'session'],
  cors: 'echo',
  tag: 'Gateways',
} as const satisfies Partial<Route>

/** What rows that read of gateways have in common. */
export const read = { ...gateways, resource: 'org:gateways:read' } as const

/** What rows that change gateways have in common. */
export const write = { ...gateways, resource: 'org:gateways:write', rateClass: 'write' } as const
