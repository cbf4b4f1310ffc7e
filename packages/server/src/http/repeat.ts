import type { Route } from '@pinyon/contract/route.ts'
import type { Caller } from '../caller.ts'
import { beginRepeatable, type RepeatWork } from '../keys/repeats.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { answer, isAnswer, type DoorRequest } from './door.ts'

/** The longest name of a request. */
const maxNameLength = 255

/**
 * The name that a client gave a JSON write, so that it may send it again: `Idempotency-Key`, a draft of the IETF
 * (draft-ietf-httpapi-idempotency-key-header). Undefined: none, or a row that takes none. Throws `invalid_request`.
 */
export function readRequestName(route: Route, { headers }: Pick<DoorRequest, 'headers'>): string | undefined {
  const name = headers['idempotency-key']
  if (name === undefined || route.bodyKind !== 'json' || !route.credentials.includes('key')) return undefined
  if (typeof name === 'string' && name !== '' && name.length <= maxNameLength) return name
  throw new AppError('invalid_request', `Idempotency-Key: must be one text of 1 to ${maxNameLength} characters.`)
}

/** What was answered, as it is remembered. */
interface Remembered {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** The answer showed something that is shown once, so it is not here. */
  readonly isSecret?: true
}

/**
 * Carries out a request with a name, or gives the answer of the same one before. `perform` is called at most once, with
 * services whose writes are made once; `isReplay` aside, everything else is counted there.
 */
export async function repeatable(
  services: Services,
  route: Route,
  { caller, name, request, body }: { caller: Caller; name: string; request: DoorRequest; body: Uint8Array },
  perform: (services: Services) => Promise<unknown>,
): Promise<unknown> {
  const asked = { caller, name, request: [request.method, request.url, body], isSecret: route.showsSecret === true }
  const begun = await beginRepeatable(services, asked)
  if (begun.kind === 'answered') return again(JSON.parse(begun.answer) as Remembered) // written below
  const { work } = begun
  if (work.isResumed && route.showsSecret === true) {
    await work.answer(JSON.stringify({ isSecret: true } satisfies Remembered))
    throw shownOnce()
  }
  return carryOut(work, route, () => perform({ ...services, db: work.db }))
}

async function carryOut(work: RepeatWork, route: Route, perform: () => Promise<unknown>): Promise<unknown> {
  let result: unknown
  try {
    result = await perform()
  } catch (error) {
    await work.fail()
    throw error
  }
  await work.answer(JSON.stringify(remember(route, result)))
  return result
}

function remember(route: Route, result: unknown): Remembered {
  if (route.showsSecret === true) return { isSecret: true }
  if (!isAnswer(result)) return { body: result }
  return { status: result.status, headers: result.headers, body: result.body }
}

function again({ status, headers, body, isSecret }: Remembered): unknown {
  if (isSecret === true) throw shownOnce()
  if (status === undefined) return body
  return answer(status, body as object | string | null | undefined, { ...headers }) // JSON, as it was
}

function shownOnce(): AppError {
  return new AppError(
    'conflict',
    'This request was carried out before. What it answered is shown once and not kept: look in the list for what it made, and regenerate or revoke it there.',
    { facts: { isCarriedOut: true } },
  )
}
