// A process of the gateway: `gateway-processes.ts` starts it, tells it what to do, and ends it.
import type { Server } from 'node:net'
import { AskedRecords } from './asked-records.ts'
import type { Notices, NoticeListener } from './db/notices.ts'
import type { FromGateway, GatewayStart, ToGateway } from './gateway-messages.ts'
import { listenGateway } from './gateway/server.ts'
import type { Listening } from './http/server.ts'
import { AppError } from './lib/errors.ts'
import { boundHeapGrowth } from './lib/heap-growth.ts'
import { openLog, type Logger } from './lib/log.ts'
import type { LinkUses } from './links/link-uses.ts'
import { openGateway, type OpenedGateway } from './open-gateway.ts'
import { ToldOpenBlocks } from './told-open-blocks.ts'

/** What happened is told this often, and so often while somebody has a quota of egress. */
const reportMs = { usual: 1_000, limited: 250 } as const

/** Has the main process count the uses of links: it alone writes. */
class ToldLinkUses implements Pick<LinkUses, 'count'> {
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>()
  #asks = 0

  count(link: Parameters<LinkUses['count']>[0], at: number): Promise<void> {
    const ask = ++this.#asks
    const counted = Promise.withResolvers<void>()
    this.#waiting.set(ask, counted)
    tell({ kind: 'count-link', ask, link: { id: link.id, max_uses: link.max_uses }, at })
    return counted.promise
  }

  answered({ ask, refused }: Extract<ToGateway, { kind: 'counted' }>): void {
    const waiting = this.#waiting.get(ask)
    this.#waiting.delete(ask)
    if (refused === undefined) waiting?.resolve()
    else waiting?.reject(new AppError(refused.code, refused.message))
  }
}

const listeners: NoticeListener[] = []
const notices: Notices = {
  tell: () => undefined,
  on: (listener) => void listeners.push(listener),
  close: async () => undefined,
}
const linkUses = new ToldLinkUses()
const openBlocks = new ToldOpenBlocks(tell)
const node = new AskedRecords(tell)
let log: Logger | undefined
let gateway: OpenedGateway | undefined
let listening: Listening | undefined

process.on('message', (message: ToGateway, socket: unknown) => {
  switch (message.kind) {
    case 'start':
      open(message).catch(end)
      break
    case 'listen':
      // At once: from here on the socket gives this process connections.
      if (gateway !== undefined) listen(gateway, socket as Server).catch(end) // what comes with it
      break
    case 'pair':
      gateway?.identity?.change(message.pair)
      break
    case 'notice':
      for (const listener of listeners) listener(message.notice)
      break
    case 'counted':
      linkUses.answered(message)
      break
    case 'opened-block':
      openBlocks.answered(message)
      break
    case 'found-record':
      node.found(message)
      break
    case 'drain':
      drain(message.patienceMs).catch(end)
      break
  }
})
// The main process is gone, and with it whoever could write down what happens here.
process.on('disconnect', () => process.exit(0))
// A terminal signals all processes of its group: the main process says when it is time.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
process.on('unhandledRejection', (error) => {
  gateway?.services.metrics.internalErrors.inc()
  log?.error({ err: error }, 'a rejection that nobody handled')
})
process.on('uncaughtException', end)

async function open(start: GatewayStart): Promise<void> {
  log = openLog(start.config.log).child({ gateway: start.number })
  gateway = await openGateway(start, { log, notices, linkUses, openBlocks, node })
  tell({ kind: 'opened' })
}

async function listen(opened: OpenedGateway, socket: Server): Promise<void> {
  const { services } = opened
  services.health.enter('ready')
  listening = await listenGateway(services, { socket })
  boundHeapGrowth()
  reportSoon(opened)
  tell({ kind: 'ready' })
}

function reportSoon(opened: OpenedGateway): void {
  const ms = opened.services.egressLimits.isLimited ? reportMs.limited : reportMs.usual
  setTimeout(() => void report(opened).finally(() => reportSoon(opened)), ms).unref()
}

async function drain(patienceMs: number): Promise<void> {
  if (gateway !== undefined) {
    gateway.services.health.enter('draining')
    await listening?.close(patienceMs)
    await report(gateway)
    await gateway.close()
  }
  process.disconnect()
}

async function report(opened: OpenedGateway): Promise<void> {
  const told = await opened.report()
  if (told.traffic.length + told.egress.length + told.increments.length + told.damaged.length > 0)
    tell({ kind: 'report', report: told })
}

function tell(message: FromGateway): void {
  // Without a main process this one ends by itself.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

function end(error: unknown): void {
  log?.fatal({ err: error }, 'a process of the gateway ends')
  process.exit(1)
}
