import { ApiError, Unreachable } from '@pinyon/contract/client.ts'
import { safeLines } from './output.ts'
import { isDiskFull, systemWords } from './system-error.ts'

/** What the command line got wrong; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Exit codes, one for each kind of failure, so that scripts can tell them apart. Listed in `pinyon --help`. */
export const exitCodes = {
  failed: 1,
  usage: 2,
  unreachable: 3,
  credentials: 4,
  forbidden: 5,
  notFound: 6,
  quota: 7,
  conflict: 8,
  interrupted: 130,
} as const

/** A failure of a command of its own kind. `reason` is the code for programs; `facts` go into what `--json` prints. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly reason: string
  readonly exitCode: number
  readonly facts: Readonly<Record<string, unknown>>

  constructor(
    message: string,
    how: { reason: string; exitCode: number; facts?: Readonly<Record<string, unknown>>; cause?: unknown },
  ) {
    super(message, { cause: how.cause })
    this.reason = how.reason
    this.exitCode = how.exitCode
    this.facts = how.facts ?? {}
  }
}

/** What was named is not there. */
export function notFound(message: string): CommandError {
  return new CommandError(message, { reason: 'OBJECT_NOT_FOUND', exitCode: exitCodes.notFound })
}

/** Of several things one or more failed. What was done is not lost: it stands beside the error in `--json`. */
export class PartlyDone extends Error {
  override readonly name = 'PartlyDone'
  readonly done: readonly unknown[]

  constructor(cause: unknown, done: readonly unknown[]) {
    super('Not everything was done.', { cause })
    this.done = done
  }
}

/** The exit code of a failure. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof PartlyDone) return exitCodeOf(error.cause)
  if (error instanceof CommandError) return error.exitCode
  if (error instanceof UsageError) return exitCodes.usage
  if (error instanceof Unreachable) return exitCodes.unreachable
  if (isInterruption(error)) return exitCodes.interrupted
  if (isDiskFull(error)) return exitCodes.quota
  if (!(error instanceof ApiError)) return exitCodes.failed
  if (error.reason === 'QUOTA_REACHED' || error.status === 507) return exitCodes.quota
  if (error.status === 401 || error.reason === 'API_KEY_REVOKED') return exitCodes.credentials
  if (error.status === 403) return exitCodes.forbidden
  if (error.status === 404) return exitCodes.notFound
  if (error.status === 409) return exitCodes.conflict
  return exitCodes.failed
}

/** A failure in words, and for `--json` in a form for programs. */
export function describeFailure(error: unknown): { readonly message: string; readonly json: Record<string, unknown> } {
  if (error instanceof PartlyDone) {
    const { message, json } = describeFailure(error.cause)
    return { message, json: error.done.length === 0 ? json : { ...json, done: error.done } }
  }
  if (error instanceof ApiError) {
    const { reason, status, requestId, retryAfterSeconds } = error
    const retry = retryAfterSeconds === undefined ? '' : ` Try again in ${retryAfterSeconds} s.`
    const tail = requestId === undefined ? '' : `, request ${requestId}`
    return {
      message: safeLines(
        `${error.message}${/[.!?]$/.test(error.message) ? '' : '.'}${retry}${adviceFor(error)}\n(${reason}, HTTP ${status}${tail})`,
      ),
      json: { error: { message: error.message, reason, status, requestId, retryAfterSeconds } },
    }
  }
  const message = systemMessage(error) ?? (error instanceof Error ? error.message : String(error))
  if (error instanceof Unreachable) {
    const advice = 'Start it with npm start, or name another with --api URL or PINYON_API.'
    return { message: safeLines(`${message}\n${advice}`), json: { error: { message, reason: 'UNREACHABLE' } } }
  }
  const facts = error instanceof CommandError ? error.facts : {}
  return { message: safeLines(message), json: { error: { message, reason: reasonOf(error), ...facts } } }
}

/** Of a file or folder on this machine: which it is, and what the system says. */
function systemMessage(error: unknown): string | undefined {
  const words = systemWords(error)
  if (words === undefined) return undefined
  const path = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined
  if (path !== undefined) return `${path}: ${words}.`
  return `${isDiskFull(error) ? 'The disk is full' : 'Something on this machine failed'}: ${words}.`
}

/** What to do next in the words of this program, where the server can only say what is wrong. */
function adviceFor({ status, reason }: ApiError): string {
  if (status === 401 || reason === 'API_KEY_REVOKED' || reason === 'KEY_USES_EXHAUSTED')
    return '\nGive another key: ./pinyon login, or --key JWT, or PINYON_JWT. An admin key makes one: ./pinyon keys create NAME.'
  if (reason === 'REQUEST_TIMEOUT')
    return '\nWhat writes this slowly is better kept in a file first, and that uploaded.'
  if (reason === 'NO_SCOPES_FOUND') return '\n./pinyon status says what this key may do.'
  return ''
}

function reasonOf(error: unknown): string {
  if (error instanceof CommandError) return error.reason
  if (error instanceof UsageError) return 'USAGE'
  return isInterruption(error) ? 'INTERRUPTED' : 'FAILED'
}

function isInterruption(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
