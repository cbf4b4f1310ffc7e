import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultMinFreeBytes } from '../blobs/disk.ts'
import type { Db } from '../db/database.ts'
import type { IpfsNode, Reachability } from '../ipfs/node/node.ts'
import { type KindState, listKindStates, mostJobs, type WaitingElsewhere } from '../jobs/queue-state.ts'
import type { Services } from '../services.ts'
import { countDamage } from './damage-queries.ts'
import { countLatePacks } from './plan-scrub.ts'

/** Something that is not well, and what to do. */
export interface Finding {
  readonly part: 'disk' | 'database' | 'blocks' | 'scrub' | 'queue' | 'node'
  readonly severity: 'warn' | 'danger'
  readonly message: string
  readonly help: string
}

/** A disk, and what this process keeps on it. */
export interface DiskState {
  readonly holds: 'blocks' | 'database' | 'everything'
  readonly path: string
  readonly freeBytes: number
  readonly totalBytes: number
  /** Uploads are refused while less than this is free. */
  readonly refusesBelowBytes: number
}

/** A job that was due so long ago is not taken by anybody. */
const overdueMs = 600_000
const GiB = 1024 ** 3
/** With less than this share of a disk free, and less than so many bytes, it is time to make room. */
const lowShare = 0.1
const lowBytes = 20 * GiB

type HealthServices = Pick<Services, 'db' | 'clock' | 'config' | 'writeFaults' | 'node'>

/**
 * What this process knows of disks, damage, scrub, queue and node, and in words what of it is not well. `findWaiting`
 * says what waits for a worker beside the jobs.
 */
export async function getInstallationHealth(
  services: HealthServices,
  findWaiting: (db: Db, overdueBefore: number) => Promise<WaitingElsewhere>,
) {
  const { db, clock, node } = services
  const now = clock.now()
  const overdueBefore = now - overdueMs
  const disks = await findDisks(services)
  const elsewhere = await findWaiting(db.read, overdueBefore)
  const kinds = await listKindStates(db.read, { now, overdueBefore }, [elsewhere])
  const reachability = await node.reachability()
  const findings: Finding[] = [
    ...services.writeFaults.list().map(({ part, reason, message }): Finding => ({
      part,
      severity: 'danger',
      message: `${part === 'blocks' ? 'Uploads' : 'Changes'} are refused. ${message}`,
      help: reason === 'full' ? 'Make room on the disk.' : 'Look at the disk and the log of the system.',
    })),
    ...disks.flatMap(findShortness),
    ...db.warnings.map((message): Finding => ({
      part: 'database',
      severity: 'danger',
      message,
      help: 'Change it and start again.',
    })),
    ...(await findDamage(services)),
    ...kinds.flatMap((kind) => findStuck(kind)),
    ...findNodeTrouble(node.kind, reachability),
  ]
  return {
    checkedAt: now,
    findings: findings.toSorted((a, b) => Number(a.severity === 'warn') - Number(b.severity === 'warn')),
    disks,
    kinds,
    isWhole: kinds.reduce((sum, { waiting, running }) => sum + waiting + running, 0) < mostJobs,
    node: { kind: node.kind, network: node.network, peers: node.peers().length, reachability },
  }
}

async function findDisks({ config, db }: Pick<Services, 'config' | 'db'>): Promise<DiskState[]> {
  const { dataDir } = config
  const packs = join(dataDir, 'packs')
  const [ofBlocks, ofData] = [await statfs(packs), await statfs(dataDir)]
  const look = (holds: DiskState['holds'], path: string, { bavail, blocks, bsize }: typeof ofData): DiskState => ({
    holds,
    path,
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
    refusesBelowBytes: defaultMinFreeBytes(blocks * bsize),
  })
  if (db.dialect === 'postgres') return [look('blocks', packs, ofBlocks)]
  // A folder of its own on the same file system is the same disk: what is free tells them apart well enough.
  if (ofBlocks.blocks === ofData.blocks && ofBlocks.type === ofData.type) return [look('everything', dataDir, ofData)]
  return [look('blocks', packs, ofBlocks), look('database', dataDir, ofData)]
}

function findShortness({ path, freeBytes, totalBytes, refusesBelowBytes }: DiskState): Finding[] {
  const help = 'Unpin what is not needed, or give it a larger disk.'
  if (freeBytes < refusesBelowBytes)
    return [{ part: 'disk', severity: 'danger', message: `The disk of ${path} is full: uploads are refused.`, help }]
  if (freeBytes >= lowBytes || freeBytes >= totalBytes * lowShare) return []
  const free = Math.floor((freeBytes / totalBytes) * 100)
  return [{ part: 'disk', severity: 'warn', message: `The disk of ${path} has ${free} % left.`, help }]
}

async function findDamage(services: HealthServices): Promise<Finding[]> {
  const damaged = await countDamage(services.db.read)
  const late = await countLatePacks(services)
  return [
    ...(damaged === 0
      ? []
      : [
          {
            part: 'blocks',
            severity: 'danger',
            message: `${damaged} ${damaged === 1 ? 'block is' : 'blocks are'} damaged. What is damaged is never served.`,
            help: 'See whose they are below. Bytes that go bad point to the disk: look at it before anything else.',
          } as const,
        ]),
    ...(late === 0
      ? []
      : [
          {
            part: 'scrub',
            severity: 'warn',
            message: `${late} ${late === 1 ? 'pack is' : 'packs are'} not read back in time.`,
            help: 'Give reading more of the time (PINYON_SCRUB_SHARE) or a longer period (PINYON_SCRUB_DAYS).',
          } as const,
        ]),
  ]
}

function findNodeTrouble(kind: IpfsNode['kind'], { state, message }: Reachability): Finding[] {
  if (kind !== 'off' && state === 'off')
    return [{ part: 'node', severity: 'warn', message: 'Nothing is fetched from the IPFS network.', help: message }]
  if (state !== 'private-address' && state !== 'port-closed') return []
  return [{ part: 'node', severity: 'warn', message: 'Other nodes cannot reach this one.', help: message }]
}

function findStuck({ kind, overdue }: KindState): Finding[] {
  if (overdue === 0) return []
  return [
    {
      part: 'queue',
      severity: 'warn',
      message: `${overdue} ${overdue === 1 ? 'job' : 'jobs'} of the kind ${kind} wait${overdue === 1 ? 's' : ''} longer than ten minutes.`,
      help: 'Is a process running with the roles worker and node (PINYON_ROLES)? A queue that only grows wants more of them.',
    },
  ]
}
