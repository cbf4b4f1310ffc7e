import { findDelegates, updateDelegates } from './accounts/queries.ts'
import { ConfigError, type Config } from './config.ts'
import type { DataDir } from './data-dir.ts'
import type { Database } from './db/database.ts'
import type { IpfsNode } from './ipfs/node/node.ts'
import type { KernelLock } from './lib/kernel-lock.ts'
import type { Logger } from './lib/log.ts'

/** How often addresses are looked at: a node learns some of its own from others. */
const lookMs = 2_000

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

/** Stops what was begun. */
interface Ongoing {
  close(): Promise<void>
}

/** Has the other processes know the addresses of the node that runs here, whenever they change. */
export async function tellDelegates(
  node: IpfsNode,
  { db, log }: { db: Database; log: Pick<Logger, 'warn'> },
): Promise<Ongoing> {
  let told = ''
  return again(log, async () => {
    const delegates = node.delegates()
    if (delegates.join() === told) return
    await db.write((tx) => updateDelegates(tx, delegates))
    told = delegates.join()
  })
}

/**
 * What stands for the node in a process where it does not run: `off`, with the addresses that the process which runs it
 * has told, or its own before there was one.
 */
export async function openNodeElsewhere(
  off: IpfsNode,
  { kind, db, log }: { kind: IpfsNode['kind']; db: Database; log: Pick<Logger, 'warn'> },
): Promise<IpfsNode> {
  let known: readonly string[] = []
  const looking = await again(log, async () => {
    known = await findDelegates(db.read)
  })
  return {
    ...off,
    kind,
    delegates: () => (known.length === 0 ? off.delegates() : known),
    async close() {
      await looking.close()
      await off.close()
    },
  }
}

/** Does `look` now, which may throw, and then every other second. */
async function again(log: Pick<Logger, 'warn'>, look: () => Promise<void>): Promise<Ongoing> {
  await look()
  let looking: Promise<void> | undefined
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => log.warn({ err: error }, 'the addresses of the IPFS node could not be shared'))
      .finally(() => (looking = undefined))
  }, lookMs).unref()
  return {
    async close() {
      clearInterval(timer)
      await looking
    },
  }
}
