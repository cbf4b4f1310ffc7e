import { ApiError, Unreachable } from '@pinyon/contract/client.ts'

/** An error in words: what happened and what to do, with the API's code beside it. */
export interface Explained {
  readonly title: string
  readonly message: string
  readonly code: string | undefined
  readonly requestId: string | undefined
  /** Whether the same again may succeed. */
  readonly canRetry: boolean
}

/** Says an error in words. Those of the server are made for people, so they are shown as they are. */
export function explain(error: unknown): Explained {
  if (error instanceof ApiError) {
    const { status, message, reason, requestId, retryAfterSeconds } = error
    return {
      title: titleOf(status),
      message: retryAfterSeconds === undefined ? message : `${message} Try again in ${retryAfterSeconds} s.`,
      code: reason,
      requestId,
      canRetry: status >= 500 || status === 429 || status === 408,
    }
  }
  if (error instanceof Unreachable) {
    return {
      title: 'The server does not answer',
      message: 'It may be restarting, or your connection is down. Nothing that was saved is lost.',
      code: undefined,
      requestId: undefined,
      canRetry: true,
    }
  }
  return {
    title: 'This page has a fault',
    message: error instanceof Error ? error.message : String(error),
    code: undefined,
    requestId: undefined,
    canRetry: true,
  }
}

function titleOf(status: number): string {
  if (status === 401) return 'You are signed out'
  if (status === 403) return 'Not allowed'
  if (status === 404) return 'Not here'
  if (status === 409) return 'Not as it is now'
  if (status === 413) return 'Too large'
  if (status === 429) return 'Too many tries'
  if (status === 503) return 'The server is not ready'
  if (status === 507) return 'The disk is full'
  return status >= 500 ? 'The server could not do that' : 'That cannot be done as it stands'
}

/** The sentence alone, for beside a control. */
export function messageOf(error: unknown): string {
  return explain(error).message
}
