import type { Writers } from '../blobs/writers.ts'
import { rollUpTraffic } from '../analytics/roll-up.ts'
import { forgetEndedFailures } from '../accounts/sign-in-failures.ts'
import { forgetBulks } from '../bulk/follow-bulk.ts'
import { runBulk } from '../bulk/run-bulk.ts'
import { bulkJob } from '../bulk/start-bulk.ts'
import type { Config } from '../config/config.ts'
import { checkDueDomains } from '../gateways/domain-proof.ts'
import { emptyGroup, emptyGroupJob } from '../groups/delete-group.ts'
import { expireEvents } from '../events/expire-events.ts'
import { expireFiles } from '../files/expire-files.ts'
import { BlockMemory } from '../ipfs/want-room.ts'
import type { JobHandler } from '../jobs/attempt.ts'
import { fenceWrites } from '../jobs/fence.ts'
import { forgetKeyRecords } from '../keys/forget-key-records.ts'
import { forgetRepeats } from '../keys/repeats.ts'
import { forgetLinks } from '../links/forget-links.ts'
import { renewJob, tellJob } from '../names/name-jobs.ts'
import { renewName } from '../names/renew-name.ts'
import { tellName } from '../names/tell-name.ts'
import { announcePins, withdrawJob, withdrawRoot } from '../pins/announce-pins.ts'
import { planScrub, scrubJob } from '../pins/plan-scrub.ts'
import { repairBlock, repairJob } from '../pins/repair-block.ts'
import { Pace } from '../pins/pace.ts'
import { scrubPack } from '../pins/scrub-pack.ts'
import { settleDeadWriters } from '../pins/settle-packs.ts'
import { fetchPin } from '../requests/fetch-pin.ts'
import { fetchTimes } from '../requests/fetch-times.ts'
import { fetchJob } from '../requests/queue-fetch.ts'
import { queuedPins } from '../requests/queued-pins.ts'
import type { Services } from '../services.ts'
import { countUsage } from '../usage/count-usage.ts'
import { countJob, planCounts } from '../usage/get-usage.ts'
import { expireUploads } from '../uploads/expire-uploads.ts'
import { deliverWebhook } from '../webhooks/deliver-webhook.ts'
import { deliverJob } from '../webhooks/fan-out.ts'

const announceJob = 'announce-pins'

/** Kinds of jobs that need the IPFS network: they run in processes with the role `node`, all others with `worker`. */
const needNode: readonly string[] = [fetchJob, announceJob, withdrawJob, repairJob, tellJob]

/** What processes of these roles do for each kind of job. Kinds with `everyMs` run by themselves. */
export function handlersOf(
  services: Services,
  { roles, writers }: { roles: Config['roles']; writers: Writers },
): Readonly<Record<string, JobHandler>> {
  const all: readonly (readonly [string, JobHandler])[] = [
    ...Object.entries(fencingHandlers(services)),
    ...Object.entries(fencedHandlers(services, writers)).map(
      ([kind, { run, ...rest }]) =>
        [
          kind,
          { ...rest, run: (job, signal) => run({ ...services, db: fenceWrites(services.db, job) }, job, signal) },
        ] satisfies readonly [string, JobHandler],
    ),
  ]
  return Object.fromEntries(all.filter(([kind]) => roles.includes(needNode.includes(kind) ? 'node' : 'worker')))
}

/** Kinds that no other process runs while this one does: all with a database of its own, and those of the one node. */
export function aloneFor(
  handlers: Readonly<Record<string, JobHandler>>,
  { isAlone, hasNode }: { isAlone: boolean; hasNode: boolean },
): readonly string[] {
  return Object.keys(handlers).filter((kind) => isAlone || (hasNode && needNode.includes(kind)))
}

/** A kind of job whose writes are all made only while the job is this worker's: its services see to that. */
type FencedHandler = Omit<JobHandler, 'run'> & {
  readonly run: (services: Services, ...rest: Parameters<JobHandler['run']>) => ReturnType<JobHandler['run']>
}

/** Kinds that ask for the lease themselves: their last write ends the job, or what goes out must be asked for. */
function fencingHandlers(services: Services): Readonly<Record<string, JobHandler>> {
  return {
    [fetchJob]: fetchHandler(services),
    [deliverJob]: {
      lanes: { new: 8, newest: 0, retry: 16 },
      // Each delivery has attempts of its own, which end.
      attempts: Infinity,
      stopsAtOnce: true,
      run: (job, signal) => deliverWebhook({ ...services, policy: services.dialPolicy }, job, signal),
    },
  }
}

