import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from '../lib/log.ts'
import type { DatabaseConfig } from './interface.ts'

/** What has changed: which kind of thing, and which one. */
export interface Notice {
  readonly kind: string
  readonly subject: string
}

/** Told what other processes say; `missed` when some of it may not have come through. */
export type NoticeListener = (notice: Notice | 'missed') => void

/**
 * What processes of one installation tell each other: mostly within milliseconds, without a promise. Who must know for
 * certain asks the database as well, now and then.
 */
export interface Notices {
  /** Tells the others. Never throws and never waits; what cannot be told now is not told. */
  tell(notice: Notice): void
  /** Has `listener` called for everything that others tell, until this is closed. */
  on(listener: NoticeListener): void
  close(): Promise<void>
}

const channel = 'pinyon'
const connectMs = 5_000
/** A connection that is gone without a word is noticed after this time. */
const askMs = 5_000
const waitMs = { first: 100, most: 2_000 } as const

/** Opens what processes tell each other by: LISTEN and NOTIFY of PostgreSQL. With SQLite there is nobody to tell. */
export function openNotices(config: DatabaseConfig, log: Pick<Logger, 'warn'>): Notices {
  return config.kind === 'postgres' ? new PostgresNotices(config.url, log) : nobodyElse
}

/** For where there is one process. */
export const nobodyElse: Notices = { tell: () => undefined, on: () => undefined, close: async () => undefined }

class PostgresNotices implements Notices {
  readonly #url: string
  readonly #log: Pick<Logger, 'warn'>
  /** One's own notices come back as well. */
  readonly #from = randomBytes(8).toString('hex')
  readonly #listeners: NoticeListener[] = []
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #asking: Promise<void> = Promise.resolve()
  /** Undefined while there is no connection. */
  #client: pg.Client | undefined

  constructor(url: string, log: Pick<Logger, 'warn'>) {
    this.#url = url
    this.#log = log
    this.#running = this.#run()
  }

  tell(notice: Notice): void {
    const text = JSON.stringify({ ...notice, from: this.#from })
    if (this.#client !== undefined) void this.#ask(this.#client, 'select pg_notify($1, $2)', [channel, text])
  }

  on(listener: NoticeListener): void {
    this.#listeners.push(listener)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#client?.end()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    for (let wait: number = waitMs.first; !signal.aborted; wait = Math.min(2 * wait, waitMs.most)) {
      try {
        await this.#listen(() => (wait = waitMs.first))
      } catch (error) {
        if (!signal.aborted) this.#log.warn({ err: error }, 'what other processes tell cannot be heard; trying again')
      }
      this.#client = undefined
      if (!signal.aborted) await setTimeout(wait, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Resolves or rejects when the connection has ended. */
  async #listen(onConnected: () => void): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: connectMs,
      query_timeout: askMs,
      keepAlive: true,
      application_name: 'pinyon notices',
    })
    const ended = new Promise<void>((resolve) => client.once('end', resolve))
    let fault: Error | undefined
    client.on('error', (error) => {
      fault = error
      void client.end()
    })
    client.on('notification', ({ payload = '' }) => this.#hear(payload))
    let asking: NodeJS.Timeout | undefined
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      if (this.#stop.signal.aborted) return
      this.#client = client
      onConnected()
      this.#emit('missed')
      asking = setInterval(() => void this.#ask(client, 'select 1'), askMs).unref()
      await ended
      if (fault !== undefined) throw fault
    } finally {
      clearInterval(asking)
      await client.end().catch(() => undefined)
    }
  }

  /** One statement after another, as the driver wants it. When one fails, the connection is made anew. */
  #ask(client: pg.Client, text: string, values: readonly string[] = []): Promise<void> {
    const ask = this.#asking.then(async () => void (await client.query(text, [...values])))
    this.#asking = ask.catch(() => client.end()).catch(() => undefined)
    return this.#asking
  }

  #hear(payload: string): void {
    try {
      const { from, kind, subject } = JSON.parse(payload) as Notice & { from: string } // written by `tell`
      if (from !== this.#from) this.#emit({ kind, subject })
    } catch {
      // Not ours: anybody with the database may use the channel.
    }
  }

  #emit(notice: Notice | 'missed'): void {
    for (const listener of this.#listeners) listener(notice)
  }
}
