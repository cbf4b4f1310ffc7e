import { z } from 'zod'
import { route, type Route } from '../route.ts'
import { defaults } from './defaults.ts'

const system = {
  ...defaults,
  dialect: 'v3',
  credentials: [],
  scope: null,
  rateClass: 'free',
  cors: 'any',
  tag: 'System',
} as const satisfies Partial<Route>

/** GET /health/live: the process runs. */
export const healthLive = route({
  ...system,
  id: 'healthLive',
  method: 'GET',
  path: '/health/live',
  response: z.object({ status: z.string() }),
  summary: 'Is the process alive?',
})

/**
 * GET /health/ready: requests are served. 503 while starting, recovering or draining. While something cannot be written
 * it says so and stays 200: what is stored is read all the same.
 */
export const healthReady = route({
  ...system,
  id: 'healthReady',
  method: 'GET',
  path: '/health/ready',
  response: z.object({
    status: z.string(),
    storage: z.enum(['full', 'failing']).optional().meta({ description: 'Only while it takes no writes: why.' }),
    denylists: z.enum(['failing', 'broken']).optional().meta({
      description: 'Only while a denylist cannot be read, or has lines that say nothing.',
    }),
  }),
  summary: 'Are requests served?',
})

/** GET /metrics, for operators on this listener. */
export const metrics = route({
  ...system,
  id: 'metrics',
  method: 'GET',
  path: '/metrics',
  credentials: ['key', 'session'],
  operator: true,
  countsUse: false,
  cors: 'none',
  responseType: 'text/plain; version=0.0.4; charset=utf-8',
  response: z.string(),
  summary: 'Prometheus metrics',
})

/** GET /openapi.json. */
export const openapi = route({
  ...system,
  id: 'openapi',
  method: 'GET',
  path: '/openapi.json',
  response: z.unknown(),
  summary: 'This API as OpenAPI 3.1',
})

/** GET /docs. */
export const docs = route({
  ...system,
  id: 'docs',
  method: 'GET',
  path: '/docs',
  response: z.string(),
  responseType: 'text/html; charset=utf-8',
  summary: 'The reference page',
})

/** GET /docs/{asset}: the page's own script and style. */
export const docsAsset = route({
  ...system,
  id: 'docsAsset',
  method: 'GET',
  path: '/docs/:asset',
  params: z.object({ asset: z.string().max(100) }),
  response: z.string(),
  responseType: 'text/javascript; charset=utf-8',
  summary: 'Files of the reference page',
})

/** GET /postman.json. */
export const postman = route({
  ...system,
  id: 'postman',
  method: 'GET',
  path: '/postman.json',
  response: z.unknown(),
  summary: 'This API as a Postman v2.1 collection',
})

/** GET /.well-known/jwks.json (RFC 7517). */
export const jwks = route({
  ...system,
  id: 'jwks',
  method: 'GET',
  path: '/.well-known/jwks.json',
  response: z.object({ keys: z.array(z.unknown()) }),
  summary: 'Public keys that verify our JWTs',
})