function fencedHandlers({ config, node }: Services, writers: Writers): Readonly<Record<string, FencedHandler>> {
  return {
    'expire-files': {
      everyMs: 5_000,
      run: async (services, _job, signal) => void (await expireFiles(services, signal)),
    },
    'expire-uploads': {
      everyMs: 60_000,
      run: async (services, _job, signal) => void (await expireUploads(services, signal)),
    },
    'forget-sign-in-failures': { everyMs: 3_600_000, run: (services) => forgetEndedFailures(services) },
    'forget-key-records': { everyMs: 3_600_000, run: (services) => forgetKeyRecords(services) },
    'forget-repeats': { everyMs: 600_000, run: (services) => forgetRepeats(services) },
    'forget-links': { everyMs: 60_000, run: (services, _job, signal) => forgetLinks(services, signal) },
    'expire-events': { everyMs: 3_600_000, run: (services, _job, signal) => expireEvents(services, signal) },
    'roll-up-traffic': { everyMs: 3_600_000, run: (services, _job, signal) => rollUpTraffic(services, signal) },
    'check-domains': { everyMs: 15_000, run: (services, _job, signal) => checkDueDomains(services, signal) },
    'settle-dead-writers': {
      everyMs: 5_000,
      run: (services, _job, signal) => settleDeadWriters(services, { writers, signal }),
    },
    [emptyGroupJob]: { attempts: Infinity, run: (services, job, signal) => emptyGroup(services, job, signal) },
    ...storageHandlers(config),
    'forget-bulks': { everyMs: 3_600_000, run: (services, _job, signal) => forgetBulks(services, signal) },
    [bulkJob]: {
      concurrency: 2,
      attempts: Infinity,
      deadlineMs: 86_400_000,
      stopsAtOnce: true,
      run: (services, job, signal) => runBulk(services, job, signal),
    },
    ...(node.kind !== 'off'
      ? {
          [announceJob]: {
            everyMs: 5_000,
            stopsAtOnce: true,
            deadlineMs: 86_400_000,
            run: async (services, _job, signal) => {
              if (services.node.network === 'public') await announcePins(services, signal)
            },
          },
        }
      : {}),
    [renewJob]: {
      lanes: { new: 2, newest: 0, retry: 4 },
      attempts: Infinity,
      run: (services, job) => renewName(services, job),
    },
    [tellJob]: {
      lanes: { new: 4, newest: 2, retry: 4 },
      attempts: Infinity,
      stopsAtOnce: true,
      run: (services, job, signal) => tellName(services, job, signal),
    },
    [withdrawJob]: { concurrency: 4, run: (services, job) => withdrawRoot(services, job) },
  }
}

/** Reading back what is stored, mending it, and counting it: all of it is in slices, and goes on where it was stopped. */
function storageHandlers({ scrub }: Config): Readonly<Record<string, FencedHandler>> {
  const { periodMs, share } = scrub
  const long = { stopsAtOnce: true, deadlineMs: 86_400_000, attempts: Infinity }
  return {
    ...(periodMs === undefined
      ? {}
      : {
          'plan-scrub': {
            everyMs: 300_000,
            run: (services, _job, signal) => planScrub(services, { periodMs, signal }),
          },
        }),
    [scrubJob]: {
      ...long,
      run: (services, job, signal) => scrubPack(services, job.subject, new Pace({ share: () => share, signal })),
    },
    [repairJob]: { ...long, concurrency: 2, run: (services, job, signal) => repairBlock(services, job, signal) },
    'plan-usage-counts': { everyMs: 60_000, run: (services) => planCounts(services) },
    [countJob]: {
      ...long,
      run: async (services, job, signal) => void (await countUsage(services, job.subject, { share: 0.5, signal })),
    },
  }
}

function fetchHandler(services: Services): JobHandler {
  const { slots, idleMs, deadlineMs } = services.config.pinning
  const options = { memory: new BlockMemory(), times: { ...fetchTimes, idleMs } }
  return {
    lanes: slots,
    source: queuedPins({ deadlineMs, newId: services.newId }),
    // It has a deadline of its own, which ends it.
    attempts: Infinity,
    deadlineMs: 86_400_000,
    stopsAtOnce: true,
    run: (job, signal) => fetchPin(services, job, { signal, ...options }),
  }
}
