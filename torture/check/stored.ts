import { verify } from '@pinyon/server/admin.ts'
import type { LedgerPlace } from './ledger.ts'

/** Holds every stored block against its hash, as `./pinyon admin verify --all` does beside a server (I2, I3). */
export async function verifyStored({ dataDir, databaseUrl }: LedgerPlace): Promise<string[]> {
  const env = databaseUrl === undefined ? {} : { PINYON_DATABASE_URL: databaseUrl }
  const report = await verify({ env, dataDir, apiUrl: undefined }, { all: true })
  return report.damaged.map(({ cid, pack, reason }) => `the block ${cid} in ${pack} is ${reason} (I3)`)
}
