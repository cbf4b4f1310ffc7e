import { expireFiles } from '../files/expire-files.ts'
import type { JobHandler } from '../jobs/attempt.ts'
import type { Services } from '../services.ts'

/** What is done for each kind of job. Kinds with `everyMs` run by themselves. */
export function handlers(services: Services): Readonly<Record<string, JobHandler>> {
  return {
    'expire-files': { everyMs: 5_000, run: async (_job, signal) => void (await expireFiles(services, signal)) },
  }
}
