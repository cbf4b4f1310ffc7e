import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Permissions } from '@pinyon/contract/permissions.ts'
import { inject, onTestFinished } from 'vitest'
import { openInstallation, prepareSetup } from '../../src/accounts/installation.ts'
import { Refusals } from '../../src/accounts/refusals.ts'
import { SignInFailures } from '../../src/accounts/sign-in-failures.ts'
import type { Caller, RequestOrigin } from '../../src/caller.ts'
import type { Config } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { openDatabase, type Database } from '../../src/db/database.ts'
import { createKey, type CreateKeyInput, type ShownKey } from '../../src/keys/create-key.ts'
import { KeyCache } from '../../src/keys/key-cache.ts'
import { KeyRefusals } from '../../src/keys/key-refusals.ts'
import { KeyUses } from '../../src/keys/key-uses.ts'
import { setUp } from '../../src/keys/set-up.ts'
import { openSigningKeys } from '../../src/keys/signing-keys.ts'
import { verifyKey } from '../../src/keys/verify-key.ts'
import { createIdSource } from '../../src/lib/ids.ts'
import { openLog } from '../../src/lib/log.ts'
import { createDatabase } from './postgres.ts'

/** What accounts and keys work with, on a real database with a clock that tests move. */
export type Domain = Awaited<ReturnType<typeof makeDomain>>

/** Where the requests of these tests come from. */
export const testOrigin: RequestOrigin = { requestId: 'test', address: '192.0.2.1', agent: 'test' }

const testPassword = 'correct horse battery'

/** Opens an empty installation; everything is gone after the test. */
export async function openDomain(dialect: Database['dialect'] = 'sqlite'): Promise<Domain> {
  const domain = await makeDomain(dialect)
  onTestFinished(() => domain.close())
  return domain
}

/** Opens an empty installation for several tests; it must be closed. */
export async function makeDomain(dialect: Database['dialect'] = 'sqlite') {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-test-'))
  const clock = new TestClock()
  const newId = createIdSource(clock)
  const log = openLog({ level: 'silent', readable: false })
  const db = await openDatabase(
    dialect === 'sqlite'
      ? { kind: 'sqlite', file: join(dir, 'pinyon.db') }
      : { kind: 'postgres', url: await createDatabase(inject('postgresUrl')), connections: 20 },
    { clock },
  )
  const installation = await openInstallation(db, { newId, clock })
  const setup = await prepareSetup(db, dir, undefined)
  if (setup === undefined) throw new Error('A new installation is not set up')
  const config: Config = readConfig({ PINYON_DATA_DIR: dir }, { cwd: dir, terminal: false })
  const keyUses = new KeyUses({ db, log })
  const refusals = new Refusals({ db, log, newId, clock })
  const services = {
    config,
    clock,
    newId,
    log,
    db,
    keyCache: new KeyCache({ db }),
    keyUses,
    refusals,
    keyRefusals: new KeyRefusals({ db, log, clock }),
    signingKeys: await openSigningKeys(join(dir, 'keys'), clock),
    signInFailures: new SignInFailures({ db, clock, refusals, limit: config.rateLimits['sign-in'] }),
    installation: { id: installation.id, apiUrl: 'http://127.0.0.1:8400', gatewayUrl: 'http://127.0.0.1:8480' },
  }
  return {
    async close(): Promise<void> {
      await refusals.close()
      await keyUses.close()
      await services.keyRefusals.close()
      await db.close()
      await rm(dir, { recursive: true, force: true })
    },
    dir,
    clock,
    services,
    setupToken: setup.token,
    /** Sets up and gives the first key. */
    async setUp(): Promise<{ accountId: string; key: ShownKey; caller: Caller }> {
      const input = { token: setup.token, email: 'owner@example.test', password: testPassword, origin: testOrigin }
      const { account, key } = await setUp(services, input)
      return { accountId: account.id, key, caller: await callerOf(key) }
    },
    callerOf,
    /** Makes a key as `caller`. */
    createKey: (caller: Caller, permissions: Permissions, more: Partial<CreateKeyInput> = {}): Promise<ShownKey> =>
      createKey(services, caller, { keyName: 'test', permissions, ...more }),
  }

  async function callerOf(key: Pick<ShownKey, 'JWT'>): Promise<Caller> {
    const verified = await verifyKey(services, { kind: 'jwt', token: key.JWT }, testOrigin)
    return { accountId: verified.accountId, granted: verified.granted, key: verified, origin: testOrigin }
  }
}

/** A clock that stands still until it is moved. */
export class TestClock {
  #now = Date.UTC(2026, 1, 1, 10)

  now(): number {
    return this.#now
  }

  /** Moves the time on, or back. */
  move(ms: number): void {
    this.#now += ms
  }
}

/** An object of an answer, as far as tests look into it. */
export type Row = Readonly<Record<string, string>>

/** A key as its two headers. */
export function pairOf(key: ShownKey) {
  return { kind: 'pair', publicPart: key.pinata_api_key, secret: key.pinata_api_secret } as const
}

/** A key as its JWT. */
export function jwtOf(key: ShownKey) {
  return { kind: 'jwt', token: key.JWT } as const
}
