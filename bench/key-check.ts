// What checking a key costs in CPU, cached and the first time, beside a bare RS256 verification: `node bench/key-check.ts`.
import { verify } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openInstallation } from '../packages/server/src/accounts/installation.ts'
import { insertAccount } from '../packages/server/src/accounts/queries.ts'
import { openDatabase } from '../packages/server/src/db/database.ts'
import { keepKey, makeKey } from '../packages/server/src/keys/create-key.ts'
import { KeyRefusals } from '../packages/server/src/keys/key-refusals.ts'
import { Refusals } from '../packages/server/src/accounts/refusals.ts'
import { KeyCache } from '../packages/server/src/keys/key-cache.ts'
import { openSigningKeys } from '../packages/server/src/keys/signing-keys.ts'
import { verifyKey } from '../packages/server/src/keys/verify-key.ts'
import { systemClock as clock } from '../packages/server/src/lib/clock.ts'
import { createIdSource } from '../packages/server/src/lib/ids.ts'
import { openLog } from '../packages/server/src/lib/log.ts'

const keys = 1_000
const rounds = 5
const newId = createIdSource(clock)
const dir = await mkdtemp(join(tmpdir(), 'pinyon-bench-'))
const db = await openDatabase({ kind: 'sqlite', file: join(dir, 'pinyon.db') }, { clock })

try {
  const { id } = await openInstallation(db, { newId, clock })
  const log = openLog({ level: 'error', readable: false })
  const refusals = new Refusals({ db, newId, clock, log })
  const installation = { id, apiUrl: '', gatewayUrl: '' }
  const services = {
    db,
    clock,
    newId,
    installation,
    signingKeys: await openSigningKeys(join(dir, 'keys'), clock),
    refusals,
    keyRefusals: new KeyRefusals({ db, log, clock }),
  }
  const account = { id: newId(), name: 'bench', email: 'bench@example.test', created_at: clock.now() }
  const rest = { disabled_at: null, quota_bytes: null, public_content: 'allowed' }
  await db.write((tx) => insertAccount(tx, { ...account, ...rest }))
  const granted = { admin: true, operator: false, resources: [], scopes: [] }
  const made = await Promise.all(
    Array.from({ length: keys }, async () => {
      const by = { createdByUser: null, createdByKey: null }
      const key = await makeKey(services, { account, name: 'bench', granted, maxUses: null, expiresAt: null, ...by })
      const actor = { kind: 'machine', id: null } as const
      await db.write((tx) => keepKey(tx, key, { id: newId(), at: clock.now(), accountId: account.id, actor }))
      return key.shown
    }),
  )

  const { kid } = services.signingKeys.current
  const publicKey = await services.signingKeys.findPublicKey(kid)
  if (publicKey === undefined) throw new Error('the signing key verifies')
  const parts = made.map(({ JWT }) => {
    const at = JWT.lastIndexOf('.')
    return { signed: Buffer.from(JWT.slice(0, at)), signature: Buffer.from(JWT.slice(at + 1), 'base64url') }
  })
  const bare = () => {
    for (const { signed, signature } of parts) verify('sha256', signed, publicKey, signature)
  }
  const origin = { requestId: 'bench', address: null, agent: null }
  const check = (presented: (key: (typeof made)[number]) => Parameters<typeof verifyKey>[1]) => {
    const keyCache = new KeyCache({ db })
    return async () => {
      for (const key of made) await verifyKey({ ...services, keyCache }, presented(key), origin)
    }
  }
  const jwt = (key: (typeof made)[number]) => ({ kind: 'jwt', token: key.JWT }) as const
  const pair = (key: (typeof made)[number]) =>
    ({ kind: 'pair', publicPart: key.pinata_api_key, secret: key.pinata_api_secret }) as const

  await report('bare RS256 verify (node:crypto)', bare)
  await report('first check of a JWT', () => {
    services.signingKeys.verified.clear()
    return check(jwt)()
  })
  await report('first check of a key pair', () => check(pair)())
  const warmJwt = check(jwt)
  await report('cached check of a JWT', warmJwt, 20)
  const warmPair = check(pair)
  await report('cached check of a key pair', warmPair, 20)
} finally {
  await db.close()
  await rm(dir, { recursive: true, force: true })
}

/** CPU of all threads and time per check: the median of some rounds over all keys. */
async function report(what: string, run: () => Promise<void> | void, times = 1): Promise<void> {
  await run()
  const results: { cpu: number; time: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const cpu = process.cpuUsage()
    const began = performance.now()
    for (let i = 0; i < times; i++) await run()
    const { user, system } = process.cpuUsage(cpu)
    const checks = keys * times
    results.push({ cpu: (user + system) / checks, time: ((performance.now() - began) * 1000) / checks })
  }
  const { cpu, time } = results.sort((a, b) => a.cpu - b.cpu)[Math.floor(rounds / 2)]! // rounds > 0
  console.log(`${what.padEnd(34)} ${cpu.toFixed(1).padStart(7)} us CPU ${time.toFixed(1).padStart(7)} us`)
}
