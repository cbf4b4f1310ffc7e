import type { Migration } from './migration.ts'

/** Indexes of queues that are fair to owners: see jobs/lanes.ts. */
export const fairQueues: Migration = {
  version: 5,
  name: 'fair queues',
  statements: () =>
    ['new', 'retry'].flatMap((lane) => {
      const rows = `owner is not null and attempts ${lane === 'new' ? '= 0' : '> 0'}`
      return [
        `create index jobs_${lane} on jobs (kind, run_at) where ${rows}`,
        `create index jobs_${lane}_owner on jobs (kind, owner, run_at) where ${rows}`,
      ]
    }),
}
