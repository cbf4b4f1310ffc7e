import type { ServerResponse } from 'node:http'
import { AppError } from '../lib/errors.ts'

/**
 * Waits for an answer; ends the request with `not_found_in_time` when its head was not sent within `ms`. What still
 * works for it is told by `controller`, and what comes of that late is nobody's any more.
 */
export async function withFirstByte<Value>(
  answering: Promise<Value>,
  { response, controller, ms }: { response: ServerResponse; controller: AbortController; ms: number },
): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    if (response.headersSent) return
    const error = new AppError(
      'not_found_in_time',
      `This could not be answered within ${ms / 1000} s. Try again in a moment, or ask for less.`,
      { retryAfterSeconds: 10 },
    )
    controller.abort(error)
    reject(error)
  }, ms)
  try {
    return await Promise.race([answering, late])
  } finally {
    clearTimeout(timer)
  }
}
