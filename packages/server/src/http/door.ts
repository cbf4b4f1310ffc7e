import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { Route } from '@pinyon/contract/route.ts'
import type { z } from 'zod'
import type { Caller, RequestOrigin } from '../caller.ts'
import type { Services } from '../services.ts'

/** The request as doors may look at it, beside what the row has read already. */
export interface DoorRequest extends RequestOrigin {
  readonly method: string
  /** Path and query as sent. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The socket's request, for bodies that are streamed. */
  readonly raw: IncomingMessage
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  /** Whether the client came by TLS (here or at a trusted proxy). */
  readonly secure: boolean
  /** Scheme and host that the client used (here or at a trusted proxy), for absolute addresses in answers. */
  readonly ownOrigin: string
}

/** An answer that is more than a JSON value with status 200. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

const answers = new WeakSet<object>()

/** Shapes an answer with another status or with headers. `body` is a JSON value, text, bytes or a stream. */
export function answer(
  status: number,
  body?: string | Uint8Array | Readable | object | null,
  headers: Record<string, string> = {},
): Answer {
  const made = { status, headers, body }
  answers.add(made)
  return made
}

/** Whether a door returned a shaped answer. */
export function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && answers.has(value)
}

interface Context<R extends Route> {
  readonly services: Services
  readonly params: z.infer<R['params']>
  readonly query: z.infer<R['query']>
  readonly body: z.infer<R['body']>
  readonly request: DoorRequest
}

/** A row of the route table bound to what it does. */
export interface Door {
  readonly route: Route
  readonly handle: (context: Context<Route> & { caller: Caller | undefined }) => unknown
}

/** Binds a row that asks for a credential to its operation. Status 200 and JSON unless the handler shapes an answer. */
export function door<R extends Route>(route: R, handle: (context: Context<R> & { caller: Caller }) => unknown): Door {
  if (route.credentials.length === 0) throw new Error(`${route.id} asks for no credential: bind it with openDoor`)
  return { route, handle: handle as Door['handle'] } // the server parses by this row's schemas and sets caller for such rows
}

/** Binds a row that anybody may ask. */
export function openDoor<R extends Route>(route: R, handle: (context: Context<R>) => unknown): Door {
  if (route.credentials.length > 0) throw new Error(`${route.id} asks for a credential: bind it with door`)
  return { route, handle } // as above
}
