import { renderAnnouncement } from './announcement.ts'
import { openApp } from './app.ts'
import { ConfigError } from './config/config-error.ts'
import { readConfig } from './config/read-config.ts'
import { DatabaseDamaged } from './db/database-damaged.ts'
import { DatabaseUnreachable } from './db/database-unreachable.ts'
import { armFailpoint } from './lib/failpoint.ts'
import { boundHeapGrowth } from './lib/heap-growth.ts'
import { openLog } from './lib/log.ts'
import { urlOf } from './open-listener.ts'
import { LedgerRefused } from './pins/recover.ts'

/** How long running requests may take to finish after a signal. */
const drainMs = 30_000

async function main(): Promise<void> {
  const terminal = process.stdout.isTTY === true
  const config = readConfig(process.env, { cwd: process.cwd(), terminal })
  const log = openLog(config.log)
  if (config.failpoint !== undefined)
    log.warn({ failpoint: config.failpoint }, 'this process breaks on purpose: PINYON_FAILPOINT is set')
  armFailpoint(config.failpoint)
  const app = await openApp(config, log, { gatewayProcesses: config.gateway.processes })
  boundHeapGrowth()

  let closing: Promise<void> | undefined
  let firstSignalAt = 0
  const close = (signal: string) => {
    if (closing === undefined) {
      firstSignalAt = performance.now()
      log.info({ signal }, 'draining: running requests finish, new ones are refused')
      closing = app.close(drainMs).then(
        () => process.exit(0),
        (error: unknown) => {
          log.fatal({ err: error }, 'could not close cleanly')
          process.exit(1)
        },
      )
    } else if (performance.now() - firstSignalAt > 5_000) {
      log.warn({ signal }, 'second signal: ending at once')
      process.exit(1)
    }
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => close(signal))
  // A log that nobody reads any more must not end the service.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  process.on('unhandledRejection', (error) => {
    app.services.metrics.internalErrors.inc()
    log.error({ err: error }, 'a rejection that nobody handled')
  })
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an exception that nobody caught: ending')
    process.exit(1)
  })
  const { apiUrl, gatewayUrl } = app.services.installation
  const { roles } = config
  log.info({ roles, api: apiUrl, gateway: gatewayUrl }, 'ready')
  if (!terminal && app.setup === undefined) return
  // On stderr, which is not the log: what is said may hold a secret.
  const isTerminal = process.stderr.isTTY === true
  // A proxy in front may not run yet, nor be reached from here.
  const isBehind = config.api.url !== undefined && config.tls.kind === 'off' && config.api.listen.port !== 0
  const localUrl = isBehind ? urlOf(config, config.api.listen) : apiUrl
  process.stderr.write(renderAnnouncement({ roles, apiUrl, gatewayUrl, localUrl, setup: app.setup, isTerminal }))
}

try {
  await main()
} catch (error) {
  const forOperator = [ConfigError, LedgerRefused, DatabaseDamaged, DatabaseUnreachable]
  if (error instanceof Error && forOperator.some((kind) => error instanceof kind))
    process.stderr.write(`\nPinyon cannot start: ${error.message}\n\n`)
  else
    process.stderr.write(
      `\nPinyon cannot start:\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n\n`,
    )
  process.exit(1)
}
