import type { OutcomeCode } from '@pinyon/contract/errors.ts'

/**
 * An outcome that a client is told about. `message` is for the client: plain, specific, safe. What must stay private
 * (paths, SQL, addresses) goes into `cause` and reaches only the log.
 */
export class AppError extends Error {
  readonly code: OutcomeCode
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  readonly retryAfterSeconds: number | undefined
  /** Headers that go out with it. */
  readonly headers: Readonly<Record<string, string>> | undefined
  /** Facts for programs that go into the body beside the message (for one, the quota's numbers). */
  readonly facts: Readonly<Record<string, unknown>> | undefined

  constructor(
    code: OutcomeCode,
    message: string,
    options: {
      cause?: unknown
      retryAfterSeconds?: number
      headers?: Readonly<Record<string, string>>
      facts?: Readonly<Record<string, unknown>>
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.retryAfterSeconds = options.retryAfterSeconds
    this.headers = options.headers
    this.facts = options.facts
  }
}
