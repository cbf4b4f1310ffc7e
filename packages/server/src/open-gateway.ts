import { join } from 'node:path'
import { TrafficCounts } from './analytics/traffic-counts.ts'
import { openDiskPacks } from './blobs/disk.ts'
import type { Config } from './config/config.ts'
import { Secret } from './config/secret.ts'
import { openDatabase } from './db/database.ts'
import type { Notices } from './db/notices.ts'
import { openDenials } from './denials/denials.ts'
import { openEgressLimits } from './egress/egress-limits.ts'
import type { GatewayReport, GatewayStart } from './gateway-messages.ts'
import { proofsOf } from './gateways/domain-proof.ts'
import { ServedGateways } from './gateways/served-gateways.ts'
import { Images } from './images/images.ts'
import { Names } from './ipfs/names/names.ts'
import { systemNames } from './ipfs/names/system-source.ts'
import type { IpfsNode } from './ipfs/node/node.ts'
import { openSigningKeys } from './keys/signing-keys.ts'
import { AtWork } from './lib/at-work.ts'
import { systemClock } from './lib/clock.ts'
import { Health } from './lib/health.ts'
import { createIdSource } from './lib/ids.ts'
import type { Logger } from './lib/log.ts'
import { createMetrics } from './lib/metrics.ts'
import { metricsIncrements } from './lib/metrics-increments.ts'
import type { LinkUses } from './links/link-uses.ts'
import { PublishedNames } from './names/published-names.ts'
import type { OpenBlocks } from './open-mode/open-blocks.ts'
import { PublicPlaces } from './pins/public-places.ts'
import { VerifiedBlocks } from './pins/verified-blocks.ts'
import { openLists } from './open-lists.ts'
import type { GatewayServices } from './services.ts'
import { ChangingIdentity } from './tls/server-identity.ts'

/** The main process and every process of the gateway keep bytes: together they should stay small. */
const verifiedBytes = 32 * 1024 * 1024
/** Connections to PostgreSQL of one process of the gateway. */
const connections = 4

/** What a process of the gateway has opened: it reads, and what is to be written it tells the main process. */
export interface OpenedGateway {
  readonly services: GatewayServices
  readonly identity: ChangingIdentity | undefined
  /** What happened since it was asked before. */
  report(): Promise<GatewayReport>
  close(): Promise<void>
}

/** Opens database and packs for reading, and what else the gateway needs. They must be there: the main process made them. */
export async function openGateway(
  start: GatewayStart,
  {
    log,
    notices,
    linkUses,
    openBlocks,
    node,
  }: {
    log: Logger
    notices: Notices
    linkUses: Pick<LinkUses, 'count'>
    openBlocks: OpenBlocks
    node: Pick<IpfsNode, 'findRecord'>
  },
): Promise<OpenedGateway> {
  const config = configOf(start)
  const clock = systemClock
  const place = start.database.kind === 'sqlite' ? start.database : { ...start.database, connections }
  const db = await openDatabase(place, { clock, readOnly: true })
  const packs = await openDiskPacks({ dir: join(config.dataDir, 'packs'), readOnly: true })
  const lists = await openLists(config, { clock, log })
  const denials = await openDenials({ db, notices, log, lists })
  const egressLimits = await openEgressLimits({ db, clock, log, notices })
  const metrics = createMetrics()
  const increments = metricsIncrements(metrics)
  const verifiedBlocks = new VerifiedBlocks({ maxBytes: verifiedBytes })
  const traffic = new TrafficCounts(clock)
  const identity = start.pair === undefined ? undefined : new ChangingIdentity(start.pair)
  const services: GatewayServices = {
    config,
    clock,
    newId: createIdSource(clock),
    log,
    health: new Health(),
    metrics,
    db,
    packs,
    denials,
    atWork: new AtWork(),
    egressLimits,
    verifiedBlocks,
    publicPlaces: new PublicPlaces(db),
    openBlocks: config.gateway.open === undefined ? undefined : openBlocks,
    servedGateways: new ServedGateways({ db, clock, proofs: proofsOf(config) }),
    signingKeys: await openSigningKeys(join(config.dataDir, 'keys'), clock, {
      notices,
      onFault: (error) => log.error({ err: error }, 'signing keys that the main process made could not be read'),
    }),
    identity: identity && { pair: identity.pair, onChange: (listener) => identity.onChange(listener), close() {} },
    images: new Images((multihash) => denials.isDenied(multihash), config.images),
    linkUses,
    names: new Names({
      source: systemNames({
        gateways: config.ipfs.gateways,
        dnslink: config.gateway.dnslink !== 'off',
        dnsServers: config.ipfs.dnsServers,
        node,
      }),
      clock,
      own: new PublishedNames(db),
    }),
    traffic,
  }
  return {
    services,
    identity,
    async report() {
      const { counted, egress, lost } = traffic.take()
      if (lost > 0) log.warn({ requests: lost }, 'more was asked for at the gateway than could be counted')
      return { traffic: counted, egress, damaged: verifiedBlocks.takeFound(), increments: await increments() }
    },
    async close() {
      services.images.close()
      await egressLimits.close()
      await denials.close()
      await lists.close()
      await packs.close()
      await db.close()
    },
  }
}

function configOf({ config, database }: GatewayStart): Config {
  return {
    ...config,
    setupToken: undefined,
    database: database.kind === 'sqlite' ? database : { kind: 'postgres', url: new Secret(database.url) },
  }
}
