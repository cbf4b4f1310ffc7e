/** Places where a rig of `torture/` may break the program; each is named after what has just been done, or is next. */
export const failpointNames = [
  'pack-synced',
  'commit-next',
  'committed',
  'folder-file-next',
  'folder-published-next',
  'chunk-saved',
  'chunk-finish-next',
  'compaction-copied',
  'compaction-moved',
  'pack-emptied',
  'pack-removed',
  'migration-next',
  'migrated',
  'recovery-next',
  'webhook-sent',
  'backup-database-copied',
  'backup-packs-copied',
  'request-next',
] as const

/** A place by its name. */
export type FailpointName = (typeof failpointNames)[number]

/** What happens there: the process ends, stands still, throws, or leaves a rejection that nobody handles. */
export const failpointActions = ['kill', 'stop', 'throw', 'reject'] as const

/** What is to happen where, the how manieth time somebody comes by. */
export interface Failpoint {
  readonly name: FailpointName
  readonly action: (typeof failpointActions)[number]
  readonly nth: number
}

let armed: Failpoint | undefined
let passed = 0

/** Arms the place that the settings name. Nothing is armed unless they do. */
export function armFailpoint(failpoint: Failpoint | undefined): void {
  armed = failpoint
  passed = 0
}

/** A place where the program may be broken. Does nothing but compare unless it is armed, which no service ever is. */
export function failpoint(name: FailpointName): void {
  if (armed === undefined || armed.name !== name || ++passed !== armed.nth) return
  switch (armed.action) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL')
      return
    case 'stop':
      process.kill(process.pid, 'SIGSTOP')
      return
    case 'reject':
      void Promise.reject(new Error(`The failpoint ${name} rejected`))
      return
    case 'throw':
      throw new Error(`The failpoint ${name} threw`)
  }
}
