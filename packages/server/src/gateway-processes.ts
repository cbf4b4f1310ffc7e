import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { Gauge } from '@prometheus-io/client'
import type { Notice, Notices } from './db/notices.ts'
import type { FromGateway, GatewayStart, ToGateway } from './gateway-messages.ts'
import { AppError } from './lib/errors.ts'
import { addIncrements } from './lib/metrics-increments.ts'
import type { Services } from './services.ts'
import { OpenBlocksFor } from './told-open-blocks.ts'

const program = join(import.meta.dirname, 'gateway-process.ts')
/** One that ended is replaced at once, unless it lived for less than this: then after a time that doubles. */
const livedMs = 10_000
const waitMs = { first: 500, most: 30_000 } as const
/** One that does not end by itself is ended after this, beyond the patience that it was given. */
const graceMs = 2_000
/** Nobody waits longer for the record of a name (`ipfs/names/names.ts`). */
const findRecordMs = 20_000

type MainServices = Pick<
  Services,
  'config' | 'log' | 'metrics' | 'traffic' | 'verifiedBlocks' | 'linkUses' | 'openBlocks' | 'identity' | 'node'
>

/**
 * Processes that serve the gateway beside the main one, on the same listening socket: whoever is free takes a
 * connection, and one that waits is lost with none of them. They read the database and the packs themselves; what is to
 * be written (counts, uses of links, damage) they tell the main process. One that ends is replaced.
 */
export class GatewayProcesses {
  readonly #services: MainServices
  readonly #socket: Server
  readonly #members = new Set<Member>()
  readonly #forget: (() => void) | undefined
  #isClosing = false

  /** Starts `count` of them for a socket that the main process listens on. */
  constructor(services: MainServices, { count, socket }: { count: number; socket: Server }) {
    this.#services = services
    this.#socket = socket
    for (let number = 1; number <= count; number++) this.#start(number, waitMs.first)
    this.#forget = services.identity?.onChange((pair) => this.#tell({ kind: 'pair', pair }))
    const members = this.#members
    const gauge: Gauge = new Gauge({
      name: 'pinyon_gateway_processes',
      help: 'Processes that serve the gateway now, the main one among them.',
      registers: [services.metrics.registry],
      collect: () => gauge.set(1 + [...members].filter(({ isReady }) => isReady).length),
    })
  }

  /** Hands on what processes of the installation tell each other. */
  tell(notice: Notice | 'missed'): void {
    this.#tell({ kind: 'notice', notice })
  }

  /** Lets each finish what it has, for at most `patienceMs`, and takes what it has counted. */
  async close(patienceMs: number): Promise<void> {
    this.#isClosing = true
    this.#forget?.()
    await Promise.all(
      [...this.#members].map(async ({ child }) => {
        const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs + graceMs)
        const ended = once(child, 'exit')
        if (!send(child, { kind: 'drain', patienceMs })) child.kill('SIGKILL')
        await ended
        clearTimeout(timer)
      }),
    )
  }

  #start(number: number, wait: number): void {
    // Advanced: bytes travel as bytes.
    const child = fork(program, [], { serialization: 'advanced', execArgv: [] })
    const openBlocks = new OpenBlocksFor(this.#services.openBlocks, {
      tell: (message) => void send(child, message),
      onFault: (error) => this.#services.log.error({ err: error }, 'a block could not be fetched for the gateway'),
    })
    const member: Member = { child, number, openBlocks, isReady: false }
    this.#members.add(member)
    const startedAt = performance.now()
    child.on('message', (message) => this.#hear(member, message as FromGateway)) // what it sends
    child.on('error', (error) => this.#services.log.error({ err: error, gateway: number }, 'a process of the gateway'))
    child.once('exit', (code, signal) => {
      openBlocks.close()
      this.#members.delete(member)
      if (this.#isClosing) return
      const isNew = performance.now() - startedAt < livedMs
      this.#services.log.warn(
        { gateway: number, code, signal },
        'a process of the gateway ended: another one is started',
      )
      if (!isNew) return this.#start(number, waitMs.first)
      setTimeout(() => {
        if (!this.#isClosing) this.#start(number, Math.min(2 * wait, waitMs.most))
      }, wait).unref()
    })
    send(child, startOf(this.#services, number))
  }

  #hear(member: Member, message: FromGateway): void {
    const { metrics, traffic, verifiedBlocks } = this.#services
    switch (message.kind) {
      case 'opened':
        member.child.send({ kind: 'listen' } satisfies ToGateway, this.#socket, { keepOpen: true }, () => undefined)
        break
      case 'ready':
        member.isReady = true
        this.#services.log.info({ gateway: member.number, pid: member.child.pid }, 'a process of the gateway serves')
        break
      case 'report':
        addIncrements(metrics, message.report.increments)
        for (const counted of message.report.traffic) traffic.add(counted)
        traffic.addEgress(message.report.egress)
        for (const multihash of message.report.damaged) verifiedBlocks.markDamaged(multihash)
        break
      case 'open-block':
        void member.openBlocks.answer(message)
        break
      case 'leave-block':
        member.openBlocks.leave(message)
        break
      case 'count-link':
        void this.#countLink(member.child, message)
        break
      case 'find-record':
        void this.#findRecord(member.child, message)
        break
    }
  }

  async #countLink(
    child: ChildProcess,
    { ask, link, at }: Extract<FromGateway, { kind: 'count-link' }>,
  ): Promise<void> {
    try {
      await this.#services.linkUses.count(link, at)
      send(child, { kind: 'counted', ask })
    } catch (error) {
      if (!(error instanceof AppError)) this.#services.log.error({ err: error }, 'a use of a link could not be counted')
      const { code, message } =
        error instanceof AppError ? error : new AppError('internal', 'The use of this link could not be counted.')
      send(child, { kind: 'counted', ask, refused: { code, message } })
    }
  }

  async #findRecord(
    child: ChildProcess,
    { ask, multihash }: Extract<FromGateway, { kind: 'find-record' }>,
  ): Promise<void> {
    const { node, log } = this.#services
    let record: Uint8Array | undefined
    try {
      record = await node.findRecord(multihash, AbortSignal.timeout(findRecordMs))
    } catch (error) {
      log.debug({ err: error }, 'the network could not be asked for the record of a name')
    }
    send(child, { kind: 'found-record', ask, record })
  }

  #tell(message: ToGateway): void {
    for (const { child } of this.#members) send(child, message)
  }
}

interface Member {
  readonly child: ChildProcess
  readonly number: number
  readonly openBlocks: OpenBlocksFor
  isReady: boolean
}

/** Notices of a process that has others beside it: what is told and what is heard, they hear as well. */
export function shareNotices(notices: Notices, tellGateways: (notice: Notice | 'missed') => void): Notices {
  notices.on(tellGateways)
  return {
    tell(notice) {
      notices.tell(notice)
      tellGateways(notice)
    },
    on: (listener) => notices.on(listener),
    close: () => notices.close(),
  }
}

function startOf({ config, identity }: MainServices, number: number): GatewayStart {
  const { database, setupToken: _secret, ...rest } = config
  return {
    kind: 'start',
    number,
    config: rest,
    database: database.kind === 'sqlite' ? database : { kind: 'postgres', url: database.url.reveal() },
    pair: identity?.pair,
  }
}

/** False when it is gone. */
function send(child: ChildProcess, message: ToGateway): boolean {
  return child.connected && child.send(message, () => undefined)
}
