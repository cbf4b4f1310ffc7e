import { findNodeFacts, updateNodeFacts } from './accounts/queries.ts'
import type { Config } from './config/config.ts'
import { ConfigError } from './config/config-error.ts'
import type { DataDir } from './data-dir.ts'
import type { Database } from './db/database.ts'
import type { ConnectedPeer, IpfsNode, Reachability } from './ipfs/node/node.ts'
import type { Clock } from './lib/clock.ts'
import type { KernelLock } from './lib/kernel-lock.ts'
import type { Logger } from './lib/log.ts'

/** How often it is looked at what there is to tell, and what was told. */
const lookMs = 2_000
/** How often it is told though nothing has changed, and when that is over. */
const tellMs = 10_000
const goneMs = 30_000
const maxPeers = 500

/**
 * Takes the right to run the node of this installation, when these settings ask for one: its peer id is the
 * installation's, and two nodes of one id would be taken for each other. Throws ConfigError while another process has it.
 */
export function takeNode({ ipfs, roles }: Pick<Config, 'ipfs' | 'roles'>, dataDir: DataDir): KernelLock | undefined {
  if (ipfs.kind === 'off' || !roles.includes('node')) return undefined
  const lock = dataDir.takeLock('node')
  if (lock !== undefined) return lock
  throw new ConfigError(
    'PINYON_ROLES: another process of this installation runs node already, and there is one at a time. Leave node out here, such as PINYON_ROLES=api,gateway,worker.',
  )
}

/** What is told of a node. */
interface NodeFacts {
  readonly at: number
  readonly network: IpfsNode['network']
  readonly listens: readonly string[]
  readonly announces: readonly string[]
  readonly delegates: readonly string[]
  readonly reachability: Reachability
  readonly peers: readonly ConnectedPeer[]
}

/** Stops what was begun. */
interface Ongoing {
  close(): Promise<void>
}

interface ShareServices {
  readonly db: Database
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
}

/** Tells the other processes about the node that runs here: within seconds when it listens elsewhere, and now and then. */
export async function tellOfNode(node: IpfsNode, { db, clock, log }: ShareServices): Promise<Ongoing> {
  let told = ''
  let toldAt = -Infinity
  return again(log, async () => {
    const places = { listens: node.listens(), announces: node.announces(), delegates: node.delegates() }
    const key = JSON.stringify(places)
    if (key === told && performance.now() - toldAt < tellMs) return
    const peers = node.peers().slice(0, maxPeers)
    const rest = { network: node.network, reachability: await node.reachability(), peers }
    const facts: NodeFacts = { at: clock.now(), ...places, ...rest }
    await db.write((tx) => updateNodeFacts(tx, JSON.stringify(facts)))
    told = key
    toldAt = performance.now()
  })
}

/**
 * What stands for the node in a process where it does not run: `off`, which says what the process that runs it has told,
 * or gives its own addresses before there was one.
 */
export async function openNodeElsewhere(
  off: IpfsNode,
  { kind, db, clock, log }: ShareServices & { kind: IpfsNode['kind'] },
): Promise<IpfsNode> {
  let facts: NodeFacts | undefined
  const looking = await again(log, async () => {
    const text = await findNodeFacts(db.read)
    facts = text === null ? undefined : (JSON.parse(text) as NodeFacts) // written above
  })
  const running = () => (facts !== undefined && clock.now() - facts.at < goneMs ? facts : undefined)
  return {
    ...off,
    kind,
    get network() {
      return facts?.network ?? off.network
    },
    listens: () => running()?.listens ?? [],
    announces: () => running()?.announces ?? [],
    delegates: () => facts?.delegates ?? off.delegates(),
    reachability: async () => running()?.reachability ?? nobodyRunsIt,
    peers: () => running()?.peers ?? [],
    async close() {
      await looking.close()
      await off.close()
    },
  }
}

const nobodyRunsIt: Reachability = {
  state: 'off',
  message: 'No process of this installation runs the IPFS node now: start one whose PINYON_ROLES include node.',
}

/** Does `look` now, which may throw, and then every other second. */
async function again(log: Pick<Logger, 'warn'>, look: () => Promise<void>): Promise<Ongoing> {
  await look()
  let looking: Promise<void> | undefined
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => log.warn({ err: error }, 'what the IPFS node is like could not be shared'))
      .finally(() => (looking = undefined))
  }, lookMs).unref()
  return {
    async close() {
      clearInterval(timer)
      await looking
    },
  }
}
