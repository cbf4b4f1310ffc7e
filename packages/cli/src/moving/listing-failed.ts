import { CommandError, exitCodes } from '../exit.ts'
import type { SourceFailed } from './import-item.ts'

/** How a service is spoken of when it does not list what it has. */
interface Listing {
  /** What cannot be listed. */
  readonly what: string
  /** The service, such as "Pinata's API", and where it was looked for. */
  readonly service: string
  readonly address: string
  /** What to do where it wants to know who asks. */
  readonly onRefusal: string
}

/** That nothing can be imported, since the service does not list it: what it said, and what to do. */
export function listingFailed(error: SourceFailed, listing: Listing): CommandError {
  const isAnswered = error.status !== undefined
  return new CommandError(`${listing.what} cannot be listed: ${error.message}\n${whatToDo(error, listing)}`, {
    reason: isAnswered ? 'SOURCE_FAILED' : 'UNREACHABLE',
    exitCode: isAnswered ? exitCodes.failed : exitCodes.unreachable,
    facts: isAnswered ? { status: error.status } : {},
    cause: error,
  })
}

function whatToDo({ status }: SourceFailed, { service, address, onRefusal }: Listing): string {
  if (status === 401 || status === 403) return onRefusal
  if (status === 429 || (status !== undefined && status >= 500))
    return 'The service cannot do it now. Run the same command again later.'
  return `Is ${service} at ${address}?`
}
