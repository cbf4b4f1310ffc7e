import { z } from 'zod'
import { Time } from './common.ts'
import { NodeStatus } from './node.ts'

const count = z.number().int()
const bytes = z.number().int()

/** Something that is not well, and what to do. */
const HealthFinding = z
  .object({
    part: z.enum(['disk', 'database', 'blocks', 'scrub', 'queue', 'node']),
    severity: z.enum(['warn', 'danger']),
    message: z.string().meta({ description: 'What is not well.' }),
    help: z.string().meta({ description: 'What to do.' }),
  })
  .meta({ id: 'HealthFinding' })

/** GET /pinyon/v1/operator/health: the installation as one process sees it. */
export const InstallationHealth = z
  .object({
    state: z.enum(['well', 'attention']),
    findings: z.array(HealthFinding).meta({ description: 'Empty when all is well; the worst first.' }),
    checkedAt: Time,
    disks: z
      .array(
        z.object({
          holds: z.enum(['blocks', 'database', 'everything']),
          path: z.string(),
          freeBytes: bytes,
          totalBytes: bytes,
          refusesBelowBytes: bytes.meta({ description: 'Uploads are refused while less than this is free.' }),
        }),
      )
      .meta({ description: 'Where the process that answers keeps things. A PostgreSQL server’s disk is not seen.' }),
    queue: z.object({
      waiting: count.meta({ description: 'Jobs that wait for their time or their turn.' }),
      running: count,
      overdue: count.meta({ description: 'Jobs that were due ten minutes ago or earlier and do not run.' }),
      isWhole: z
        .boolean()
        .meta({ description: 'False: there are more than 100,000 jobs, and the rest is not counted.' }),
      kinds: z.array(
        z.object({
          kind: z.string(),
          waiting: count,
          running: count,
          failing: count.meta({ description: 'Jobs whose last attempt failed; they are tried again.' }),
          dueSince: Time.nullable().meta({
            description: 'When the job that waits longest was due; null: none is due.',
          }),
          lastError: z.string().nullable(),
        }),
      ),
    }),
    node: NodeStatus.pick({ kind: true, network: true, reachability: true }).extend({ peers: count }),
  })
  .meta({ id: 'InstallationHealth' })
