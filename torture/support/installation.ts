import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setUp, startServer, type StartOptions, type TestServer } from '../../acceptance/support/server.ts'
import { check } from '../check/check.ts'
import { checkLedger } from '../check/ledger.ts'
import { verifyStored } from '../check/stored.ts'
import { Driver, type Account } from '../load/driver.ts'
import { History } from '../load/history.ts'
import { ownerPassword } from '../load/people.ts'
import { keepLog } from './keep-log.ts'
import type { Random } from './random.ts'
import { waitedForProcessorMs } from './waited-for-processor.ts'

/** An installation under test: a data directory, the process that serves it now, and the history of what was asked of it. */
export interface Installation {
  readonly dataDir: string
  /** Of PostgreSQL; left out: the database is in its directory. */
  readonly databaseUrl: string | undefined
  readonly driver: Driver
  /** The process of now, or the last one. */
  readonly server: TestServer
  /** How long each start took until it was ready, without what it waited for a processor. */
  readonly startsMs: number[]
  /** Starts it again. Throws with the words of the process when it does not become ready by itself. */
  start(more?: StartOptions): Promise<void>
  /**
   * As `check` does, and what is seen from inside: the ledger recounted, that it became ready in time (I8), that no
   * secret is in its log (I12), and with `all` every stored block held against its hash.
   */
  check(options?: { all?: boolean }): Promise<string[]>
  /** Ends the process at once. */
  close(): Promise<void>
}

/** It must be ready by itself so soon after any fault (I8). */
const readyWithinMs = 30_000

/** The load is not to be slowed down, its webhooks lead to this machine, and strangers ask for accounts. */
const settings = { PINYON_RATE_LIMITS: 'off', PINYON_SIGNUP: 'request', PINYON_DIAL_PRIVATE: '127.0.0.0/8' }

/** Makes a new installation in `dataDir` with three accounts, and a driver to load it with. */
export async function openInstallation(
  { dir, random }: { dir: string; random: Random },
  options: StartOptions = {},
): Promise<Installation> {
  const dataDir = options.dataDir ?? join(dir, 'data')
  await mkdir(dataDir, { recursive: true })
  const begin = async (more: StartOptions = {}) => {
    const begun = await startServer({ ...options, ...more, dataDir, env: { ...settings, ...options.env, ...more.env } })
    keepLog(begun.process)
    return begun
  }
  let server = await begin()
  const startsMs: number[] = []
  const owner = await setUp(server)
  const history = new History()
  history.secrets.add(owner.JWT).add(owner.pinata_api_secret).add(ownerPassword)
  const driver = new Driver({ history, random, accounts: [], urls: server })
  driver.accounts.push({ id: '', email: 'owner@example.test', JWT: owner.JWT })
  for (const name of ['second', 'third']) driver.accounts.push(await makeAccount(driver, name))
  const databaseUrl = options.env?.['PINYON_DATABASE_URL']
  return {
    dataDir,
    databaseUrl,
    driver,
    startsMs,
    get server() {
      return server
    },
    async start(more) {
      await server.kill()
      const startedAt = performance.now()
      server = await begin(more)
      startsMs.push(performance.now() - startedAt - waitedForProcessorMs(server.process.pid))
      driver.urls = server
    },
    async check({ all = false } = {}) {
      const tookMs = startsMs.at(-1) ?? 0
      const late = tookMs > readyWithinMs ? [`ready only after ${Math.round(tookMs)} ms (I8)`] : []
      const place = { dataDir, databaseUrl }
      const found = [...late, ...(await check(driver, { all })), ...(await checkLedger(place, { all }))]
      const log = server.output()
      const told = [...history.secrets]
        .filter((secret) => log.includes(secret))
        .map(() => 'a secret is in the log (I12)')
      return [...found, ...told, ...(all ? await verifyStored(place) : [])]
    },
    close: () => server.kill(),
  }
}

async function makeAccount(driver: Driver, name: string): Promise<Account> {
  const email = `${name}@example.test`
  const made = await driver.ask({ method: 'POST', path: '/pinyon/v1/accounts', json: { name, email } })
  const token = made?.body.invite?.token as string | undefined
  const json = { token, password: ownerPassword }
  const accepted = await driver.ask({ method: 'POST', path: '/pinyon/v1/invites/accept', json, as: 'none' })
  if (accepted?.status !== 201) throw new Error(`the account ${name} could not be made: ${accepted?.text}`)
  const { account, key } = accepted.body
  driver.history.secrets.add(key.JWT).add(key.pinata_api_secret)
  return { id: account.id, email, JWT: key.JWT }
}
