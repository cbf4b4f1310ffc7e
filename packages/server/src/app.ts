import { openInstallation, prepareSetup } from './accounts/installation.ts'
import { removeHeadDrafts } from './accounts/audit-head.ts'
import { openAuditSealer } from './accounts/audit-sealer.ts'
import { AuditWitness } from './accounts/audit-witness.ts'
import { Refusals } from './accounts/refusals.ts'
import { SignInFailures } from './accounts/sign-in-failures.ts'
import { Traffic } from './analytics/traffic.ts'
import { openDiskPacks } from './blobs/disk.ts'
import type { Config } from './config/config.ts'
import { openDataDir } from './data-dir.ts'
import { openDatabase, type DatabaseConfig } from './db/database.ts'
import { nameDamage } from './db/database-damaged.ts'
import { DiskReserve, withReserve } from './db/disk-reserve.ts'
import { openNotices } from './db/notices.ts'
import { openDenials } from './denials/denials.ts'
import { addDenylistMetrics } from './denials/lists/denylist-metrics.ts'
import { openEgressLimits } from './egress/egress-limits.ts'
import { EventFeed } from './events/event-feed.ts'
import { EventRelay } from './events/relay.ts'
import { proofsOf } from './gateways/domain-proof.ts'
import { ServedGateways } from './gateways/served-gateways.ts'
import { shareNotices } from './gateway-processes.ts'
import { builtConsole } from './http/console-files.ts'
import { listenMetrics } from './http/metrics-server.ts'
import { Images } from './images/images.ts'
import { Names, type NameSource } from './ipfs/names/names.ts'
import { systemNames } from './ipfs/names/system-source.ts'
import { DialPolicy } from './ipfs/node/dial-policy.ts'
import { openJobs } from './jobs/jobs.ts'
import { KeyCache } from './keys/key-cache.ts'
import { KeyRefusals } from './keys/key-refusals.ts'
import { KeyUses } from './keys/key-uses.ts'
import { openSigningKeys, removeKeyDrafts } from './keys/signing-keys.ts'
import { openValueKey } from './keys/value-key.ts'
import { AtWork } from './lib/at-work.ts'
import { systemClock, type Clock } from './lib/clock.ts'
import { Closers } from './lib/closers.ts'
import { Health } from './lib/health.ts'
import { createIdSource } from './lib/ids.ts'
import type { Logger } from './lib/log.ts'
import { createMetrics } from './lib/metrics.ts'
import { LinkBatch } from './links/link-batch.ts'
import { LinkUses } from './links/link-uses.ts'
import { BlocksInFlight } from './pins/blocks-in-flight.ts'
import { addDamageMetrics } from './pins/damage-metrics.ts'
import { openDamageWatch } from './pins/damage-watch.ts'
import { openLedgerMark } from './pins/ledger-mark.ts'
import { PinEnds } from './pins/pin-ends.ts'
import { openReclaimer } from './pins/reclaimer.ts'
import { recoverPins } from './pins/recover.ts'
import { PublicPlaces } from './pins/public-places.ts'
import { VerifiedBlocks } from './pins/verified-blocks.ts'
import { WriteFaults } from './pins/write-faults.ts'
import { openLists } from './open-lists.ts'
import { openIdentity } from './open-identity.ts'
import { PublishedNames } from './names/published-names.ts'
import { listening } from './open-listener.ts'
import { Listeners } from './open-listeners.ts'
import { nameNoRoom } from './no-room.ts'
import { openNode } from './open-node.ts'
import { openOpenMode } from './open-open-mode.ts'
import type { Services } from './services.ts'
import { takeNode, tellOfNode } from './share-node.ts'
import { QuotaRefusals } from './usage/quota-refusals.ts'
import { ActiveUploads } from './uploads/active-uploads.ts'
import { Reservations } from './usage/reservations.ts'
import { fanOut } from './webhooks/fan-out.ts'
import { aloneFor, handlersOf } from './worker/handlers.ts'

/** The program, opened. */
export interface App {
  readonly services: Services
  /** Present until set-up: its token, and where that is. */
  readonly setup: { readonly token: string; readonly tokenFile: string | undefined } | undefined
  /** Finishes what runs (for at most `patienceMs`), then closes everything in reverse. */
  close(patienceMs?: number): Promise<void>
}

