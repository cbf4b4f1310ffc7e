import { actingAs, actingAsHeader } from '@pinyon/contract/acting-as.ts'
import { statusOf } from '@pinyon/contract/errors.ts'
import { allows, describeAsked, type Asked } from '@pinyon/contract/permissions.ts'
import type { Route } from '@pinyon/contract/route.ts'
import { verifySession } from '../accounts/sessions.ts'
import type { Caller, RequestOrigin } from '../caller.ts'
import { requireBounds } from '../keys/require-bounds.ts'
import { countUse, noteDenied, verifyKey } from '../keys/verify-key.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { readPresented } from './credentials.ts'
import type { DoorRequest } from './door.ts'

/**
 * Who asks, checked against what the row wants: credential kinds, scope, bounds. Throws the outcome of the first check
 * that fails; a request that is refused here costs no use.
 */
export async function readCaller(services: Services, route: Route, request: DoorRequest): Promise<Asking> {
  const presented = readPresented(request.headers, request.method, services.installation)
  if (presented === undefined) {
    throw new AppError(
      'credentials_missing',
      'No credential was sent. Send the header Authorization: Bearer <JWT>, or the headers pinata_api_key and pinata_secret_api_key.',
    )
  }
  const origin: RequestOrigin = { requestId: request.requestId, address: request.address, agent: request.agent }
  if (presented.kind === 'session')
    return { caller: await readSessionCaller(services, route, request, { token: presented.token, origin }), ...noUse }
  const key = await verifyKey(services, presented, origin, route.id)
  if (!route.credentials.includes('key')) {
    throw new AppError('forbidden', 'This route is for people who are signed in, not for API keys.')
  }
  try {
    requireScope(services, route, key)
    requireBounds(route, key, request)
  } catch (error) {
    if (error instanceof AppError) noteDenied(services, key, error, origin, route)
    throw error
  }
  const caller: Caller = {
    accountId: key.accountId,
    granted: key.granted,
    key: {
      id: key.id,
      name: key.name,
      publicPart: key.publicPart,
      ancestors: (key.above ?? []).map(({ id }) => id),
    },
    bounds: key.bounds,
    reach: key.reach,
    origin,
  }
  return {
    caller,
    countUse: async () => {
      if (route.countsUse !== false) await countUse(services, key, route.id, origin)
    },
  }
}

/** Who asks, and what counts the use of the key: once, before the operation starts. */
export interface Asking {
  readonly caller: Caller
  countUse(): Promise<void>
}

/** People who are signed in have any number of uses. */
const noUse = { countUse: async () => {} }

/**
 * Whether the credential of an answer that goes on is still good, for the same account: asked again and again. It costs
 * no use.
 */
export async function isStillGood(services: Services, request: DoorRequest, accountId: string): Promise<boolean> {
  const presented = readPresented(request.headers, request.method, services.installation)
  if (presented === undefined) return false
  const origin: RequestOrigin = { requestId: request.requestId, address: request.address, agent: request.agent }
  try {
    const holder =
      presented.kind === 'session'
        ? await verifySession(services, presented.token)
        : await verifyKey(services, presented, origin)
    return holder?.accountId === accountId
  } catch (error) {
    if (error instanceof AppError && statusOf(error.code, 'v3') < 500) return false
    throw error
  }
}

async function readSessionCaller(
  services: Services,
  route: Route,
  request: DoorRequest,
  { token, origin }: { token: string; origin: RequestOrigin },
): Promise<Caller> {
  const session = await verifySession(services, token)
  if (session === undefined) {
    throw new AppError('credentials_invalid', 'You are signed out: the session has ended. Sign in again.')
  }
  const shown = request.headers[actingAsHeader]
  if (shown !== undefined && shown !== actingAs({ userId: session.user.id, accountId: session.accountId })) {
    throw new AppError(
      'session_changed',
      'In this browser somebody else signed in, or another account was chosen, since this page was opened. Nothing was done.',
    )
  }
  if (!route.credentials.includes('session')) throw new AppError('forbidden', 'This route wants an API key.')
  requireScope(services, route, session)
  return { accountId: session.accountId, granted: session.granted, user: session.user, origin }
}

function requireScope(services: Services, route: Route, holder: Pick<Caller, 'granted'>): void {
  const lax = route.id === 'testAuthentication' && services.config.testAuthentication === 'any'
  const asked: Asked = lax ? { scope: null } : route
  if (allows(holder.granted, asked)) return
  if (route.id === 'testAuthentication') {
    throw new AppError(
      'scope_missing',
      'Your key works. This endpoint asks for an admin key; GET /pinyon/v1/whoami answers any valid key and says what it may do.',
    )
  }
  throw new AppError(
    'scope_missing',
    `This key does not have the required scopes: ${route.method} ${route.path} needs ${describeAsked(asked)}. Make a key with it, or use another key.`,
  )
}
