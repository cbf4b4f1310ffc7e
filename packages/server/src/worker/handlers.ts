import { deleteEndedSessions } from '../accounts/queries.ts'
import { expireFiles } from '../files/expire-files.ts'
import type { JobHandler } from '../jobs/attempt.ts'
import type { Services } from '../services.ts'

/** What is done for each kind of job. Kinds with `everyMs` run by themselves. */
export function handlers(services: Services): Readonly<Record<string, JobHandler>> {
  return {
    'expire-files': { everyMs: 5_000, run: (_job, signal) => expireFiles(services, signal) },
    'delete-ended-sessions': {
      everyMs: 3_600_000,
      run: () => services.db.write((tx) => deleteEndedSessions(tx, services.clock.now())),
    },
  }
}
