import { routes } from '@pinyon/contract/routes.ts'
import { door, type Door } from '../http/door.ts'
import { getInstallationHealth } from '../pins/installation-health.ts'
import { findQueued } from '../requests/queued-pins.ts'
import { presentTime } from './present-time.ts'

/** Whether all is well, for operators. */
export const installationHealthDoors: readonly Door[] = [
  door(routes.installationHealth, async ({ services }) => {
    const { checkedAt, findings, disks, kinds, isWhole, node } = await getInstallationHealth(services, findQueued)
    const sum = (of: 'waiting' | 'running' | 'overdue') => kinds.reduce((all, kind) => all + kind[of], 0)
    return {
      state: findings.length === 0 ? 'well' : 'attention',
      findings,
      checkedAt: presentTime(checkedAt),
      disks,
      queue: {
        waiting: sum('waiting'),
        running: sum('running'),
        overdue: sum('overdue'),
        isWhole,
        kinds: kinds.map(({ kind, waiting, running, failing, ...rest }) => ({
          kind,
          waiting,
          running,
          failing,
          dueSince: presentTime(rest.due_since),
          lastError: rest.last_error,
        })),
      },
      node,
    }
  }),
]
