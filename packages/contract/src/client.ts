import type { z } from 'zod'
import type { Route } from './route.ts'

/** An answer that was an error, in the words of the server. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** The code for programs, such as `NO_SCOPES_FOUND`. */
  readonly reason: string
  readonly requestId: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(answer: {
    status: number
    reason: string
    message: string
    requestId: string | undefined
    retryAfterSeconds: number | undefined
  }) {
    super(answer.message)
    this.status = answer.status
    this.reason = answer.reason
    this.requestId = answer.requestId
    this.retryAfterSeconds = answer.retryAfterSeconds
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

/** Where and as whom to ask. */
export interface ClientOptions {
  /** The base of all addresses. Empty in a page of the server itself, which then asks its own origin, with its cookie. */
  readonly apiUrl: string
  readonly jwt?: string | undefined
  readonly fetch?: typeof fetch
}

/** What goes into one call. */
export interface CallInput<R extends Route> {
  readonly params?: z.input<R['params']>
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: z.input<R['body']>
  /** For rows whose body is a form or bytes: a FormData, a Blob with its type, or an encoded body with its content type. */
  readonly form?:
    | FormData
    | Blob
    | { readonly contentType: string; readonly stream: AsyncIterable<Uint8Array>; readonly lengthBytes?: number }
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** What a row answers. */
export type AnswerOf<R extends Route> = z.output<R['response']>

/** A typed client of the route table: what the CLI and the console use, with no privileges of its own. */
export interface Client {
  readonly apiUrl: string
  /** The answer's JSON (or text). Throws ApiError, or Unreachable. */
  call<R extends Route>(row: R, input?: CallInput<R>): Promise<AnswerOf<R>>
  /** The answer itself, for bytes that are streamed. Throws as `call` does. */
  open<R extends Route>(row: R, input?: CallInput<R>): Promise<Response>
}

/** Makes a client. */
export function createClient(options: ClientOptions): Client {
  const send = options.fetch ?? fetch
  /** Tells a server that cannot be reached, or breaks off, from one that answers; what was called off is neither. */
  const reach = async <T>(signal: AbortSignal | undefined, action: () => Promise<T>): Promise<T> => {
    try {
      return await action()
    } catch (error) {
      if (signal?.aborted === true) throw error
      const words =
        options.apiUrl === ''
          ? `No answer from the server: ${causeOf(error)}. Is it running?`
          : `No answer from ${options.apiUrl}: ${causeOf(error)}. Is the server running there?`
      throw new Unreachable(words, { cause: error })
    }
  }
  const open = async <R extends Route>(row: R, input: CallInput<R> = {}): Promise<Response> => {
    const url = `${options.apiUrl}${fillPath(row.path, input.params ?? {})}${queryText(input.query)}`
    const { body, headers, isStream } = encodeBody(input)
    const response = await reach(
      input.signal,
      () =>
        send(url, {
          method: row.method,
          headers: {
            ...(options.jwt === undefined ? {} : { authorization: `Bearer ${options.jwt}` }),
            ...headers,
            ...input.headers,
          },
          credentials: 'same-origin',
          ...(body === undefined ? {} : { body }),
          // Asked for with streams, refused or of no use with anything else.
          ...(isStream ? { duplex: 'half' } : {}),
          ...(input.signal === undefined ? {} : { signal: input.signal }),
        } as RequestInit), // `duplex` is missing from the DOM's types
    )
    if (!response.ok) throw readError(response, await reach(input.signal, () => response.text()))
    return response
  }
  return {
    apiUrl: options.apiUrl,
    open,
    async call(row, input) {
      const response = await open(row, input)
      const text = await reach(input?.signal, () => response.text())
      const isJson = (response.headers.get('content-type') ?? '').includes('json')
      return (isJson ? JSON.parse(text) : text) as never // the server answers by the same row
    },
  }
}

function fillPath(path: string, params: unknown): string {
  const texts = params as Record<string, string | undefined> // by the schemas of all rows
  return path.replace(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(texts[name] ?? ''))
}

function queryText(query: CallInput<Route>['query']): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
  return pairs.length === 0
    ? ''
    : `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()}`
}

function encodeBody(input: CallInput<Route>): {
  body?: unknown
  headers: Record<string, string>
  isStream: boolean
} {
  // Whoever sends a form names the boundary, so the content type is theirs.
  if (input.form instanceof FormData) return { body: input.form, headers: {}, isStream: false }
  if (input.form instanceof Blob)
    return { body: input.form, headers: { 'content-type': input.form.type }, isStream: false }
  if (input.form !== undefined) {
    const length = input.form.lengthBytes === undefined ? {} : { 'content-length': String(input.form.lengthBytes) }
    return {
      body: input.form.stream,
      headers: { 'content-type': input.form.contentType, ...length },
      isStream: true,
    }
  }
  if (input.body !== undefined)
    return { body: JSON.stringify(input.body), headers: { 'content-type': 'application/json' }, isStream: false }
  return { headers: {}, isStream: false }
}

function readError(response: Response, text: string): ApiError {
  const { reason, message } = readErrorBody(text)
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new ApiError({
    status: response.status,
    reason: reason ?? `HTTP_${response.status}`,
    message: message ?? (text.trim().slice(0, 300) || `The server answered ${response.status}.`),
    requestId: response.headers.get('x-request-id') ?? undefined,
    retryAfterSeconds: Number.isNaN(retryAfter) ? undefined : retryAfter,
  })
}

function readErrorBody(text: string): { reason?: string; message?: string } {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return {} // not JSON: a proxy in between answered; its text is shown as it is
  }
  if (typeof parsed !== 'object' || parsed === null || !('error' in parsed)) return {}
  const { error } = parsed
  if (typeof error === 'string') return { message: error }
  if (typeof error !== 'object' || error === null) return {}
  const { reason, details, message } = error as Record<string, unknown>
  return {
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof message === 'string' ? { message } : typeof details === 'string' ? { message: details } : {}),
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
