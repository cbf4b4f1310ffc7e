import { setTimeout as wait } from 'node:timers/promises'
import { ApiError } from '@pinyon/contract/client.ts'

/** How often the server is asked again that wants patience. */
const maxTries = 8

/** Does what asks the server, and does it again when the server wants patience (429 and 503), as long as it says. */
export async function patiently<T>(signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action()
    } catch (error) {
      const isBusy = error instanceof ApiError && (error.status === 429 || error.status === 503)
      if (!isBusy || attempt === maxTries) throw error
      await wait((error.retryAfterSeconds ?? attempt) * 1_000, undefined, { signal })
    }
  }
}