/** Opens everything in order and listens; `consoleDir` is the folder of the console's build, `nameSource` says what names lead to, `gatewayProcesses` how many processes serve the gateway, this one among them. What was opened is closed again when a later part cannot be. */
export async function openApp(
  config: Config,
  log: Logger,
  {
    clock = systemClock,
    consoleDir = builtConsole,
    nameSource,
    gatewayProcesses = 1,
  }: { clock?: Clock; consoleDir?: string; nameSource?: NameSource; gatewayProcesses?: number } = {},
): Promise<App> {
  const closers = new Closers()
  try {
    const more = nameSource === undefined ? {} : { nameSource }
    return await open(config, log, { clock, consoleDir, gatewayProcesses, ...more }, closers)
  } catch (error) {
    await closers.close(0).catch((failure: unknown) => log.error({ err: failure }, 'closing after a failed start'))
    const named = nameNoRoom(error, config.dataDir)
    throw config.database.kind === 'sqlite' && named === error ? nameDamage(error, config.database.file) : named
  }
}

async function open(
  config: Config,
  log: Logger,
  {
    clock,
    consoleDir,
    nameSource,
    gatewayProcesses,
  }: { clock: Clock; consoleDir: string; nameSource?: NameSource; gatewayProcesses: number },
  // The lock of the directory is behind everything.
  closers: Closers,
): Promise<App> {
  const dataDir = await openDataDir(config, () => log.info('another process is starting here: waiting for it'))
  closers.push(() => dataDir.release())
  const newId = createIdSource(clock)
  const reserve = new DiskReserve(dataDir.path, log)
  closers.push(() => reserve.close())
  reserve.open()
  const place = ledgerPlace(config)
  const writeFaults = new WriteFaults({ clock, log })
  const auditWitness = new AuditWitness()
  const opened = withReserve(await openDatabase(place, { clock }), reserve)
  const pinEnds = new PinEnds()
  const db = pinEnds.ofDatabase(auditWitness.ofDatabase(writeFaults.ofDatabase(opened)))
  closers.push(() => db.close())
  const listeners = new Listeners()
  const notices = shareNotices(openNotices(place, log), (notice) => listeners.tell(notice))
  closers.push(() => notices.close())
  for (const warning of db.warnings) log.warn(warning)
  const packs = writeFaults.ofBlocks(
    await openDiskPacks({
      dir: dataDir.packs,
      writerId: dataDir.writers.id,
      // With PostgreSQL its disk is the operator's.
      ...(db.dialect === 'sqlite' ? { beside: { dir: dataDir.path, minFreeBytes: reserve.sizeBytes } } : {}),
      report: (fault) => log.error({ err: fault }, 'the pack store has a fault'),
    }),
  )
  closers.push(() => packs.close())
  closers.push(() => writeFaults.close())
  const installation = await openInstallation(db, { newId, clock })
  const lists = await openLists(config, { clock, log })
  closers.push(() => lists.close())
  const denials = await openDenials({ db, notices, log, lists })
  closers.push(() => denials.close())
  const egressLimits = await openEgressLimits({ db, clock, log, notices })
  closers.push(() => egressLimits.close())
  const health = new Health()
  const metrics = createMetrics()
  const verifiedBlocks = new VerifiedBlocks({})
  const nodeLock = takeNode(config, dataDir)
  closers.push(() => nodeLock?.release())
  const node = await openNode({ config, clock, log, health, db, packs, metrics, verifiedBlocks, denials }, dataDir)
  closers.push(() => node.close())
  // With SQLite there is nobody to tell.
  if (config.roles.includes('node') && db.dialect === 'postgres') {
    const telling = await tellOfNode(node, { db, clock, log })
    closers.push(() => telling.close())
  }
  const openBlocks = await openOpenMode({ config, node, log, metrics }, dataDir)
  closers.push(() => openBlocks?.close())
  const source =
    nameSource ??
    systemNames({
      gateways: config.ipfs.gateways,
      dnslink: config.gateway.dnslink !== 'off',
      dnsServers: config.ipfs.dnsServers,
      node,
    })
  const identity = await openIdentity(config, { clock, log })
  closers.push(() => identity?.close())
  const urls = { api: '', gateway: '' }
  const refusals = new Refusals({ db, log, newId, clock })
  const atWork = new AtWork()
  const services: Services = {
    config,
    clock,
    newId,
    log,
    health,
    db,
    packs,
    denials,
    egressLimits,
    metrics,
    atWork,
    blocksInFlight: new BlocksInFlight({ atWork }),
    verifiedBlocks,
    publicPlaces: new PublicPlaces(db),
    openBlocks,
    servedGateways: new ServedGateways({ db, clock, proofs: proofsOf(config) }),
    images: new Images((multihash) => denials.isDenied(multihash), {
      workers: config.images.workers,
      cacheBytes: Math.floor(config.images.cacheBytes / config.gateway.processes),
    }),
    writeFaults,
    node,
    signingKeys: await openSigningKeys(dataDir.keys, clock, {
      notices,
      onFault: (error) => log.error({ err: error }, 'signing keys that another process made could not be read'),
    }),
    keyCache: new KeyCache({ db, notices }),
    keyUses: new KeyUses({ db, log }),
    identity,
    auditWitness,
    linkBatch: new LinkBatch(db),
    linkUses: new LinkUses({ db, log }),
    refusals,
    keyRefusals: new KeyRefusals({ db, log, clock }),
    signInFailures: new SignInFailures({ db, clock, refusals, limit: config.rateLimits['sign-in'] }),
    reservations: new Reservations(),
    quotaRefusals: new QuotaRefusals({ db, clock, log }),
    activeUploads: new ActiveUploads(),
    valueKey: await openValueKey(dataDir.keys),
    // No peer proves its id here, so loopback is as private as any other range.
    dialPolicy: new DialPolicy({ network: 'public', dialPrivate: config.ipfs.dialPrivate }),
    eventFeed: new EventFeed({ notices }),
    names: new Names({ source, clock, own: new PublishedNames(db) }),
    traffic: new Traffic({ db, clock, log, egressLimits }),
    installation: {
      id: installation.id,
      // Known once the listeners have their ports.
      get apiUrl() {
        return urls.api
      },
      get gatewayUrl() {
        return urls.gateway
      },
    },
  }
  const { images, keyUses, keyRefusals, quotaRefusals, linkUses, traffic } = services
  for (const part of [images, keyUses, keyRefusals, quotaRefusals, linkUses, traffic, refusals])
    closers.push(() => part.close())
  // First to open and last to close of the listeners: it tells of recovery and of drain.
  if (config.metricsListen !== undefined) {
    const { metricsListen } = config
    const listener = await listening('PINYON_METRICS_LISTEN', () => listenMetrics(services, metricsListen))
    closers.push((patienceMs) => listener.close(patienceMs))
  }
  const { roles } = config
  const { writers } = dataDir
  await recoverPins(services, { dir: dataDir.packs, writers })
  const mark = openLedgerMark(services, { dir: dataDir.packs })
  closers.push(() => mark.close())
  const isAlone = db.dialect === 'sqlite'
  await removeHeadDrafts(dataDir.path, { isAlone })
  await removeKeyDrafts(dataDir.keys, { isAlone })
  const sealer = openAuditSealer(services)
  closers.push(() => sealer.close())
  const damageWatch = await openDamageWatch(services)
  closers.push(() => damageWatch.close())
  addDamageMetrics(services)
  addDenylistMetrics(metrics, lists)
  writeFaults.addMetrics(metrics)
  // Whoever may write packs: each process compacts its own.
  if (roles.some((role) => role !== 'gateway')) {
    const takeLock = () => dataDir.takeLock('reclaim')
    const reclaimer = openReclaimer(services, { writers, pinEnds, others: atWork, takeLock })
    closers.push(() => reclaimer.close())
  }
  if (roles.includes('worker')) {
    const relay = new EventRelay({
      db,
      clock,
      log,
      notices,
      handOn: (tx, events) => fanOut(tx, services, events),
      onPlaced: (accountIds) => services.eventFeed.wake(accountIds),
    })
    services.eventFeed.onListening(() => relay.wake())
    closers.push(() => relay.close())
  }
  const handlers = handlersOf(services, { roles, writers })
  const alone = aloneFor(handlers, { isAlone, hasNode: nodeLock !== undefined })
  const jobs = await openJobs({ db, clock, log, handlers, aloneFor: alone })
  closers.push((patienceMs) => jobs.close(patienceMs))
  const setup = roles.includes('api') ? await prepareSetup(db, dataDir.path, config.setupToken?.reveal()) : undefined
  dataDir.letOthersStart()

  closers.push((patienceMs) => {
    // Those who follow events would be waited for.
    services.eventFeed.close()
    return listeners.close(patienceMs)
  })
  await listeners.open(services, { urls, consoleDir, gatewayProcesses })
  health.enter('ready')
  return {
    services,
    setup,
    async close(patienceMs = 0) {
      health.enter('draining')
      await closers.close(patienceMs)
    },
  }
}

function ledgerPlace({ database }: Config): DatabaseConfig {
  return database.kind === 'sqlite' ? database : { kind: 'postgres', url: database.url.reveal() }
}
