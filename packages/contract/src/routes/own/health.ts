import { route } from '../../route.ts'
import { InstallationHealth } from '../../schemas/health.ts'
import { base, own } from './defaults.ts'

/** GET /pinyon/v1/operator/health. */
export const installationHealth = route({
  ...own,
  scope: null,
  operator: true,
  tag: 'Operator',
  id: 'installationHealth',
  method: 'GET',
  path: `${base}/operator/health`,
  response: InstallationHealth,
  summary: 'See whether all is well, or what is not',
  description:
    'Disks, damage and the scrub, the queue of jobs, and the node, as the process that answers sees them. `findings` says what is not well and what to do.',
})
