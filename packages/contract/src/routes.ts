import type { Route } from './route.ts'
import * as legacy from './routes/legacy.ts'
import * as own from './routes/own.ts'
import * as system from './routes/system.ts'
import * as v3 from './routes/v3.ts'

/** The route table: every route of the api listener. A route that is not here does not exist. */
export const routes = { ...legacy, ...v3, ...own, ...system }

/** The same as a list, in the order of the reference. */
export const routeList: readonly Route[] = Object.values(routes)
