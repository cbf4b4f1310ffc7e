import { z } from 'zod'
import type { Route } from '../../route.ts'
import { Id } from '../../schemas/common.ts'
import { defaults } from '../defaults.ts'

/** Where Pinyon's own routes live. */
export const base = '/pinyon/v1'

/** What most of them have in common: a key or the console's session, from any origin. */
export const own = {
  ...defaults,
  dialect: 'v3',
  credentials: ['key', 'session'],
  cors: 'echo',
} as const satisfies Partial<Route>

/** Those that ask for no credential; same origin only. */
export const open = { ...own, credentials: [], scope: null, cors: 'none' } as const

/** The `:id` of a path. */
export const IdParams = z.object({ id: Id })
