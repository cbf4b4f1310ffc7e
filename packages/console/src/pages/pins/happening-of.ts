import type { Pin } from '../../api/pins.ts'

/**
 * What is happening to a pin, where it is said beside it when it is tried next: the words of the server count the seconds
 * too, and stand still.
 */
export function happeningOf({ status, statusDetails, nextAttemptAt, reason }: Pin): string {
  return status === 'pinning' && nextAttemptAt !== null && reason !== null ? reason.message : statusDetails
}
